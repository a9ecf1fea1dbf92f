#!/usr/bin/env python3
"""Random but seeded votes of members 2 and 3 to server 1, which is alone: a Java server and our
election machine are asked after each one, and must say the same until one of them has decided.

ZKPROBE_SEEDS=200 plays more; ZKPROBE_SEED=7 plays that one alone.
"""
import json
import os
import pathlib
import random
import subprocess
import tempfile
import unittest

import support
from support import Ensemble

RELEASES = ["3.4.14", "3.9"]
MOVES = 6


def tool_path():
    named = os.environ.get("SCENARIO_TOOL")
    path = pathlib.Path(named) if named else \
        pathlib.Path(support.zkprobe_path()).parent / "tests" / "scenario_tool"
    if not path.exists():
        raise RuntimeError(f"{path}: not built")
    return str(path)


def scenario(seed):
    """Votes of a small space, so that quorums come about often."""
    draw = random.Random(seed)
    lines = [f"# Seed {seed}.", f"title seed {seed}", "class destructive",
             "server expect answer state=LOOKING round=1 within=30s"]
    for member in (2, 3):
        lines += [f"m{member} dial", f"m{member} greet v1 id={member}"]
    for _ in range(draw.randint(1, MOVES)):
        member = draw.choice((2, 3))
        state = draw.choice(("LOOKING",) * 4 + ("FOLLOWING", "LEADING"))
        leader = {"LEADING": member}.get(state) or draw.choice(
            [sid for sid in (1, 2, 3) if state == "LOOKING" or sid != member])
        lines.append(f"m{member} vote {state} leader={leader} zxid={draw.choice((0, 0, 5))} "
                     f"round={draw.choice((1, 1, 1, 2))} epoch={draw.choice((0, 0, 1))}")
        # A decision comes 200 ms after its quorum.
        lines += ["m2 pause 500ms", "server expect answer within=10s"]
    return "\n".join(lines) + "\n"


def play(path, where, release):
    result = subprocess.run([tool_path(), str(path), where, release], capture_output=True, text=True,
                            timeout=120, stdin=subprocess.DEVNULL, check=True)
    record = json.loads(result.stdout)
    if record["result"] != "pass":
        raise AssertionError(f"{where}: {record}")
    return record["transcript"]


def until_decided(transcript):
    """What the server said after each move, up to its first decision: what a Java server does
    then depends on followers that are not there."""
    kept = []
    for line in transcript:
        kept.append(line)
        if line.startswith("server < notification") and "LOOKING" not in line:
            break
    return kept


class Differential(unittest.TestCase):
    def test_java_and_our_machine_say_the_same(self):
        one = os.environ.get("ZKPROBE_SEED")
        seeds = [int(one)] if one else range(1, int(os.environ.get("ZKPROBE_SEEDS", "8")) + 1)
        decided = 0
        for release in RELEASES:
            with tempfile.TemporaryDirectory() as folder, \
                    Ensemble(release, "--only", 1, "--no-wait", voters=3) as ensemble:
                for seed in seeds:
                    path = pathlib.Path(folder, f"seed_{seed}.txt")
                    path.write_text(scenario(seed))
                    with self.subTest(release=release, seed=seed):
                        java = until_decided(play(path, ensemble.election(1),
                                                  ensemble.servers[1]["release"]))
                        ours = until_decided(play(path, "machine", ensemble.servers[1]["release"]))
                        self.assertEqual(ours, java, f"ZKPROBE_SEED={seed}\n{path.read_text()}")
                        decided += "LOOKING" not in java[-1]
                    ensemble.wipe(1)
                    ensemble.start(1, wait=False)
        print(f"{len(seeds)} seeds, {len(RELEASES)} releases: {decided} ended in a decision")
        if not one:
            self.assertGreater(decided, 2, "the moves lead to decisions")


if __name__ == "__main__":
    support.main()
