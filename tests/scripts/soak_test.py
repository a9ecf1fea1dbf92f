#!/usr/bin/env python3
"""Five rounds of the soak: members killed while a client writes, no acknowledged write missing."""
import pathlib
import sys
import time
import unittest

import support  # noqa: E402

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "scripts"))
from zk_bench import soak  # noqa: E402


class Soak(unittest.TestCase):
    def test_five_rounds(self):
        kinds = ["leader", "zkprobe", "leader and zkprobe", "stale", "stale and wiped"]
        figures = soak.soak(support.zkprobe_path(), "3.9", 2, len(kinds), 0, 0, int(time.time()),
                            lambda text: print(text, file=sys.stderr), kinds)
        self.assertEqual(figures["missing"], 0)
        self.assertGreater(figures["acknowledged writes"], 50)

    def test_outages_are_gaps_between_acknowledged_writes(self):
        share, longest = soak.outages([1.0, 1.1, 4.1, 4.2], 1.0, 5.0)
        self.assertAlmostEqual(longest, 3.0)
        self.assertAlmostEqual(share, 1 - 3.8 / 4)


if __name__ == "__main__":
    support.main()
