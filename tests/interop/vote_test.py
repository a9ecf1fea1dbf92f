#!/usr/bin/env python3
"""zkprobe as a voter among real Java servers: every order of ids and starts, declining and
electable, in the form of each generation, and several zkprobe voters at once; and as an observer
whose seat a zoo.cfg names.
"""
import contextlib
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import support  # noqa: E402

FAST = ["--set", "tickTime=500"]


def config_of(ensemble, sid):
    return ensemble.servers[sid]["config"]


def join(ensemble, sid, *arguments):
    """A zkprobe voter in this seat, declining unless told otherwise."""
    return support.start_zkprobe("join", "--json", "--config", config_of(ensemble, sid),
                                 "--election-only", *arguments)


def electable(ensemble, sid, *arguments):
    return join(ensemble, sid, "--electable", "--ensemble", ensemble.directory, *arguments)


def is_state(record, state, leader=None):
    return (record.get("event") == "state" and record["to"] == state
            and leader in (None, record["leader"]))


def later(probe, predicate, after, what, timeout=30):
    """The first record from number `after` on that satisfies."""
    return support.wait_until(
        lambda: next((r for r in list(probe.records)[after:] if predicate(r)), None), timeout, what)


def settled(probe, leader, after=0):
    """Waits until zkprobe has heard `leader` say that it leads."""
    later(probe, lambda r: r.get("event") == "epoch" and r["leader"] == leader, after,
          f"zkprobe hears from leader {leader}")


def follows(probe, leader, after=0):
    """Waits for a change to FOLLOWING `leader`."""
    later(probe, lambda r: is_state(r, "FOLLOWING", leader), after, f"zkprobe follows {leader}")


def voters(ensemble, *free):
    """The ids at which Java servers sit."""
    return [sid for sid in sorted(ensemble.servers) if sid not in free]


class Declining(unittest.TestCase):
    """Two Java servers and zkprobe in each seat: the two serve, zkprobe follows their leader."""

    def joins_serving_ensemble(self, seat):
        with support.Ensemble("3.9", "--seat-free", seat, *FAST) as java:
            leader = java.wait_leader()
            with join(java, seat) as probe:
                settled(probe, leader)
                self.assertTrue(any(is_state(r, "FOLLOWING", leader) for r in probe.records))
                self.assertFalse(any(is_state(r, "LEADING") for r in probe.records))
                self.assertEqual(java.leader(), leader, "the leader goes on serving")
                self.leader_is_replaced(java, probe, seat, leader)
                self.assertEqual(probe.stop(), 0)

    def leader_is_replaced(self, java, probe, seat, leader):
        """With zkprobe's vote the other Java server is elected; it serves when the first is back."""
        other = next(sid for sid in voters(java, seat) if sid != leader)
        seen = len(probe.records)
        java.kill(leader)
        follows(probe, other, after=seen)
        java.start(leader)
        serving = java.wait_leader()
        self.assertIn(serving, voters(java, seat))
        settled(probe, serving, after=seen)

    def test_as_the_smallest_id(self):
        self.joins_serving_ensemble(1)

    def test_as_the_middle_id(self):
        self.joins_serving_ensemble(2)

    def test_as_the_largest_id(self):
        self.joins_serving_ensemble(3)

    def decides_with_the_first(self, seat):
        """One Java server that looks alone; with zkprobe there is a quorum for it; then the third
        comes, and the two serve."""
        first, second = [sid for sid in (1, 2, 3) if sid != seat]
        with support.Ensemble("3.9", "--seat-free", seat, "--only", first, "--no-wait",
                              *FAST) as java:
            with join(java, seat) as probe:
                follows(probe, first)
                java.start(second)
                leader = java.wait_leader()
                self.assertIn(leader, (first, second))
                settled(probe, leader)
                self.assertEqual(probe.stop(), 0)

    def test_before_the_second_server_smallest(self):
        self.decides_with_the_first(1)

    def test_before_the_second_server_middle(self):
        self.decides_with_the_first(2)

    def test_before_the_second_server_largest(self):
        self.decides_with_the_first(3)


class Electable(unittest.TestCase):
    """zkprobe may be elected: Java servers see it as their leader, by the rules of the election."""

    def elects(self, release, seat, first, *arguments):
        """A cold ensemble of one Java server and zkprobe: the larger id leads."""
        with support.Ensemble(release, "--seat-free", seat, "--only", first, "--no-wait",
                              *FAST) as java:
            with electable(java, seat, *arguments) as probe:
                if seat < first:
                    follows(probe, first)
                    support.wait_until(lambda: " LEADING" in java.log_text(first), 20,
                                       f"server {first} leads")
                    return
                probe.wait_for(lambda r: is_state(r, "LEADING"), 30, "zkprobe leads")
                learner_port = java.servers[seat]["quorum"].rsplit(":", 1)[1]
                support.wait_until(
                    lambda: any("onnect" in line and f":{learner_port}" in line
                                for line in java.log_text(first).splitlines()), 20,
                    f"server {first} turns to zkprobe's learner port")

    def test_as_the_smallest_id(self):
        self.elects("3.9", 1, 2)

    def test_as_the_middle_id(self):
        self.elects("3.9", 2, 1)

    def test_as_the_largest_id(self):
        self.elects("3.9", 3, 1)

    def test_3_4_sees_its_leader_too(self):
        self.elects("3.4.14", 3, 1, "--emulate", "3.4.14")

    def test_refused_outside_an_ensemble_of_tests(self):
        with support.Ensemble("3.9", "--seat-free", 3, *FAST) as java:
            result = support.zkprobe("join", "--config", config_of(java, 3), "--election-only",
                                     "--electable", check=2)
            self.assertIn("--ensemble", result.stderr)
            with support.Ensemble("3.9", "--seat-free", 3, *FAST) as other:
                result = support.zkprobe("join", "--config", config_of(java, 3),
                                         "--election-only", "--electable", "--ensemble",
                                         other.directory, check=2)
                self.assertIn("does not record", result.stderr)


class Generations(unittest.TestCase):
    """Each generation's forms, among servers of that generation."""

    def lives_with(self, release, *arguments):
        with support.Ensemble(release, "--seat-free", 2, *FAST) as java:
            leader = java.wait_leader()
            with join(java, 2, *arguments) as probe:
                settled(probe, leader)
                other = next(sid for sid in voters(java, 2) if sid != leader)
                seen = len(probe.records)
                java.kill(leader)
                follows(probe, other, after=seen)
                java.start(leader)
                settled(probe, java.wait_leader(), after=seen)
                self.assertEqual(probe.stop(), 0)

    def test_3_3(self):
        self.lives_with("3.3.6", "--emulate", "3.3.6")

    def test_3_4_5(self):
        self.lives_with("3.4.5", "--emulate", "3.4.5")

    def test_3_4_14(self):
        self.lives_with("3.4.14", "--emulate", "3.4.14")

    def test_3_5(self):
        self.lives_with("3.5.10", "--emulate", "3.5.10")

    def test_3_9(self):
        self.lives_with("3.9", "--emulate", "3.9")

    def test_auto_among_3_4_14(self):
        self.lives_with("3.4.14")


class Together(unittest.TestCase):
    """Two zkprobe voters and three Java servers."""

    def test_five_seats(self):
        with support.Ensemble("3.9", "--seat-free", "2,5", *FAST, voters=5) as java:
            leader = java.wait_leader()
            with contextlib.ExitStack() as stack:
                probes = [stack.enter_context(join(java, sid)) for sid in (2, 5)]
                for probe in probes:
                    settled(probe, leader)
                seen = [len(probe.records) for probe in probes]
                java.kill(leader)
                others = voters(java, 2, 5, leader)
                for probe, count in zip(probes, seen):
                    later(probe, lambda r: is_state(r, "FOLLOWING") and r["leader"] in others,
                          count, "another Java server leads")
                java.start(leader)
                serving = java.wait_leader()
                for probe, count in zip(probes, seen):
                    settled(probe, serving, after=count)
                    self.assertEqual(probe.stop(), 0)


class Seats(unittest.TestCase):
    """Seats that are taken, and seats that are not for zkprobe."""

    def test_a_held_seat_is_left_alone(self):
        with support.Ensemble("3.9", *FAST) as java:
            leader = java.wait_leader()
            result = support.zkprobe("join", "--config", config_of(java, leader),
                                     "--election-only", check=1)
            self.assertIn(f"seat {leader} is held by {java.election(leader)}", result.stderr)
            self.assertEqual(java.leader(), leader)

    def test_a_voter_must_say_election_only(self):
        with support.Ensemble("3.9", "--seat-free", 3, *FAST) as java:
            result = support.zkprobe("join", "--config", config_of(java, 3), check=2)
            self.assertIn("--election-only", result.stderr)

    def observes(self, release, *arguments):
        with support.Ensemble(release, "--seat-free", 4, *FAST, observers=1) as java:
            leader = java.wait_leader()
            with support.start_zkprobe("join", "--json", "--config", config_of(java, 4),
                                       *arguments) as probe:
                probe.wait_for(lambda r: r.get("event") == "sync" and "ms" in r, 30, "in sync")
                self.assertTrue(any(is_state(r, "OBSERVING", leader) for r in probe.records))
                java.client("create", "/seen", "x", sid=leader)
                probe.wait_for(lambda r: r.get("event") == "txn" and r.get("path") == "/seen"
                               and r["committed"], 20, "the transaction")
                seen = len(probe.records)
                java.kill(leader)
                later(probe, lambda r: is_state(r, "OBSERVING") and r["leader"] != leader, seen,
                      "zkprobe follows the next leader")
                java.client("create", "/again", "x", sid=java.wait_leader(but=leader))
                probe.wait_for(lambda r: r.get("event") == "txn" and r.get("path") == "/again"
                               and r["committed"], 20, "the next transaction")
                self.assertEqual(probe.stop(), 0)

    def test_an_observer_of_3_9(self):
        self.observes("3.9")

    def test_an_observer_of_3_4(self):
        self.observes("3.4.14", "--emulate", "3.4.14")


if __name__ == "__main__":
    support.main()
