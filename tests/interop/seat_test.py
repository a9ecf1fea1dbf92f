#!/usr/bin/env python3
"""Seats of a zoo.cfg: those that are not for zkprobe, and an observer's, also when a reconfig takes
it away or makes it a voter's.
"""
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import support  # noqa: E402
from seats import FAST, config_of, is_state, later  # noqa: E402


class Waits(unittest.TestCase):
    """What --until asks for, where nobody else is there. No server is needed for that."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.config = pathlib.Path(folder.name, "zoo.cfg")
        ports = [(support.free_port(), support.free_port()) for _ in range(4)]
        servers = [f"server.{sid}=127.0.0.1:{quorum}:{election}" + (":observer" if sid == 4 else "")
                   for sid, (quorum, election) in enumerate(ports, 1)]
        self.config.write_text("\n".join([f"dataDir={folder.name}", "tickTime=200", "initLimit=5",
                                          "syncLimit=5", *servers]) + "\n")

    def join(self, sid, *arguments, check):
        return support.zkprobe("join", "--config", self.config, "--myid", sid, *arguments,
                               check=check).stderr

    def test_a_timeout_that_is_given_bounds_the_wait(self):
        for sid, arguments, said in (
                (3, ["--election-only", "--until", "elected"], "--until elected was not reached "
                 "within 300 ms: server 3 is LOOKING"),
                (3, ["--accept-stall", "--until", "synced"], "server 3 has not filled"),
                (4, ["--until", "synced"], "--until synced was not reached within 300 ms: server 4 is")):
            with self.subTest(sid=sid, arguments=arguments):
                self.assertIn(said, self.join(sid, *arguments, "--timeout", "300ms", check=3))

    def test_what_can_never_be_reached_is_refused(self):
        for sid, arguments, said in (
                (3, ["--election-only", "--until", "synced"], "nothing is followed"),
                (3, ["--election-only", "--until", "LEADING"], "--electable"),
                (3, ["--election-only", "--until", "OBSERVING"], "is a voter"),
                (3, ["--accept-stall", "--until", "LEADING"], "--electable"),
                (4, ["--until", "LEADING"], "an observer never leads")):
            with self.subTest(sid=sid, arguments=arguments):
                self.assertIn(said, self.join(sid, *arguments, check=2))


class Seats(unittest.TestCase):
    """Seats that are taken, and seats that are not for zkprobe. No election is needed for that."""

    def test_refused_seats_and_modes(self):
        with support.Ensemble("3.9", "--only", 1, "--no-wait", *FAST) as java, \
                support.Ensemble("3.9", "--seat-free", "1,2,3", "--no-wait", *FAST) as other:
            for sid, arguments, code, message in (
                    (1, ["--election-only"], 1, f"seat 1 is held by {java.election(1)}"),
                    (3, [], 2, "--accept-stall"),
                    (3, ["--election-only", "--electable"], 2, "--ensemble"),
                    (3, ["--election-only", "--electable", "--ensemble", other.directory], 2,
                     "does not record")):
                with self.subTest(arguments=arguments):
                    result = support.zkprobe("join", "--config", config_of(java, sid), *arguments,
                                             check=code)
                    self.assertIn(message, result.stderr)

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

    def test_with_observer_master_port_a_follower_passes_the_data_on(self):
        port = support.free_port()
        # One follower: it alone listens there, and all addresses are the same.
        with support.Ensemble("3.9", "--seat-free", 3, "--set", f"observerMasterPort={port}", *FAST,
                              voters=2, observers=1) as java:
            leader = java.wait_leader()
            with support.start_zkprobe("join", "--json", "--config", config_of(java, 3)) as probe:
                probe.wait_for(lambda r: r.get("event") == "sync" and "ms" in r, 30, "in sync")
                links = [line.split() for line in
                         pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]]
                self.assertTrue(any(remote.endswith(f":{port:04X}") and state == "01"
                                    for _, _, remote, state, *_ in links), links)
                java.client("create", "/passed-on", "x", sid=leader)
                probe.wait_for(lambda r: r.get("path") == "/passed-on" and r["committed"], 20,
                               "the transaction")
                self.assertEqual(probe.stop(), 0)


class Reconfigured(unittest.TestCase):
    """What a reconfig makes of an observer's seat."""

    def test_an_observer_that_is_removed_goes_on_and_ends_its_next_election_following(self):
        with support.Ensemble("3.9", "--reconfig", "--seat-free", 4, *FAST, observers=1) as java:
            leader = java.wait_leader()
            with observer(java, 4) as probe:
                java.client("reconfig", "--remove", 4, sid=leader)
                probe.wait_for(lambda r: r.get("event") == "config" and r.get("seen") == "committed",
                               20, "the configuration")
                sees(self, java, probe, "/removed", leader)
                self.assertFalse(any(is_state(r, "LOOKING") for r in probe.records),
                                 "its link lasts")
                seen = len(probe.records)
                java.kill(leader)
                later(probe, lambda r: is_state(r, "FOLLOWING") and r["leader"] != leader, seen,
                      "it finds the next leader")
                sees(self, java, probe, "/after", java.wait_leader(but=leader))
                # What it says of itself when it is asked.
                state, = support.records(support.zkprobe("status", "--json", java.election(4),
                                                         check=0).stdout)
                self.assertEqual(state["state"], "FOLLOWING")
                self.assertEqual(probe.stop(), 0)

    def test_an_observer_that_becomes_a_voter_leaves_before_it_acknowledges(self):
        with support.Ensemble("3.9", "--reconfig", "--seat-free", 4, *FAST, observers=1) as java:
            leader = java.wait_leader()
            with observer(java, 4) as probe:
                java.client("reconfig", "--add", voter_line(java, 4), sid=leader)
                self.assertEqual(probe.process.wait(20), 1)
                self.assertIn("makes server 4 a voter", "\n".join(probe.errors))
                java.client("create", "/served", "x", sid=leader)


def observer(java, sid):
    """zkprobe on an observer's seat, in sync."""
    probe = support.start_zkprobe("join", "--json", "--config", config_of(java, sid))
    probe.wait_for(lambda r: r.get("event") == "sync" and "ms" in r, 30, "in sync")
    return probe


def sees(case, java, probe, path, server):
    java.client("create", path, "x", sid=server)
    seen = probe.wait_for(lambda r: r.get("path") == path and r["committed"], 20, path)
    case.assertTrue(seen)


def voter_line(java, sid):
    """server.N of this seat's own file, as a participant's."""
    server = java.servers[sid]
    host, quorum = server["quorum"].rsplit(":", 1)
    election = server["election"].rsplit(":", 1)[1]
    return f"server.{sid}={host}:{quorum}:{election}:participant;{server['client']}"


if __name__ == "__main__":
    support.main()
