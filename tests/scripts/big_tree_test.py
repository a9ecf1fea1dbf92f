#!/usr/bin/env python3
"""What scripts/bench tree reads from a Java server's log."""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "scripts"))
from zk_bench import big_tree  # noqa: E402

LOG = """\
2026-11-26 19:33:11,500 [sid:3] - INFO  [QuorumPeer[myid=3]:o.a.z.s.q.Learner@572] - \
Getting a snapshot from leader 0x200000000
2026-11-26 19:33:17,800 [sid:3] - INFO  [QuorumPeer[myid=3]:o.a.z.s.q.Learner@780] - \
Learner received UPTODATE message
"""


class Log(unittest.TestCase):
    def test_from_the_snapshot_to_uptodate(self):
        self.assertAlmostEqual(big_tree.between(LOG), 6.3)

    def test_a_server_that_is_still_at_it(self):
        self.assertIsNone(big_tree.between(LOG.splitlines()[0]))

    def test_the_smallest_heap_is_found_by_halving(self):
        class Ensemble:
            def java(self, heap):
                return (1.0, 1) if heap >= 352 else None

        told = []
        self.assertEqual(big_tree.smallest_heap(Ensemble(), told.append), 352)
        self.assertLess(len(told), 7)


if __name__ == "__main__":
    unittest.main()
