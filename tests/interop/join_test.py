#!/usr/bin/env python3
"""`zkprobe join ADDRESS` on real Java servers: an observer that no configuration names sees every
write, finds the next leader and resumes, and leaves no trace in the ensemble's epochs."""
import contextlib
import pathlib
import shutil
import subprocess
import time
import unittest

import support
from fakes import FOLLOWING, LEADING, LOOKING, FakeServer, answers
from support import Background, Ensemble, free_port, records, start_zkprobe, wait_until, zkprobe


def committed(seen):
    return [r for r in seen if r.get("event") == "txn" and r["committed"]]


def number(zxid):
    return int(zxid, 16)


def epoch_files(ensemble):
    """acceptedEpoch and currentEpoch of every server."""
    return {(sid, name): (ensemble.data(sid) / name).read_text() for sid in ensemble.servers
            for name in ("acceptedEpoch", "currentEpoch")}


def synced(record):
    return record.get("event") == "sync"


def start_load(ensemble, *arguments):
    """Writes through all servers; every acknowledged write is a record with path and zxid."""
    clients = ",".join(server["client"] for server in ensemble.servers.values())
    return Background(support.ROOT / "scripts" / "zk-client", "--server", clients, "load",
                      *arguments)


def acknowledged(load):
    return [(r["path"], r["zxid"]) for r in list(load.records) if "path" in r and "zxid" in r]


class JoinCase(unittest.TestCase):
    def assert_sees(self, join, writes, timeout=20):
        """Every acknowledged write, with its zxid, in the order of the zxids."""
        last = max(number(zxid) for _, zxid in writes)
        join.wait_for(lambda r: r.get("event") == "txn" and r["committed"]
                      and number(r["zxid"]) >= last, timeout, f"transaction {last:#x}")
        txns = committed(join.records)
        zxids = [number(r["zxid"]) for r in txns]
        self.assertEqual(zxids, sorted(set(zxids)), "each once, in order")
        for before, after in zip(zxids, zxids[1:]):
            if before >> 32 == after >> 32:
                self.assertEqual(after, before + 1, f"a gap after {before:#x}")
            else:
                self.assertEqual(after & 0xffffffff, 1, f"a gap before {after:#x}")
        seen = [(r["path"], r["zxid"]) for r in txns if r["type"].startswith("create")
                and "path" in r]
        wanted = set(writes)
        self.assertEqual([one for one in seen if one in wanted],
                         sorted(writes, key=lambda one: number(one[1])))


class OneRelease:
    """One ensemble for all; the tests whose names come last change leaders and lose data."""
    release = None
    host = "127.0.0.1"
    options = []

    @classmethod
    def setUpClass(cls):
        cls.ensemble = Ensemble(cls.release, "--host", cls.host, *cls.options, voters=3)
        cls.ensemble.__enter__()
        cls.addClassCleanup(cls.ensemble.__exit__)

    def test_every_write_is_seen_in_order_with_its_zxid(self):
        before = epoch_files(self.ensemble)
        with start_zkprobe("join", "--json", self.ensemble.election(1)) as join:
            join.wait_for(synced, 20, "in sync")
            prefix = f"/seen-{time.monotonic_ns()}-"
            with start_load(self.ensemble, "--count", 200, "--prefix", prefix) as load:
                wait_until(lambda: load.process.poll() is not None, 60, "the load has ended")
                load.stop()
                writes = acknowledged(load)
            self.assertEqual(len(writes), 200)
            self.assert_sees(join, writes)
            join.wait_for(lambda r: r.get("type") == "PING" and r["dir"] == "out", 20,
                          "a ping is answered")
            self.assertEqual(join.stop(), 0)
            self.assertEqual(join.records[-1]["event"], "summary")
        self.assertEqual(epoch_files(self.ensemble), before, "joining moves no epoch")

    def test_a_fresh_observer_gets_a_snapshot_with_the_paths_of_the_tree(self):
        name = f"/tree-{time.monotonic_ns()}"
        self.ensemble.client("create", name, "data")
        result = zkprobe("join", "--json", "--tree", "--until", "synced",
                         self.ensemble.election(2), check=0)
        seen = records(result.stdout)
        sync = next(r for r in seen if synced(r))
        self.assertEqual(sync["kind"], "SNAP")
        paths = [r["path"] for r in seen if r["event"] == "node"]
        self.assertEqual(len(paths), sync["nodes"])
        self.assertEqual(paths[0], "/")
        self.assertIn(name, paths)
        self.assertIn("/zookeeper/config", paths)

    def test_all_servers_are_asked(self):
        answers = records(zkprobe("status", "--json", *self.ensemble.elections(), check=0).stdout)
        self.assertEqual([a["address"] for a in answers], self.ensemble.elections())
        self.assertEqual({a["leader"] for a in answers}, {self.ensemble.leader()})

    def test_an_id_that_the_configuration_names_is_refused(self):
        result = zkprobe("join", "--sid", 2, self.ensemble.election(1), check=1)
        self.assertIn("id 2 is a seat of", result.stderr)
        self.assertIsNotNone(self.ensemble.leader())

    def test_a_free_id_may_be_chosen(self):
        zkprobe("join", "--sid", 77, "--until", "synced", self.ensemble.election(1), check=0)

    def test_x_the_next_leader_is_found_and_resumed_without_a_gap(self):
        ensemble = self.ensemble
        first = ensemble.wait_leader()
        follower = next(sid for sid in ensemble.servers if sid != first)
        with contextlib.ExitStack() as stack:
            join = stack.enter_context(
                start_zkprobe("join", "--json", ensemble.election(follower)))
            join.wait_for(synced, 20, "in sync")
            load = stack.enter_context(
                start_load(ensemble, "--count", 4000, "--rate", 200, "--retry", "--prefix",
                           "/next/n"))
            wait_until(lambda: len(acknowledged(load)) > 100, 30, "writes go on")
            ensemble.kill(first)
            again = join.wait_for(lambda r: synced(r) and r["from"] != "0x0", 60, "in sync again")
            self.assertEqual(again["kind"], "DIFF")
            known = len(acknowledged(load))
            wait_until(lambda: len(acknowledged(load)) > known + 100, 60, "writes go on again")
            load.stop()
            self.assert_sees(join, acknowledged(load))
            epochs = {number(r["zxid"]) >> 32 for r in committed(join.records)}
            self.assertEqual(len(epochs), 2)
            self.assertEqual(join.stop(), 0)
        ensemble.start(first)

    def test_y_what_the_servers_have_lost_is_truncated(self):
        """An older copy of the servers' data is put back: zkprobe holds more than they do."""
        ensemble = self.ensemble
        with start_zkprobe("join", "--json", *ensemble.elections()) as join:
            join.wait_for(synced, 20, "in sync")
            self.write(join, "/kept")
            copies = {sid: self.copy(sid) for sid in ensemble.servers}
            self.write(join, "/lost")
            for sid, copy in copies.items():
                ensemble.wipe(sid)
                shutil.copytree(copy, ensemble.data(sid))
            for sid in ensemble.servers:
                ensemble.start(sid, wait=False)
            trunc = join.wait_for(lambda r: synced(r) and r["from"] != "0x0", 60, "in sync again")
            self.assertEqual(trunc["kind"], "TRUNC")
            # Between the two are the ends of sessions.
            at = {r.get("path"): number(r["zxid"]) for r in committed(join.records)}
            self.assertLessEqual(at["/kept"], number(trunc["to"]))
            self.assertLess(number(trunc["to"]), at["/lost"])
            self.assertLessEqual(at["/lost"], number(trunc["from"]))
            self.write(join, "/new")
            self.assertEqual(join.stop(), 0)

    def write(self, join, path):
        self.ensemble.client("create", path, "x")
        join.wait_for(lambda r: r.get("path") == path and r["committed"], 20, path)

    def copy(self, sid):
        """Of a server's data, once it has all that zkprobe has seen."""
        copy = pathlib.Path(self.ensemble.directory) / f"copy-{sid}"
        wait_until(lambda: self.ensemble.client("stat", "/kept", sid=sid), 20, "it has /kept")
        shutil.copytree(self.ensemble.data(sid), copy)
        return copy


class Release35(OneRelease, JoinCase):
    release = "3.5.10"


class Release38(OneRelease, JoinCase):
    """On IPv6: status, join, and the way from one leader to the next."""
    release = "3.8"
    host = "::1"


class Release39(OneRelease, JoinCase):
    release = "3.9"
    # With the factor the leader reads its log for no DIFF: what it lacks in memory, it snapshots.
    options = ["--java-opt=-Xmx256m", "--java-opt=-Dzookeeper.snapshotSizeFactor=-1"]

    def test_z_a_snapshot_cut_short_is_begun_anew(self):
        """The leader dies while it sends a snapshot to zkprobe, which held something before: the
        next one must not be told of that, because half a snapshot stands in its place."""
        ensemble = self.ensemble
        first = ensemble.wait_leader()
        others = [ensemble.election(sid) for sid in ensemble.servers if sid != first]
        with start_zkprobe("join", "--json", *others) as join:
            join.wait_for(synced, 20, "in sync")
            self.write(join, "/held")
            join.pause()
            ensemble.kill(first)
            second = ensemble.wait_leader(but=first)
            # More than the 500 transactions that the leader holds in memory.
            ensemble.client("load", "--count", 700, "--size", 60_000, "--prefix", "/big-", sid=second)
            ensemble.start(first)
            self.run_until_half_a_snapshot(join)
            ensemble.kill(second)
            join.resume()
            wait_until(lambda: len(self.all_of(join, synced)) == 2, 60, "in sync again")
            again = self.all_of(join, synced)[1]
            self.assertEqual((again["kind"], again["from"]), ("SNAP", "0x0"))
            self.assertGreater(again["nodes"], 700)
            said = [r["zxid"] for r in self.all_of(join, lambda r: r.get("type") == "ACKEPOCH")]
            self.assertEqual((said[0], said[-1]), ("0x0", "0x0"))
            self.assertGreater(number(said[1]), 0, "before the snapshot that was cut")
            self.assertEqual(join.stop(), 0)

    @staticmethod
    def all_of(join, predicate):
        return [r for r in list(join.records) if predicate(r)]

    def run_until_half_a_snapshot(self, join):
        """Lets zkprobe run for moments, in each of which little of the snapshot is read."""
        def begun():
            join.resume()
            time.sleep(0.01)
            join.pause()
            return len(self.all_of(join, lambda r: r.get("type") == "SNAP")) > 1
        join.resume()
        wait_until(lambda: len(self.all_of(join, lambda r: r.get("type") == "OBSERVERINFO")) > 1, 30,
                   "the next leader is dialled")
        wait_until(begun, 30, "a snapshot has begun")
        self.assertEqual(len(self.all_of(join, synced)), 1, "it is not complete")


class Reconfig(JoinCase):
    def test_a_reconfig_is_seen_with_its_configuration(self):
        with Ensemble("3.9", "--reconfig", voters=3) as ensemble:
            leader = ensemble.wait_leader()
            gone = next(sid for sid in ensemble.servers if sid != leader)
            with start_zkprobe("join", "--json", ensemble.election(leader)) as join:
                join.wait_for(synced, 20, "in sync")
                ensemble.client("reconfig", "--remove", gone, sid=leader)
                join.wait_for(lambda r: r.get("type") == "INFORMANDACTIVATE", 20,
                              "INFORMANDACTIVATE")
                config = join.wait_for(lambda r: r.get("event") == "config"
                                       and r["seen"] == "committed", 20, "the configuration")
                self.assertEqual(config["members"], 2)
                self.assertEqual(config["leader"], leader)
                join.wait_for(lambda r: r.get("type") == "reconfig", 20, "the transaction")
                # Still there afterwards.
                ensemble.client("create", "/after", "x", sid=leader)
                join.wait_for(lambda r: r.get("path") == "/after" and r["committed"], 20,
                              "a write after it")
                self.assertEqual(join.stop(), 0)


class WithoutServers(unittest.TestCase):
    def test_an_address_where_nobody_listens_is_unreachable_within_the_timeout(self):
        started = time.monotonic()
        result = zkprobe("join", "--timeout", "700ms", f"127.0.0.1:{free_port()}", check=3)
        self.assertLess(time.monotonic() - started, 5)
        self.assertIn("nobody answered within 700 ms", result.stderr)
        self.assertEqual(len(result.stderr.strip().splitlines()), 1)

    def test_a_silent_member_does_not_hide_that_the_others_look(self):
        config = "server.1=127.0.0.1:1001:1002:participant\nversion=0"
        with FakeServer(answers(LOOKING, 1, config)) as looks, FakeServer() as silent:
            result = zkprobe("join", "--timeout", "1500ms", looks.address, silent.address, check=1)
            self.assertIn("no leader within 1.5 s", result.stderr)
            self.assertIn(f"{looks.address} is LOOKING", result.stderr)
            self.assertIn(f"{silent.address}: connected, but no answer", result.stderr)
            self.assertEqual(len(result.stderr.strip().splitlines()), 1, result.stderr)

    def test_a_leader_whose_election_port_is_silent_is_joined(self):
        with FakeServer() as silent, FakeServer() as learner_port:
            leader = learner_port.address + ":" + silent.address.rpartition(":")[2]
            config = (f"server.1=127.0.0.1:1001:1002:participant\nserver.2={leader}:participant\n"
                      "version=0")
            with FakeServer(answers(FOLLOWING, 2, config)) as follows:
                result = zkprobe("join", "--json", "--until", "elected", follows.address, check=0)
                link = next(r for r in records(result.stdout) if r["event"] == "link")
                self.assertEqual((link["what"], link["peer"], link["remote"]),
                                 ("dial", 2, learner_port.address))

    def test_an_interrupt_ends_with_what_is_known(self):
        with FakeServer(answers(LOOKING, 1, "version=0")) as looks:
            with start_zkprobe("join", "--json", "--timeout", "1m", looks.address) as join:
                join.wait_for(lambda r: r.get("event") == "notification", 20, "an answer")
                self.assertEqual(join.stop(), 1)
                self.assertEqual(len(join.errors), 1, join.errors)
                self.assertIn("interrupted before a leader was joined: "
                              f"{looks.address} is LOOKING", join.errors[0])
        result = zkprobe("join", "--for", "200ms", f"127.0.0.1:{free_port()}", check=3)
        self.assertIn("--for ended before a leader was joined", result.stderr)

    def test_a_closed_pipe_ends_quietly(self):
        with FakeServer(answers(LOOKING, 1, "version=0")) as looks:
            join = subprocess.Popen([support.zkprobe_path(), "join", "--timeout", "1m",
                                     looks.address], stdout=subprocess.PIPE,
                                    stderr=subprocess.PIPE, text=True)
            self.assertIn("is LOOKING", join.stdout.readline())
            join.stdout.close()
            self.assertEqual(join.wait(30), 0)
            self.assertEqual(join.stderr.read(), "")
            join.stderr.close()

    def test_names_in_a_configuration_cannot_drive_the_terminal(self):
        config = ("server.1=a\\u001b[31mRED\\u000aFORGED LINE\\u009b:2888:3888:participant\n"
                  "version=0")
        with FakeServer(answers(LEADING, 1, config)) as hostile:
            for options in ([], ["--json"], ["--log-level", "debug"]):
                with self.subTest(options=options):
                    result = zkprobe("join", "--timeout", "1s", *options, hostile.address, check=3)
                    text = result.stdout + result.stderr
                    self.assertIn("FORGED", text)
                    self.assertFalse(set(text) & {"\x1b", "\x9b"}, text)
                    self.assertFalse([line for line in text.splitlines()
                                      if line.startswith("FORGED")], text)

    def test_wrong_usage_is_said_in_one_line(self):
        for arguments in (["--sid", "-1", "h"], ["--sid", str(2 ** 63 - 1), "h"],
                          ["--until", "LEADING", "h"], []):
            result = zkprobe("join", *arguments, check=2)
            self.assertEqual(len(result.stderr.strip().splitlines()), 1, result.stderr)
            self.assertNotIn("join: join:", result.stderr)


    def test_an_emulated_release_that_reads_no_members_is_named(self):
        config = "server.1=127.0.0.1:1001:1002:participant\nversion=0"
        with FakeServer(answers(FOLLOWING, 1, config)) as follows:
            result = zkprobe("join", "--emulate", "3.4.6", follows.address, check=2)
        self.assertIn("is FOLLOWING, read as by a release before 3.5, which reads no members "
                      "(--emulate): describe them in a file", result.stderr)


class OldReleases(unittest.TestCase):
    def test_servers_that_name_no_members_need_a_configuration(self):
        with Ensemble("3.4.14", voters=3) as ensemble:
            result = zkprobe("join", ensemble.election(1), check=2)
            self.assertIn("--config", result.stderr)


class Looking(unittest.TestCase):
    def test_a_server_without_a_leader_does_not_hold(self):
        with Ensemble("3.9", "--only", 1, "--no-wait", voters=3) as ensemble:
            wait_until(lambda: "LOOKING" in zkprobe(
                "status", "--timeout", "1s", ensemble.election(1)).stdout, 30, "it looks")
            result = zkprobe("join", "--timeout", "3s", ensemble.election(1), check=1)
            self.assertIn("LOOKING", result.stderr)


if __name__ == "__main__":
    support.main()
