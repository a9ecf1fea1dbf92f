#!/usr/bin/env python3
"""A captured peer played against real servers (`zkprobe replay --target`): servers of the capture's
release answer as in the capture, others differ where their releases differ, and nothing is played
that could do harm to an ensemble that is not ours.
"""
import pathlib
import unittest

import support
from support import Ensemble, free_port, records, wait_until, zkprobe

PCAP = support.ROOT / "fixtures" / "pcap"
ASKER = 9223372036854741611
FAST = ["--set", "tickTime=500"]


def capture(name):
    return PCAP / f"{name}.pcap"


def state(ensemble, sid):
    """What the server says: its record of `zkprobe status`."""
    return records(zkprobe("status", "--json", ensemble.election(sid)).stdout)[0]


def looking(ensemble, sid):
    """Waits until it looks: who followed a leader that was only played gives up after seconds."""
    wait_until(lambda: state(ensemble, sid).get("state") == "LOOKING", 30, f"server {sid} looks")


def replay(name, ensemble, sid, *options, check):
    """Against server `sid`: the records, as "event result", and all of them."""
    result = zkprobe("replay", capture(name), "--target", ensemble.election(sid), "--json",
                     *options, check=check)
    found = records(result.stdout)
    return [f"{r['event']} {r['result']}" for r in found if "result" in r], found


class Alone(unittest.TestCase):
    """One server of three, which looks, and its two seats free."""

    def test_servers_of_the_same_release_agree_from_a_larger_id(self):
        for release, name in (("3.4.14", "3.4.13-a-cold"), ("3.9", "3.9.3-a-cold")):
            with self.subTest(release), Ensemble(release, "--only", "1", "--no-wait", *FAST) as java:
                ours = ["--as", 3, "--ensemble", java.directory]
                for speed in ([], ["--fast"]):
                    looking(java, 1)
                    results, found = replay(name, java, 1, *ours, *speed, check=0)
                    self.assertEqual(found[-1]["differ"], 0)
                    self.assertIn("answer agrees", results)
                    self.assertEqual(results[-1], "decision agrees")
                # The second time the server stood in a later round.
                self.assertNotEqual(found[0]["live"]["election_epoch"],
                                    found[0]["captured"]["election_epoch"])

    def test_servers_of_the_same_release_agree_from_a_smaller_id(self):
        """Which is dialled back: where its configuration says, or where the greeting does."""
        for release, name in (("3.4.14", "3.4.13-a-cold"), ("3.9", "3.9.3-a-cold")):
            with self.subTest(release), Ensemble(release, "--only", "3", "--no-wait", *FAST) as java:
                looking(java, 3)
                results, found = replay(name, java, 3, "--as", 1, "--ensemble", java.directory,
                                        check=0)
                self.assertEqual(results[-1], "decision agrees")
                self.assertIn("answer agrees", results)
                self.assertEqual(found[-1]["differ"], 0)

    def test_a_capture_of_another_generation_differs_in_the_format(self):
        with Ensemble("3.9", "--only", "1", "--no-wait", *FAST) as java:
            looking(java, 1)
            _, found = replay("3.4.13-a-cold", java, 1, "--as", 3, "--ensemble", java.directory,
                              check=1)
            fields = [f for r in found for f in r.get("fields", []) if r.get("result") == "differs"]
            self.assertEqual({(f["field"], f["captured"], f["live"]) for f in fields},
                             {("format", "40", "v2")})
            # What it told stands in words, too.
            looking(java, 1)
            text = zkprobe("replay", capture("3.4.13-a-cold"), "--target", java.election(1), "--as",
                           3, "--ensemble", java.directory, check=1).stdout
            self.assertIn("format: 40 in the capture, v2 now", text)


class Serving(unittest.TestCase):
    """Three servers that serve: a stranger changes nothing, a member is played in a folder alone."""

    def test_questions_of_a_capture_are_answered_as_they_were(self):
        with Ensemble("3.4.14", *FAST) as java:
            leader = java.wait_leader()
            before = state(java, leader)
            _, found = replay("outages/asked", java, leader, "--as", ASKER, "--target-as", 2,
                              check=0)
            self.assertFalse(found[0]["listed"])
            self.assertEqual(found[-1]["differ"], 0)
            self.assertEqual(state(java, leader)["leader"], before["leader"])
            # Who is a member cannot be told from the votes of 3.4.
            refused = zkprobe("replay", capture("3.4.13-a-cold"), "--target", java.election(1),
                              "--as", 3, check=2)
            self.assertIn("needs --ensemble DIR", refused.stderr)

    def test_what_could_do_harm_is_refused_before_it_is_played(self):
        with Ensemble("3.9", *FAST) as java:
            leader = java.wait_leader()
            other = next(sid for sid in java.servers if sid != leader)
            cold, target = capture("3.9.3-a-cold"), java.election(leader)
            for options, why in (
                    (["--as", other], "is a member of the target's ensemble"),
                    (["--as", leader, "--server", other, "--ensemble", java.directory],
                     "is the target's own id"),
                    (["--as", 0, "--server", other], "smaller than member 3"),
                    (["--as", (1 << 63) - 1, "--server", other], "is no server's id"),
                    (["--as", other, "--ensemble", java.directory + "-none"], "cannot be read"),
                    (["--as", 8], "no votes between server 8"),
                    (["--as", other, "--election", 9], "election 9 of 1")):
                with self.subTest(why):
                    result = zkprobe("replay", cold, "--target", target, *options, check=2)
                    self.assertIn(why, result.stderr)
                    self.assertEqual(result.stdout, "")
            with Ensemble("3.9", "--only", "1", "--no-wait") as foreign:
                result = zkprobe("replay", cold, "--target", target, "--as", other, "--ensemble",
                                 foreign.directory, check=2)
                self.assertIn("does not record", result.stderr)

            # A stranger with the votes of server 3: answered, counted by nobody.
            _, found = replay("3.9.3-a-cold", java, leader, "--as", 77, "--server",
                              other, check=1)
            self.assertEqual({r["vote"]["format"] for r in found if r.get("event") == "sent"},
                             {"40"})
            self.assertEqual(java.leader(), leader)
            self.assertTrue(all(java.role(sid) for sid in java.servers), "all serve")

            # A member that runs loses its link, and the ensemble goes on.
            # A server that serves is in another state than the one of the capture.
            _, found = replay("3.9.3-a-cold", java, leader, "--as", other, "--ensemble",
                              java.directory, check=1)
            self.assertIn("LEADING", [r["live"]["state"] for r in found
                                      if r.get("result") == "differs" and "live" in r])
            self.assertEqual(java.leader(), leader)
            self.assertTrue(all(java.role(sid) for sid in java.servers), "all serve")

    def test_nobody_there_is_exit_code_three(self):
        result = zkprobe("replay", capture("3.9.3-a-cold"), "--target", f"127.0.0.1:{free_port()}",
                         "--as", 3, check=3)
        self.assertIn("Connection refused", result.stderr)
        self.assertEqual(zkprobe("replay", capture("3.9.3-a-cold"), "--as", 3).returncode, 2)


if __name__ == "__main__":
    support.main()
