#!/usr/bin/env python3
"""Scenarios on the learner port and with members that are ended, against Java servers and our own
voter; and what `zkprobe check` tells when a server dies or somebody interrupts."""
import os
import pathlib
import signal
import tempfile
import unittest
import xml.etree.ElementTree

import seats
import support
from support import Ensemble, records, start_zkprobe, zkprobe

MEMBERS = ["better_vote_adopted", "higher_round_adopted", "leader_has_not_spoken",
           "leader_out_of_view", "lost_message"]
FOLLOWER = ["follower_cut", "follower_diff", "follower_epochs", "follower_late_commit",
            "follower_snap"]
# Server 3 leads, sends transactions of two epochs, the last of them committed behind NEWLEADER, and when
# it is left for that the same again.
TWICE = """\
title  a DIFF of two epochs comes twice
class  destructive
begins alone
needs  following
m listen learner of=3
server expect answer state=LOOKING round=1 within=30s
a dial
a greet v1 id=2
b dial
b greet v1 id=3
a vote FOLLOWING leader=3 zxid=0 round=seen epoch=1
b vote LEADING leader=3 zxid=0 round=seen epoch=1
m expect learner within=10s
m expect packet FOLLOWERINFO
m send LEADERINFO epoch=2
m expect packet ACKEPOCH zxid=0
m send DIFF zxid=1:1
m send PROPOSAL zxid=1:1 session=0x3000000000000001
m send COMMIT zxid=1:1
m send PROPOSAL zxid=2:1 session=0x3000000000000002
m send NEWLEADER epoch=2
m expect packet ACK zxid=2:0 within=10s
a drain 100ms
m send COMMIT zxid=2:1
m drain 500ms
m expect closed within=10s
a expect vote state=LOOKING within=20s
a vote FOLLOWING leader=3 zxid=0 round=seen epoch=1
b vote LEADING leader=3 zxid=0 round=seen epoch=1
m expect learner within=15s
m expect packet FOLLOWERINFO epoch=2
m send LEADERINFO epoch=2
m expect packet ACKEPOCH zxid=0 epoch=-1
m send DIFF zxid=2:1
m send PROPOSAL zxid=1:1 session=0x3000000000000001
m send COMMIT zxid=1:1
m send PROPOSAL zxid=2:1 session=0x3000000000000002
m send COMMIT zxid=2:1
m send NEWLEADER epoch=2
m expect packet ACK zxid=2:0 within=10s
"""


def check(ensemble, sid, *arguments, code=0):
    """The checks of a server of an ensemble's folder by name, and the totals."""
    server = ensemble.servers[sid]
    result = zkprobe("check", "--json", "--ensemble", ensemble.directory, server["election"],
                     "--release", server["release"], *arguments, check=code, timeout=400)
    *checks, totals = records(result.stdout)
    return {one["id"]: one for one in checks}, totals


def patterns(*names):
    return [word for name in names for word in ("--only", name)]


class Java(unittest.TestCase):
    def assert_passes(self, checks, count):
        self.assertEqual({name: one for name, one in checks.items() if one["result"] != "pass"}, {})
        self.assertGreaterEqual(len(checks), count)

    def test_a_leader_serves_strangers_as_each_release_does(self):
        # The oldest and the newest. Those between pass as well, and take a minute more.
        for release in (support.RELEASES[0], support.RELEASES[-1]):
            with self.subTest(release=release), Ensemble(release, voters=3) as ensemble:
                checks, _ = check(ensemble, ensemble.wait_leader(), *patterns("learner_*"))
                self.assert_passes(checks, 6)

    def test_what_is_the_leaders_is_not_asked_of_a_follower(self):
        with Ensemble("3.9", voters=3) as ensemble:
            leader = ensemble.wait_leader()
            follower = next(sid for sid in ensemble.servers if sid != leader)
            checks, totals = check(ensemble, follower, *patterns("learner_*"))
            self.assertEqual(totals["skipped"], len(checks))
            for one in checks.values():
                self.assertIn("not applicable: its learner port", one["observed"])

    def test_a_lone_server_leads_and_follows_scripted_members(self):
        for release in ("3.4.14", "3.9"):
            with self.subTest(release=release), \
                    Ensemble(release, "--only", 1, "--no-wait", voters=3) as ensemble:
                checks, _ = check(ensemble, 1, *patterns("leader_dialogue", "leader_observers*",
                                                         "leader_sync*", "follower_*"))
                self.assert_passes(checks, 7)

    def test_what_a_follower_of_3_8_logs_twice_is_read_once(self):
        """It leaves a leader whose commit comes behind NEWLEADER, with a DIFF in its log that it does
        not know of when it comes back (ZOOKEEPER-4394)."""
        with Ensemble("3.8", "--only", 1, "--no-wait", voters=3) as ensemble, \
                tempfile.TemporaryDirectory() as folder:
            story = pathlib.Path(folder, "twice.txt")
            story.write_text(TWICE)
            checks, _ = check(ensemble, 1, "--scenario", story)
            self.assertEqual(checks["twice"]["result"], "pass", checks["twice"])
            ensemble.stop(1)
            for snapshot in ensemble.data(1).glob("snapshot.2*"):
                snapshot.unlink()
            told = zkprobe("tree", "--json", "--digest", ensemble.data(1).parent)
            self.assertEqual(records(told.stdout)[-1]["zxid"], "0x200000001")
            self.assertIn("0x100000001 and what follows is there already, and passed over",
                          told.stderr)
            ensemble.start(1, wait=False)
            checks, _ = check(ensemble, 1, *patterns("follower_late_commit"))
            self.assertEqual(checks["follower_late_commit"]["result"], "known_defect",
                             checks["follower_late_commit"])

    def test_members_are_ended_and_come_back(self):
        with Ensemble("3.9", voters=3) as ensemble:
            checks, _ = check(ensemble, 1, *patterns("leader_killed", "black_hole"))
            self.assert_passes(checks, 2)
            ensemble.wait_leader()


class Endings(unittest.TestCase):
    """A server that dies in the middle, and SIGINT."""

    LONG = "title  it lasts\nclass  {}\na dial\na greet bare id=stranger\na expect open for={}\n"

    def scenario(self, folder, name, text):
        path = pathlib.Path(folder, name + ".txt")
        path.write_text(text)
        return ["--scenario", path]

    def test_a_server_that_dies_fails_its_scenario_with_its_log_and_the_rest_goes_on(self):
        with Ensemble("3.9", "--only", 1, "--no-wait", voters=3) as ensemble, \
                tempfile.TemporaryDirectory() as folder:
            server = ensemble.servers[1]
            junit = pathlib.Path(folder, "junit.xml")
            answer = "title t\nclass safe\nserver expect answer within=30s\n"
            files = self.scenario(folder, "before", answer) + \
                self.scenario(folder, "lasting", self.LONG.format("safe", "60s")) + \
                self.scenario(folder, "next", answer)
            with start_zkprobe("check", "--json", "--ensemble", ensemble.directory, "--junit", junit,
                               server["election"], "--release", server["release"],
                               *files) as running:
                running.wait_for(lambda r: r.get("id") == "before", 60, "the first result")
                ensemble.kill(1)
                died = running.wait_for(lambda r: r.get("id") == "lasting", 30, "its result")
                self.assertEqual(died["result"], "fail")
                self.assertIn("the server has died", died["observed"])
                self.assertTrue(any("INFO" in line for line in died["log"]), died)
                later = running.wait_for(lambda r: r.get("id") == "next", 60, "the next")
                self.assertEqual(later["result"], "pass", later)
                running.wait_for(lambda r: "passed" in r, 30, "the totals")
                self.assertEqual(running.process.wait(30), 1)
            failure, = xml.etree.ElementTree.parse(junit).iter("failure")
            self.assertIn("INFO", failure.text)

    def test_an_interrupted_run_tells_what_is_known(self):
        with start_zkprobe("ensemble", "--voters", 3, "--json") as ensemble, \
                tempfile.TemporaryDirectory() as folder:
            first = ensemble.wait_for(lambda r: r.get("event") == "members", 20, "the addresses")
            address = first["servers"][0]["election"]
            junit = pathlib.Path(folder, "junit.xml")
            files = self.scenario(folder, "short", "title t\nclass safe\nserver expect answer\n") + \
                self.scenario(folder, "lasting", self.LONG.format("safe", "60s"))
            with start_zkprobe("check", "--json", "--junit", junit, address, "--release", "3.9",
                               *files) as running:
                running.wait_for(lambda r: r.get("id") == "short", 30, "the first result")
                running.process.send_signal(signal.SIGINT)
                totals = running.wait_for(lambda r: "passed" in r, 10, "the totals")
                self.assertEqual(totals["passed"], 1)
                self.assertEqual(running.process.wait(10), 1)
            self.assertEqual(len(list(xml.etree.ElementTree.parse(junit).iter("testcase"))), 1)

    def test_a_mistake_in_a_file_is_told_with_its_line(self):
        with tempfile.TemporaryDirectory() as folder:
            file = self.scenario(folder, "wrong", "title t\n\na jump\n")
            self.assertIn("wrong.txt:3: expected one of", zkprobe("check", "h", *file, check=2).stderr)


class Ours(unittest.TestCase):
    """Our own voter on a seat of an ensemble in which nobody else runs."""

    def seats(self):
        return Ensemble("3.9", "--seat-free", "1,2,3", "--no-wait", voters=3)

    def assert_passes(self, ensemble, name, start):
        with start() as seat:
            seat.wait_for(lambda r: r.get("event") == "report", 20, "it looks for a leader")
            checks, _ = check(ensemble, 1, *patterns(name))
            self.assertEqual(checks[name]["result"], "pass", checks[name])

    def test_an_electable_seat_elects_as_it_should(self):
        with self.seats() as ensemble:
            for name in MEMBERS:
                with self.subTest(name=name):
                    self.assert_passes(ensemble, name, lambda: seats.electable(ensemble, 1))

    def test_a_voter_follows_a_scripted_leader_step_by_step(self):
        for name in FOLLOWER:
            with self.subTest(name=name), self.seats() as ensemble:
                data = ensemble.data(1).parent
                (data / "initialize").touch()
                self.assert_passes(ensemble, name, lambda: start_zkprobe(
                    "join", "--json", "--config", seats.config_of(ensemble, 1), "--ensemble",
                    ensemble.directory))

    def test_what_a_seat_does_not_do_is_not_applicable(self):
        with self.seats() as ensemble, seats.join(ensemble, 1) as seat:
            seat.wait_for(lambda r: r.get("event") == "report", 20, "it looks for a leader")
            checks, totals = check(ensemble, 1, *patterns("leader_dialogue", "lost_message"))
            self.assertEqual(totals["skipped"], 2, checks)


if __name__ == "__main__":
    os.environ.setdefault("PYTHONDONTWRITEBYTECODE", "1")
    support.main()
