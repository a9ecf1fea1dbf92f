#!/usr/bin/env python3
"""A voter whose disk fails, whose directory says more than the leader's history, or whose leader
goes while its empty directory is filled: what was acknowledged is there, nothing votes with less,
and the seat is taken again. Two Java servers and zkprobe, one ensemble for all of it.
"""
import contextlib
import pathlib
import resource
import shutil
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import support  # noqa: E402
from seats import FAST, Voter, acknowledged, data_dir, digest, paths  # noqa: E402
from store_test import tool  # noqa: E402


def limit_files(size, pid=0):
    """No file of that process may grow beyond `size` bytes: what a full disk is, without a disk."""
    hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)[1]
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, hard))


@contextlib.contextmanager
def limited_files(size):
    """For the processes that are started meanwhile."""
    limit_files(size)
    try:
        yield
    finally:
        limit_files(resource.RLIM_INFINITY)


class Faults(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.java = support.Ensemble("3.9", "--seat-free", 3, *FAST)
        cls.enterClassContext(cls.java)
        cls.files = data_dir(cls.java, 3)
        cls.marker = cls.files / "zkprobe.filling"

    def setUp(self):
        self.leader = self.java.wait_leader()
        self.other = next(s for s in (1, 2) if s != self.leader)

    def write(self, prefix, count, sid=None):
        self.java.client("load", "--count", count, "--prefix", prefix, "--retry",
                         sid=sid or self.leader)

    def wipe(self):
        shutil.rmtree(self.java.data(3), ignore_errors=True)
        self.marker.unlink(missing_ok=True)

    def same_tree(self):
        """zkprobe's directory holds what the leader holds."""
        live = digest(self.java.election(self.java.wait_leader()))
        support.wait_until(lambda: digest(self.files) == live, 20, "the same tree")

    def ended(self, voter, *words):
        """It ends by itself with exit 1, and the last line says why."""
        self.assertEqual(voter.process.wait(20), 1)
        self.assertEqual(voter.stop(), 1)
        for word in (*words, "Nothing is acknowledged any more; the directory holds what was"):
            self.assertIn(word, voter.errors[-1])

    # ---- a TRUNC that cannot be done

    def go_astray(self):
        """The directory's only snapshot is five transactions beyond the ensemble's history."""
        version2 = self.java.data(3)
        tool("append", self.files, "3.9", 5)
        tool("snapshot", self.files, "3.9")
        newest = max(version2.glob("snapshot.*"), key=lambda p: int(p.suffix[1:], 16))
        for path in [*version2.glob("snapshot.*"), *version2.glob("log.*")]:
            if path != newest:
                path.unlink()
        return newest.suffix[1:]

    def test_a_trunc_below_the_only_snapshot(self):
        with Voter(self.java, 3) as voter:
            voter.synced()
            self.write("/astray/n", 5)
            self.same_tree()
            self.assertEqual(voter.stop(), 0)
        for filling in (False, True):
            with self.subTest(filling=filling):
                beyond = self.go_astray()
                astray = {p for p in paths(self.files) if p.startswith("/zkprobe-")}
                self.assertEqual(len(astray), 5)
                if filling:
                    self.marker.touch()
                with Voter(self.java, 3) as voter:
                    voter.synced()
                    notes = [n for n in voter.notes() if "TRUNC cannot be done" in n]
                    self.assertEqual(len(notes), 1, voter.notes())
                    self.assertIn("no snapshot at or before it", notes[0])
                    kinds = [r["kind"] for r in voter.records if r.get("event") == "sync"]
                    self.assertIn("SNAP", kinds)
                    self.same_tree()
                    self.assertEqual(voter.stop(), 0)
                aside = self.files / f"zkprobe.replaced.{beyond}"
                self.assertEqual(len(list(self.java.data(3).glob("snapshot.*"))), 1)
                self.assertEqual(paths(aside) - paths(self.files), astray)
                shutil.rmtree(aside)
        with Voter(self.java, 3) as voter:  # and nothing is left of it
            voter.synced()
            self.assertFalse(any("TRUNC" in note for note in voter.notes()))
            self.assertEqual(voter.stop(), 0)

    # ---- a disk that fills

    def log_end(self):
        """Where the entries of the newest log end."""
        newest = max(self.java.data(3).glob("log.*"), key=lambda p: int(p.suffix[1:], 16))
        return len(newest.read_bytes().rstrip(b"\0"))

    def test_a_disk_that_fills(self):
        self.wipe()
        self.write("/disk/first", 20)
        with limited_files(1000), Voter(self.java, 3) as voter:  # while it is filled
            self.ended(voter, "/tmp.snapshot.", "File too large")
        self.assertTrue(self.marker.exists())
        with Voter(self.java, 3) as voter:
            voter.synced()
            self.assertTrue(any("filled first" in note for note in voter.notes()))
            # From here on no write is acknowledged without zkprobe.
            self.java.kill(self.other)
            self.write("/disk/a", 5)
            with self.java.start_client("load", "--count", 100000, "--rate", 200, "--prefix",
                                        "/disk/n", sid=self.leader) as client:
                support.wait_until(lambda: len(acknowledged(client)) > 20, 20, "writes")
                limit_files(self.log_end() + 20000, voter.process.pid)
                self.ended(voter, "/log.", " at byte ", "File too large")
                client.stop()
        written = set(acknowledged(client))
        self.assertGreater(len(written), 20)
        self.assertEqual(written - paths(self.files), set())
        # A Java server on that directory: it has the writes that it takes to lead.
        self.java.start(3, wait=False)
        support.wait_until(lambda: self.java.role(3), 40, "the Java server serves")
        listed = self.java.client("ls", "/disk", sid=3)
        self.assertEqual([p for p in written if p.rsplit("/", 1)[1] not in listed], [])
        self.java.kill(3)
        # There is room again, and zkprobe has its seat back.
        with Voter(self.java, 3) as voter:
            voter.synced()
            leader = self.java.wait_leader()
            self.write("/disk/b", 5, leader)
            self.java.start(self.other)
            # An epoch that cannot be written down is not accepted: the next leader has no zkprobe.
            limit_files(0, voter.process.pid)
            self.java.kill(leader)
            self.ended(voter, "File too large")
            # Unless a session of before expires in that moment.
            self.assertRegex(voter.errors[-1], "/acceptedEpoch|/log[.]")
            self.java.start(leader, wait=False)
        with Voter(self.java, 3) as voter:
            voter.synced()
            self.same_tree()
            self.assertEqual(written - paths(self.files), set())
            self.assertEqual(voter.stop(), 0)

    # ---- a leader that goes while an empty directory is filled

    def pause_amid_snapshot(self):
        """A voter that is stopped between the begin of a SNAP and the UPTODATE behind it."""
        for _ in range(5):
            self.wipe()
            voter = Voter(self.java, 3)
            deadline = time.monotonic() + 20
            while not any("SNAP" in str(r) for r in list(voter.records)):
                self.assertLess(time.monotonic(), deadline, voter.errors[-3:])
                time.sleep(0.0005)
            voter.pause()
            if not any(r.get("event") == "sync" and "ms" in r for r in list(voter.records)):
                return voter
            voter.__exit__()
        return self.fail("a snapshot is always done at once")

    def has_no_vote(self, voter, stale):
        """`stale` looks for a leader and finds none: zkprobe waits to be filled, without a vote."""
        voter.wait_for(lambda r: "waits for a leader" in r.get("text", ""), 20, "zkprobe waits")
        support.wait_until(
            lambda: support.zkprobe("status", "--json", self.java.election(stale)).stdout.count(
                "LOOKING") > 0, 20, f"server {stale} looks for a leader")
        self.assertEqual(self.java.role(stale), "")
        self.assertTrue(self.marker.exists())
        self.assertFalse(any("the seat is taken" in note for note in voter.notes()))

    def takes_its_seat(self, voter, back, prefix):
        self.java.start(back, wait=False)
        leader = self.java.wait_leader()
        voter.synced()
        self.assertTrue(any("the seat is taken" in note for note in voter.notes()))
        self.assertFalse(self.marker.exists())
        self.write(prefix, 3, leader)
        self.same_tree()
        self.assertEqual(voter.stop(), 0)

    def test_a_leader_that_was_cut_off_says_uptodate(self):
        """Named to come before the next one, while the tree is small: it has syncLimit ticks."""
        self.wipe()
        self.write("/cut/n", 5)
        self.java.pause(self.other)  # the leader has no quorum any more, and does not know yet
        with Voter(self.java, 3) as voter:
            voter.wait_for(lambda r: r.get("event") == "sync" and "ms" in r, 20, "UPTODATE")
            voter.wait_for(lambda r: "waits for a leader" in r.get("text", ""), 20, "it gave up")
            self.java.kill(self.leader)
            self.java.resume(self.other)
            self.has_no_vote(voter, self.other)
            self.takes_its_seat(voter, self.leader, "/cut/after")

    def test_the_leader_goes_before_uptodate(self):
        self.java.client("load", "--count", 400, "--size", 50000, "--prefix", "/big/n",
                         sid=self.leader)
        with self.pause_amid_snapshot() as voter:
            self.java.kill(self.leader)
            voter.resume()
            self.has_no_vote(voter, self.other)
            self.takes_its_seat(voter, self.leader, "/big/after")


if __name__ == "__main__":
    support.main()
