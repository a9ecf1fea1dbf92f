#!/usr/bin/env python3
"""`zkprobe audit` against real Java servers: healthy, broken in the ways that operators meet, and
seen from several hosts."""
import contextlib
import pathlib
import re
import socket
import tempfile
import unittest

import support
from fakes import FakeServer, LEADING, answers
from support import Ensemble, records, wait_until, zkprobe

ASKER = "9223372036854741611"


def audit(*arguments, check=None):
    """The records by kind, and the findings that count by id."""
    result = zkprobe("audit", "--json", *arguments, check=check)
    found = {}
    for record in records(result.stdout):
        found.setdefault(record["record"], []).append(record)
    findings = {one["id"]: one for one in found["finding"] if one["severity"] != "normal"}
    return found, findings


def edit(path, change):
    text = pathlib.Path(path).read_text()
    changed = change(text)
    assert changed != text, f"{path} holds nothing to change"
    pathlib.Path(path).write_text(changed)


class Healthy(unittest.TestCase):
    """Nothing is found, in no generation; a stranger's dial-back test shows each server's id."""

    def test_every_generation(self):
        for release in support.RELEASES:
            with self.subTest(release=release), Ensemble(release, voters=3, observers=1) as ensemble:
                seeds = ensemble.elections() if release == "3.4.14" else [ensemble.election(1)]
                # Nobody can ask 3.4 to call.
                untested = {"directions_untested"} if release == "3.4.14" else set()
                found, findings = audit(*seeds, "--directions", check=1 if untested else 0)
                self.assertEqual(set(findings), untested)
                self.assertEqual(found["verdict"][0]["answered"], 4)
                self.assertEqual(found["verdict"][0]["healthy"], not untested)
                self.check_directions(release, found["address"], ensemble)
                text = zkprobe("audit", *seeds, check=0).stdout
                self.assertIn("4 of 4 servers answered; the ensemble is healthy.", text)
                if release == "3.4.14":
                    follower = next(sid for sid in (1, 2, 3) if sid != ensemble.leader())
                    _, findings = audit(ensemble.election(follower), check=1)
                    self.assertEqual(set(findings), {"leader_not_asked"})
                    continue
                # One port for all: the servers are asked one after the other.
                found, _ = audit(*seeds, "--directions", "--listen",
                                 f"127.0.0.1:{support.free_port()}", check=0)
                self.check_directions(release, found["address"], ensemble)

    def check_directions(self, release, addresses, ensemble):
        for record in addresses:
            sid = next(sid for sid, server in ensemble.servers.items()
                       if server["election"] == record["address"])
            back = record["dial_back"]
            if release == "3.4.14":
                self.assertEqual(back["outcome"], "untestable")
                continue
            self.assertEqual((back["outcome"], back["sid"]), ("came", sid))
            self.assertEqual(back["announced"], [record["address"]])
            self.assertEqual(record["learner_port"]["open"], record["state"] == "LEADING")

    def test_an_audit_leaves_what_a_question_leaves(self):
        with Ensemble("3.9", voters=3) as ensemble:
            config = pathlib.Path(ensemble.servers[1]["config"]).read_text()
            for _ in range(3):
                audit(ensemble.election(1), check=0)
            self.assertNotIn(f"-{ASKER}", ensemble.log_text(1), "only --directions uses this id")
            self.assertEqual(config, pathlib.Path(ensemble.servers[1]["config"]).read_text())
            leader = ensemble.leader()
            audit(ensemble.election(1), "--directions", check=0)
            self.assertIn(f"-{ASKER}", ensemble.log_text(1))
            self.assertEqual(ensemble.leader(), leader)


class Broken(unittest.TestCase):
    def test_1_one_member_down_and_one_that_is_stopped(self):
        with Ensemble("3.9", voters=3, observers=1) as ensemble:
            follower, other = [sid for sid in (1, 2, 3) if sid != ensemble.leader()]
            ensemble.kill(follower)
            ensemble.pause(4)
            found, findings = audit(ensemble.election(other), "--timeout", "1s", check=1)
            self.assertEqual(set(findings), {"server_down", "server_mute", "no_reserve"})
            self.assertEqual(findings["server_down"]["servers"], [follower])
            self.assertEqual(findings["server_mute"]["servers"], [4])
            self.assertEqual(found["verdict"][0]["answered"], 2)
            ensemble.resume(4)
            ensemble.kill(ensemble.leader())
            wait_until(lambda: "no_leader" in audit(ensemble.election(other))[1], 30,
                       "the last voter looks for a leader")
            _, findings = audit(ensemble.election(other), check=1)
            self.assertIn("1 of 3 voters answer, which is no quorum", findings["no_leader"]["detail"])

    def test_1_one_member_down_and_one_a_black_hole(self):
        with Ensemble("3.9", voters=5) as ensemble, contextlib.ExitStack() as queue:
            down, hole, other, *_ = [sid for sid in range(1, 6) if sid != ensemble.leader()]
            ensemble.kill(down)
            ensemble.pause(hole)
            # What a stopped server does not accept fills its queue; no connection comes about then.
            host, port = ensemble.election(hole).rsplit(":", 1)
            for _ in range(200):
                waiting = queue.enter_context(socket.socket())
                waiting.setblocking(False)
                waiting.connect_ex((host, int(port)))
            found, findings = audit(ensemble.election(other), "--timeout", "2s", check=1)
            ensemble.resume(hole)
            self.assertEqual(set(findings), {"server_down", "black_hole", "no_reserve"})
            self.assertEqual(findings["server_down"]["servers"], [down])
            self.assertEqual(findings["black_hole"]["servers"], [hole])
            self.assertEqual(found["verdict"][0]["answered"], 3)

    def test_2_a_wildcard_address(self):
        """P5: one server has 0.0.0.0 for itself, as container images once wrote it."""
        with Ensemble("3.9", "--only", "1,2", "--no-wait", voters=3) as ensemble:
            path = pathlib.Path(ensemble.servers[3]["config"])
            edit(path, lambda text: re.sub(r"(?m)^server\.3=127\.0\.0\.1", "server.3=0.0.0.0", text))
            ensemble.start(3)
            _, findings = audit(ensemble.election(3), check=1)
            self.assertEqual(findings["wildcard_address"]["servers"], [3])
            self.assertEqual(set(findings), {"wildcard_address", "configurations_differ"})
            _, findings = audit(ensemble.election(3), "--directions", check=1)
            greeting = findings["greets_with_unusable_address"]
            self.assertEqual(greeting["servers"], [3])
            self.assertIn("0.0.0.0", greeting["title"])

    def test_3_configurations_that_differ(self):
        """P12: one server has been told of a fourth one."""
        with Ensemble("3.8", "--only", "2,3", "--no-wait", voters=3) as ensemble:
            port, spare = support.free_port(), support.free_port()
            edit(ensemble.servers[1]["config"],
                 lambda text: text + f"\nserver.4=127.0.0.1:{port}:{spare}\n")
            # By its list two votes of four are no quorum: it never joins the two that serve.
            ensemble.start(1, wait=False)
            seeds = [ensemble.election(1), ensemble.election(2)]
            wait_until(lambda: "server_looking" in audit(*seeds)[1], 30, "server 1 looks")
            _, findings = audit(ensemble.election(2), check=1)
            self.assertEqual(set(findings), {"configurations_differ", "server_down",
                                             "server_looking", "no_reserve"})
            self.assertEqual(findings["server_looking"]["servers"], [1])
            self.assertEqual(findings["server_down"]["servers"], [4])
            proof = "\n".join(findings["configurations_differ"]["evidence"])
            self.assertIn(f"server.4 is 127.0.0.1:{port}:{spare}:participant for server 1", proof)
            self.assertIn("server.4 is no member for", proof)

    def test_4_two_leaders(self):
        """P12: two ensembles that share an id and name each other."""
        with Ensemble("3.9", "--only", "1,2", "--no-wait", voters=3) as one, \
                Ensemble("3.9", "--only", "1,2", "--no-wait", voters=3) as two:
            # Each knows the other's server 1 as its observer 9; server 3 has one id in both.
            for ours, theirs in ((one, two), (two, one)):
                host, port = theirs.election(1).rsplit(":", 1)
                learner = theirs.servers[1]["quorum"].rsplit(":", 1)[1]
                line = f"\nserver.9={host}:{learner}:{port}:observer\n"
                for sid in (1, 2):
                    ours.kill(sid)
                    edit(ours.servers[sid]["config"], lambda text, line=line: text + line)
                    ours.start(sid, wait=False)
            for ensemble in (one, two):
                ensemble.wait_leader()
            _, findings = audit(one.election(1), check=1)
            self.assertIn("two_leaders", findings)
            self.assertEqual(len([proof for proof in findings["two_leaders"]["evidence"]
                                  if "LEADING" in proof]), 2)
            self.assertIn("configurations_differ", findings)
            self.assertIn("id_at_two_addresses", findings)
            self.assertIn("duplicate_id", findings)

    def test_5_a_rolling_upgrade_half_way(self):
        with Ensemble("3.4.14,3.9,3.9", voters=3) as ensemble:
            _, findings = audit(ensemble.election(2), check=1)
            self.assertEqual(set(findings), {"mixed_releases"})


class Ports(unittest.TestCase):
    """Without Java: what an address may be instead of a server, and runs of several hosts."""

    def test_nobody_answers(self):
        found, findings = audit(f"127.0.0.1:{support.free_port()}", check=3)
        self.assertEqual(set(findings), {"server_down"})
        self.assertFalse(found["verdict"][0]["healthy"])

    def test_runs_of_several_hosts_are_joined(self):
        with FakeServer() as silent, tempfile.TemporaryDirectory() as folder:
            host, port = silent.address.rsplit(":", 1)
            with contextlib.ExitStack() as stack:
                own = support.free_port()
                config = (f"server.1=127.0.0.1:{own}:{{}}:participant\n"
                          f"server.2={host}:{own}:{port}:participant\nversion=0")
                # The configuration names the port that the fake gets.
                holder = []
                fake = stack.enter_context(
                    FakeServer(lambda link: answers(LEADING, 1, holder[0])(link)))
                holder.append(config.format(fake.address.rsplit(":", 1)[1]))
                first = zkprobe("audit", fake.address, "--json", "--timeout", "500ms", "--here", "zk1",
                                check=1).stdout
            # Another host that reaches server 2: the same run, with the answer that it got.
            reached = first.replace('"host":"zk1"', '"host":"zk2"')
            lines = reached.splitlines()
            one = next(i for i, line in enumerate(lines) if '"reachable":true' in line)
            two = next(i for i, line in enumerate(lines) if '"silence":"mute"' in line)
            lines[two] = (lines[one].replace(f'"address":"{fake.address}"',
                                             f'"address":"{silent.address}"', 1)
                          .replace(f'"remote":"{fake.address}"', f'"remote":"{silent.address}"')
                          .replace("LEADING", "FOLLOWING"))
            paths = [pathlib.Path(folder, name) for name in ("one", "two")]
            paths[0].write_text(first)
            # On loopback one name is one machine only under one host's name.
            paths[1].write_text("\n".join(lines).replace('"zk2"', '"zk1"'))
            _, findings = audit("--merge", *paths, check=1)
            self.assertIn("partial_partition", findings)
            text = zkprobe("audit", "--merge", *paths, check=1).stdout
            self.assertIn("FROM \\ TO", text)

    def test_wrong_usage_and_files_that_are_no_runs(self):
        with tempfile.TemporaryDirectory() as folder, FakeServer() as taken:
            bad = pathlib.Path(folder, "bad")
            bad.write_text('{"record":"run"}\n')
            cut = pathlib.Path(folder, "cut")
            run = zkprobe("audit", f"127.0.0.1:{support.free_port()}", "--json", check=3).stdout
            cut.write_text("".join(line for line in run.splitlines(keepends=True)
                                   if '"record":"verdict"' not in line))
            for arguments, words in (
                    ([], "expected ADDRESS or --merge"),
                    (["--merge", bad], f"{bad}:1: expected a text as host"),
                    (["--merge", folder + "/none"], "cannot be read"),
                    (["--merge", bad, "--directions"], "--directions: expected ADDRESS"),
                    (["h", "--directions", "--listen", "no.such.name.invalid:1"],
                     "--listen: expected an address of this host"),
                    (["h", "--directions", "--listen", taken.address], "Address already in use"),
                    (["--merge", cut], f"{cut}: expected a whole run"),
                    (["h", "--listen", "a:1"], "--directions")):
                with self.subTest(arguments=arguments):
                    result = zkprobe("audit", *arguments, check=2)
                    self.assertEqual(result.stdout, "")
                    self.assertIn(words, result.stderr)
                    self.assertEqual(len(result.stderr.splitlines()), 1)


if __name__ == "__main__":
    support.main()
