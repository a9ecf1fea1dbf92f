#!/usr/bin/env python3
"""zkprobe as a voter among real Java servers: every order of ids and starts, declining and
electable, in the form of each generation, in groups, with several addresses, and several zkprobe
voters at once.
"""
import contextlib
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import support  # noqa: E402

from seats import (FAST, MULTI, agreed, electable, follows, is_state, join,  # noqa: E402
                   later, settled, voters)


def leader_is_replaced(java, probe, seat, leader):
    """With zkprobe's vote the other Java server is elected; it serves when the first is back."""
    other = next(sid for sid in voters(java, seat) if sid != leader)
    seen = len(probe.records)
    java.kill(leader)
    follows(probe, other, after=seen)
    java.start(leader)
    settled(probe, java.wait_leader(), after=seen)


class Declining(unittest.TestCase):
    """Two Java servers that serve, then zkprobe in each seat: it follows their leader. With several
    addresses of each server, greetings name them all, and zkprobe must know which link is whose.
    """

    def joins_serving_ensemble(self, seat, release, *arguments):
        with support.Ensemble(release, "--seat-free", seat, *arguments, *FAST) as java:
            leader = java.wait_leader()
            with join(java, seat, *(MULTI if "--multi-address" in arguments else [])) as probe:
                settled(probe, leader)
                self.assertTrue(any(is_state(r, "FOLLOWING", leader) for r in probe.records))
                self.assertFalse(any(is_state(r, "LEADING") for r in probe.records))
                self.assertEqual(java.leader(), leader, "the leader goes on serving")
                leader_is_replaced(java, probe, seat, leader)
                if "--multi-address" in arguments:
                    self.all_addresses_answer(java, seat)
                self.assertEqual(probe.stop(), 0)
        return java

    def all_addresses_answer(self, java, seat):
        """Each server at each of its addresses, zkprobe included; and an observer finds its way."""
        # zkprobe asks its leader for the epoch once a tick.
        answers = support.wait_until(lambda: agreed(*java.elections()), 20, "all agree")
        members = {member["sid"]: member["addresses"] for member in answers[0]["servers"]}
        self.assertEqual([len(addresses) for addresses in members.values()], [2, 2, 2])
        for sid in members:
            ports = [f"{one['host']}:{one['election_port']}" for one in members[sid]]
            self.assertIn(java.election(sid), ports)
            self.assertEqual({record["leader"] for record in agreed(*ports)}, {java.leader()})
        java.client("create", "/several", "x", sid=java.leader())
        result = support.zkprobe("join", "--json", "--tree", "--until", "synced",
                                 java.election(voters(java, seat)[0]), check=0)
        self.assertTrue(any(r.get("path") == "/several"
                            for r in support.records(result.stdout)))

    def test_as_the_smallest_id(self):
        self.joins_serving_ensemble(1, "3.9")

    def test_as_the_middle_id_with_several_addresses(self):
        self.joins_serving_ensemble(2, "3.6", "--multi-address")

    def test_as_the_largest_id_with_several_addresses(self):
        self.joins_serving_ensemble(3, "3.9", "--multi-address")


class Orders(unittest.TestCase):
    """Two Java servers and zkprobe in one seat of three, started in every order, each on empty
    data. The first two of them elect; when the third comes, the two Java servers serve.
    """

    def every_order(self, seat, release="3.9", declines=True, orders=None, options=()):
        lower, upper = [sid for sid in (1, 2, 3) if sid != seat]
        # The order of two Java servers that are a quorum without zkprobe is theirs alone.
        orders = orders or [(seat, lower, upper), (seat, upper, lower), (lower, seat, upper),
                            (upper, seat, lower), (lower, upper, seat)]
        with support.Ensemble(release, "--seat-free", "1,2,3", "--no-wait", "--set", "initLimit=6",
                              *FAST) as java:
            for order in orders:
                with self.subTest(order=order):
                    try:
                        self.elect_in(java, seat, order, declines, options)
                    finally:
                        java.wipe(lower, upper)

    def elect_in(self, java, seat, order, declines, options):
        first = [sid for sid in order[:2] if sid != seat]
        with contextlib.ExitStack() as stack:
            def start(sid):
                if sid != seat:
                    java.start(sid, wait=False)
                    return None
                probe = stack.enter_context((join if declines else electable)(java, seat, *options))
                probe.wait_for(lambda r: r.get("event") == "notification", 20, "zkprobe votes")
                return probe
            begun = [start(sid) for sid in order[:2]]
            probe = begun[0] or begun[1]
            leads = probe is not None and not declines and seat > first[0]
            if probe:
                self.two_decide(java, probe, seat, first[0], leads)
            else:
                java.wait_leader()  # or zkprobe comes while they still look
            probe = start(order[2]) or probe
            self.java_serves(java, probe, seat)
            if not leads:
                self.assertFalse(any(is_state(r, "LEADING") for r in probe.records))
            self.assertEqual(probe.stop(), 0)

    def two_decide(self, java, probe, seat, other, leads):
        """zkprobe and one Java server: the larger id, unless zkprobe declines."""
        if not leads:
            follows(probe, other)
            support.wait_until(lambda: " LEADING" in java.log_text(other), 20,
                               f"server {other} leads")
        else:
            probe.wait_for(lambda r: is_state(r, "LEADING"), 30, "zkprobe leads")
            self.turns_to(java, other, seat)
            self.assertIn(" FOLLOWING", java.log_text(other))

    def java_serves(self, java, probe, seat):
        """zkprobe follows too, at the latest when it has waited initLimit for followers of its own."""
        one, two = voters(java, seat)
        leader = java.wait_leader()
        follower = two if leader == one else one
        support.wait_until(lambda: java.role(follower) == "follower", 60, "the other one follows")
        self.assertIn(" LEADING", java.log_text(leader))
        self.turns_to(java, follower, leader)
        settled(probe, leader)

    def turns_to(self, java, sid, leader):
        """The log of a Java server says whose learner port it connects to."""
        port = java.servers[leader]["quorum"].rsplit(":", 1)[1]
        support.wait_until(
            lambda: any("onnect" in line and f":{port}" in line
                        for line in java.log_text(sid).splitlines()), 20,
            f"server {sid} turns to the learner port of {leader}")

    def test_declining_as_the_smallest_id(self):
        self.every_order(1)

    def test_declining_as_the_middle_id(self):
        self.every_order(2)

    def test_declining_as_the_largest_id(self):
        self.every_order(3)

    def test_electable_as_the_smallest_id(self):
        self.every_order(1, declines=False)

    def test_electable_as_the_middle_id(self):
        self.every_order(2, declines=False)

    def test_electable_as_the_largest_id(self):
        self.every_order(3, declines=False)

    def test_electable_among_3_4(self):
        self.every_order(3, "3.4.14", False, [(1, 3, 2)], ("--emulate", "3.4.14"))


class Hierarchical(unittest.TestCase):
    """Five voters in groups 1:2, 3:4 and 5: two whole groups are needed, and three of five voters
    that are not are no quorum."""

    def test_a_majority_of_voters_is_no_quorum_of_groups(self):
        with contextlib.ExitStack() as stack:
            java = stack.enter_context(support.Ensemble(
                "3.9", "--hierarchical", "--seat-free", "3,4", *FAST, voters=5))
            leader = java.wait_leader()
            answer = support.records(support.zkprobe("status", "--json", java.election(1),
                                                     check=0).stdout)[0]
            self.assertEqual([s["sid"] for s in answer["servers"]], [1, 2, 3, 4, 5])
            three = stack.enter_context(join(java, 3))
            settled(three, leader)
            java.client("create", "/groups", "x", sid=leader)
            observer = support.zkprobe("join", "--json", "--tree", "--until", "synced",
                                       java.election(2), check=0)
            self.assertTrue(any(r.get("path") == "/groups"
                                for r in support.records(observer.stdout)))
            # 1, 2 and zkprobe in 3 look, and must not agree.
            java.kill(5)
            seen = len(three.records)
            later(three, lambda r: self.votes(r, (1, 2)), seen, "the others vote again")
            support.wait_until(lambda: self.all_support(three, seen), 30,
                               "1, 2 and 3 support the same candidate")
            four = stack.enter_context(join(java, 4))
            for probe in (three, four):
                later(probe, lambda r: is_state(r, "FOLLOWING") and r["leader"] in (1, 2), 0 if
                      probe is four else seen, "with 4 there is a quorum")
            started = next(r["t"] for r in four.records)
            self.assertGreater(next(r for r in list(three.records)[seen:]
                                    if is_state(r, "FOLLOWING"))["t"], started)
            java.start(5)
            serving = java.wait_leader()
            settled(three, serving, after=seen)
            settled(four, serving)
            self.assertEqual([three.stop(), four.stop()], [0, 0])

    @staticmethod
    def votes(record, by):
        return (record.get("event") == "notification" and record["dir"] == "in"
                and record["peer"] in by and record["state"] == "LOOKING")

    def all_support(self, probe, after):
        """The last votes that zkprobe heard from 1 and 2 and sent itself name the same leader."""
        last = {}
        for record in list(probe.records)[after:]:
            if record.get("event") == "notification" and record["state"] == "LOOKING":
                last[record["peer"] if record["dir"] == "in" else 3] = record["leader"]
        return {1, 2, 3} <= set(last) and len({last[sid] for sid in (1, 2, 3)}) == 1


class Generations(unittest.TestCase):
    """Each generation's forms, among servers of that generation."""

    def lives_with(self, release, *arguments):
        with support.Ensemble(release, "--seat-free", 2, *FAST) as java:
            leader = java.wait_leader()
            with join(java, 2, *arguments) as probe:
                settled(probe, leader)
                leader_is_replaced(java, probe, 2, leader)
                self.assertEqual(probe.stop(), 0)

    def test_3_3(self):
        self.lives_with("3.3.6", "--emulate", "3.3.6")

    def test_3_4_0(self):
        self.lives_with("3.4.0", "--emulate", "3.4.0")

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
    """Three zkprobe voters and four Java servers: of seven seats four are a quorum, so the Java
    servers can serve by themselves. With fewer none could: zkprobe votes, but does not follow."""

    def test_seven_seats(self):
        with support.Ensemble("3.9", "--seat-free", "2,5,7", *FAST, voters=7) as java:
            leader = java.wait_leader()
            with contextlib.ExitStack() as stack:
                probes = [stack.enter_context(join(java, sid)) for sid in (2, 5, 7)]
                for probe in probes:
                    settled(probe, leader)
                seen = [len(probe.records) for probe in probes]
                java.kill(leader)
                others = voters(java, 2, 5, 7, leader)
                chosen = [later(probe, lambda r: is_state(r, "FOLLOWING") and r["leader"] in others,
                                count, "another Java server leads")["leader"]
                          for probe, count in zip(probes, seen)]
                self.assertEqual(len(set(chosen)), 1, "all follow the same one")
                java.start(leader)
                serving = java.wait_leader()
                for probe, count in zip(probes, seen):
                    settled(probe, serving, after=count)
                    self.assertFalse(any(is_state(r, "LEADING") for r in probe.records))
                    self.assertEqual(probe.stop(), 0)


if __name__ == "__main__":
    support.main()
