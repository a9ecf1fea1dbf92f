#!/usr/bin/env python3
"""`zkprobe check` against a Java server of each generation, and against our own peer."""
import pathlib
import socket
import tempfile
import time
import unittest
import xml.etree.ElementTree

import support
from support import Ensemble, records, start_zkprobe, zkprobe

# What each release is known to do wrong, of what --intrusive asks.
DEFECTS = {"own_id", "silent_link", "greeting_in_pieces"}
LATER_DEFECTS = {"dial_out_to_strangers"}  # from 3.5 on
MEMBERS = ["better_vote_adopted", "higher_round_adopted", "leader_has_not_spoken",
           "leader_out_of_view", "lost_message"]


def check(*arguments, code=None):
    result = zkprobe("check", "--json", *arguments, check=code, timeout=180)
    *checks, totals = records(result.stdout)
    return {one["id"]: one for one in checks}, totals


def by_result(checks, result):
    return {name for name, one in checks.items() if one["result"] == result}


class Releases(unittest.TestCase):
    def test_each_generation_shows_what_is_known_of_it(self):
        for release in support.RELEASES:
            with self.subTest(release=release), Ensemble(release, voters=3) as ensemble:
                server = ensemble.servers[1]
                known = ["--client", server["client"], "--sid", 1]
                with tempfile.TemporaryDirectory() as folder:
                    junit = pathlib.Path(folder, "junit.xml")
                    checks, totals = check(server["election"], *known, "--intrusive", "--junit",
                                           junit, code=0)
                    suite, = xml.etree.ElementTree.parse(junit).getroot()
                    self.assertEqual(len(suite), len(checks))
                    self.assertEqual(suite.get("failures"), "0")
                self.assertEqual(by_result(checks, "fail"), set())
                defects = DEFECTS if release == "3.4.14" else DEFECTS | LATER_DEFECTS
                self.assertEqual(by_result(checks, "known_defect"), defects)
                self.assertEqual({one["release"] for one in checks.values()}, {server["release"]})
                self.assertEqual(totals["known_defects"], len(defects))
                self.assertTrue(ensemble.role(1), "it serves as before")

    def test_without_srvr_what_depends_on_the_release_is_skipped(self):
        with Ensemble("3.9", "--set", "4lw.commands.whitelist=ruok", voters=3) as ensemble:
            checks, _ = check(ensemble.election(1), "--only", "*vote*", code=0)
            self.assertEqual({one["release"] for one in checks.values()}, {"3.6.0-"})
            self.assertEqual(checks["vote_28_bytes"]["result"], "pass")
            self.assertEqual(checks["vote_query"]["result"], "pass")


class Members(unittest.TestCase):
    """Scenarios that play members need a server of their own, alone and fresh."""

    def test_a_lone_server_elects_as_it_should(self):
        for release in ("3.4.14", "3.9"):
            with Ensemble(release, "--only", 1, "--no-wait", voters=3) as ensemble:
                for name in MEMBERS:
                    with self.subTest(release=release, name=name):
                        checks, _ = check(ensemble.election(1), "--client",
                                          ensemble.servers[1]["client"], "--release", release,
                                          "--only", name, "--ensemble", ensemble.directory)
                        one = checks[name]
                        self.assertEqual(one["result"], "pass", one)
                    ensemble.wipe(1)
                    ensemble.start(1, wait=False)

    def test_a_server_that_is_not_of_the_folder_is_left_alone(self):
        with Ensemble("3.9", voters=1) as one, Ensemble("3.9", "--only", 1, "--no-wait",
                                                        voters=3) as other:
            result = zkprobe("check", "--ensemble", one.directory, other.election(1), "--only",
                             "lost_message", check=2)
            self.assertIn("is no server of", result.stderr)


class Ours(unittest.TestCase):
    """Without Java."""

    def test_our_own_peer_has_no_defect(self):
        with start_zkprobe("ensemble", "--voters", 3, "--json") as ensemble:
            first = ensemble.wait_for(lambda r: r.get("event") == "members", 20, "the addresses")
            address = first["servers"][0]["election"]
            checks, totals = check(address, "--intrusive", "--release", "3.9", code=0)
            skipped = by_result(checks, "skip")
            self.assertEqual(by_result(checks, "pass") | skipped, set(checks), checks)
            for name in skipped:
                self.assertIn("not applicable: its learner port", checks[name]["observed"])
            self.assertEqual(totals["known_defects"], 0)

            # However the address is spelled it is server 1, whose id is known.
            port = address.rsplit(":", 1)[1]
            checks, _ = check(f"localhost:{port}", "--intrusive", "--only", "own_id", code=0)
            self.assertEqual(checks["own_id"]["result"], "pass", checks)

            with tempfile.TemporaryDirectory() as folder:
                baseline = pathlib.Path(folder, "before.json")
                stored = zkprobe("check", "--json", "--release", "3.9", address, check=0).stdout
                baseline.write_text(stored)
                checks, _ = check(address, "--release", "3.9", "--baseline", baseline, code=0)
                self.assertEqual(checks, {}, "nothing changed")
                baseline.write_text(stored.replace('"result":"pass"', '"result":"fail"', 1))
                checks, _ = check(address, "--release", "3.9", "--baseline", baseline, code=0)
                self.assertEqual(len(checks), 1)

    def test_the_catalogue_is_listed(self):
        listed = records(zkprobe("check", "--list", "--json", check=0).stdout)
        self.assertGreaterEqual(len(listed), 20)
        for one in listed:
            self.assertTrue(one["why"] and one["title"] and one["covers"], one)
            self.assertEqual("learner-port" in one["needs"], one["id"].startswith("learner_"), one)
        self.assertIn("greeting_bare", zkprobe("check", "--list", check=0).stdout)

    def test_a_folder_whose_members_run_is_not_alone(self):
        with tempfile.TemporaryDirectory() as folder, \
                start_zkprobe("ensemble", "--voters", 3, "--json", "--dir", folder) as ensemble:
            first = ensemble.wait_for(lambda r: r.get("event") == "members", 20, "the addresses")
            for server, why in ((0, "the others must not run here"), (1, "played to server 1")):
                checks, _ = check(first["servers"][server]["election"], "--ensemble", folder,
                                  "--only", "better_vote_adopted", code=0)
                one = checks["better_vote_adopted"]
                self.assertEqual(one["result"], "skip", one)
                self.assertIn(why, one["observed"])

    def test_a_server_that_says_nothing_is_left_in_time_and_leaves_a_trace(self):
        with socket.socket() as mute, tempfile.TemporaryDirectory() as folder:
            mute.bind(("127.0.0.1", 0))
            mute.listen()
            began = time.monotonic()
            junit = pathlib.Path(folder, "junit.xml")
            result = zkprobe("check", "--json", "--timeout", "500ms", "--junit", junit,
                             f"127.0.0.1:{mute.getsockname()[1]}", check=3)
            self.assertLess(time.monotonic() - began, 3)
            one, totals = records(result.stdout)
            self.assertEqual((one["result"], one["observed"]), ("error", "no answer"))
            self.assertEqual(totals["failed"], 0)
            error, = xml.etree.ElementTree.parse(junit).iter("error")
            self.assertEqual(error.get("message"), "no answer")

    def test_what_is_missing_is_said(self):
        for arguments, said in (
                (["h", "--only", "own_id"], "own_id is intrusive: expected --intrusive"),
                (["h", "--only", "better_vote_adopted"], "is destructive: expected --ensemble DIR"),
                (["h", "--scenario", support.ROOT / "fixtures/scenario/own_id.txt"],
                 "own_id is intrusive: expected --intrusive"),
                (["h", "i", "--sid", 1], "are of one server: expected one ADDRESS, found 2"),
                (["h", "--scenario", "/"], "/: is a folder, expected a file"),
                (["h", "--baseline", "/"], "/: is a folder, expected a file")):
            with self.subTest(arguments=arguments):
                self.assertIn(said, zkprobe("check", *arguments, check=2).stderr)

    def test_nobody_answers_and_wrong_usage(self):
        self.assertIn("Connection refused",
                      zkprobe("check", f"127.0.0.1:{support.free_port()}", check=3).stderr)
        for arguments in ([], ["h", "--only", "nothing_like_it"], ["h", "--release", "9"],
                          ["h", "--baseline", "/none"], ["h", "--transcript", "/none/x"]):
            with self.subTest(arguments=arguments):
                result = zkprobe("check", *arguments, check=2)
                self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)


if __name__ == "__main__":
    support.main()
