#!/usr/bin/env python3
"""The same scenario against a Java server and against our own voter, compared message by message
(scripts/compare-transcripts): the Java server is the oracle of our election. Random but seeded moves
of members 2 and 3, and what of the catalogue a server that is alone can be asked.

ZKPROBE_SEEDS=300 or 301-400 plays more seeds, dealt to the releases in turn, and the catalogue with each
of them; ZKPROBE_SEED=7 that one alone, to each release; ZKPROBE_RELEASES=3.9,3.6.4 names others.
"""
import concurrent.futures
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

import moves
import seats
import support
from support import Ensemble, start_zkprobe

RELEASES = os.environ.get("ZKPROBE_RELEASES", "3.4.14,3.9").split(",")
PAIRS = int(os.environ.get("ZKPROBE_PAIRS", "2"))  # of servers for each release, at the same time
PAUSE_MS, SLOW_PAUSE_MS = 300, 1200
# Whoever has decided keeps to it for longer than a scenario lasts.
LASTING = ["--set", "initLimit=60", "--set", "syncLimit=60"]
# What any server can be asked, one after another; what needs one that is new; and one that follows.
ANY = ["last_vote_repeated", "link_replaced", "own_id", "scanner", "frame_*", "greeting_*", "vote_*", "dial_*"]
ELECTS = ["better_vote_adopted", "higher_round_adopted", "lost_message", "leader_has_not_spoken",
          "leader_out_of_view"]
if "ZKPROBE_SEEDS" in os.environ:  # the nightly form
    ELECTS += ["join_inconsistent", "mixed_versions", "rounds_do_not_add_up", "stale_round",
               "stranger_not_counted"]
FOLLOWS = ["follower_cut", "follower_diff", "follower_epochs", "follower_late_commit",
           "follower_snap"]


class Pair:
    """A Java server that is alone, and our own voter on the same seat of another such ensemble."""

    def __init__(self, release):
        self.java = Ensemble(release, "--only", 1, "--no-wait", *LASTING, voters=3)
        self.ours = Ensemble(release, "--seat-free", "1,2,3", "--no-wait", *LASTING, voters=3)
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="zkprobe-transcripts-"))

    def __enter__(self):
        self.java.__enter__()
        try:
            self.ours.__enter__()
        except BaseException:
            self.java.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.java.__exit__()
        self.ours.__exit__()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def release(self):
        return self.java.servers[1]["release"]

    def check(self, ensemble, name, *arguments):
        """Begins to play; its transcript is for finish()."""
        path = self.folder / name
        return path, subprocess.Popen(
            [support.zkprobe_path(), "check", "--json", "--ensemble", ensemble.directory,
             ensemble.election(1), "--release", self.release, "--transcript", path,
             *map(str, arguments)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True)

    @staticmethod
    def finish(begun):
        path, process = begun
        _, errors = process.communicate(timeout=600)
        if process.returncode not in (0, 1) or errors:
            raise AssertionError(f"zkprobe check: exit {process.returncode}: {errors}")
        return path

    def voter(self, follows):
        """Our own: that may be elected and has no data, or that follows and is new."""
        emulate = ["--emulate", self.release]
        if not follows:
            return seats.electable(self.ours, 1, *emulate)
        shutil.rmtree(self.ours.data(1), ignore_errors=True)
        (self.ours.data(1).parent / "initialize").touch()
        return start_zkprobe("join", "--json", "--config", seats.config_of(self.ours, 1),
                             "--ensemble", self.ours.directory, *emulate)

    def play(self, *arguments, follows=False, compare=()):
        """Both play this; the records of the comparison."""
        java = self.check(self.java, "java.jsonl", *arguments)
        try:
            with self.voter(follows) as voter:
                voter.wait_for(lambda r: r.get("event") == "report", 20, "it looks for a leader")
                ours = self.finish(self.check(self.ours, "ours.jsonl", *arguments))
        finally:
            theirs = self.finish(java)
        return compared(theirs, ours, *compare)


def numbers(release):
    return tuple(int(part) for part in release.split("."))


def compared(java, ours, *arguments):
    result = subprocess.run([str(support.ROOT / "scripts" / "compare-transcripts"), "--json", *arguments,
                             str(java), str(ours)], capture_output=True, text=True, check=False, timeout=60)
    if result.returncode not in (0, 1):
        raise AssertionError(result.stderr)
    return support.records(result.stdout)


def play_seed(pair, seed):
    """The record of a seed, how its pace was, and its text. What a busy machine made differ does not
    differ at a slower pace."""
    for pause in (PAUSE_MS, SLOW_PAUSE_MS):
        text = moves.scenario(seed, numbers(pair.release), pause)
        path = pair.folder / f"seed_{seed}.txt"
        path.write_text(text)
        record, = pair.play("--scenario", path, compare=["--until-decided", "--in-order"])
        if record["result"] in ("agree", "known"):
            break
    return record, pause, text


def play_seeds(release, seeds):
    with Pair(release) as pair:
        return [(release, seed, *play_seed(pair, seed)) for seed in seeds]


def play_any(release):
    """[(release, record)]"""
    with Pair(release) as pair:
        return [(release, record) for record in
                pair.play(*[word for name in ANY for word in ("--only", name)])]


def play_anew(release):
    """[(release, record)] of what needs a server that is new."""
    with Pair(release) as pair:
        return [(release, record) for name in ELECTS + FOLLOWS
                for record in pair.play("--only", name, follows=name in FOLLOWS)]


def summary(records, what):
    """One line: how many agree."""
    count = {word: sum(record["result"] == word for record in records)
             for word in ("agree", "known", "differ")}
    return (f"{len(records)} {what}, {sum(record.get('messages', 0) for record in records)} messages: "
            f"{count['agree']} agree, {count['known']} differ as is known, {count['differ']} differ")


class Differential(unittest.TestCase):
    """All of it is played at once: most of the time a scenario waits."""

    @classmethod
    def setUpClass(cls):
        cls.one = os.environ.get("ZKPROBE_SEED")
        first, _, last = os.environ.get("ZKPROBE_SEEDS", "30").rpartition("-")
        seeds = [int(cls.one)] if cls.one else list(range(int(first or 1), int(last) + 1))
        cls.pool = concurrent.futures.ThreadPoolExecutor(16)
        # The newest in every run, the others with many seeds.
        cls.catalogue = {release: [cls.pool.submit(play, release) for play in (play_any, play_anew)]
                         for release in RELEASES if not cls.one
                         and ("ZKPROBE_SEEDS" in os.environ or release == RELEASES[-1])}
        cls.seeds = []
        for number, release in enumerate(RELEASES):
            mine = seeds if cls.one else seeds[number::len(RELEASES)]
            cls.seeds += [cls.pool.submit(play_seeds, release, mine[part::PAIRS])
                          for part in range(PAIRS) if mine[part::PAIRS]]

    @classmethod
    def tearDownClass(cls):
        cls.pool.shutdown(cancel_futures=True)

    def test_java_and_our_own_voter_say_the_same_to_seeded_moves(self):
        results = [one for future in self.seeds for one in future.result()]
        for release in RELEASES:
            mine = [one for one in results if one[0] == release]
            slow = sum(pause == SLOW_PAUSE_MS for _, _, _, pause, _ in mine)
            decided = sum(record.get("decided", False) for _, _, record, _, _ in mine)
            print(f"{release}: {summary([one[2] for one in mine], 'seeds')}; {decided} decided, "
                  f"{slow} at a slow pace")
            if len(mine) >= 10:  # few may be votes that decide nothing
                self.assertGreater(decided, len(mine) // 4, "the moves lead to decisions")
        for release, seed, record, _, text in results:
            with self.subTest(release=release, seed=seed):
                self.assertIn(record["result"], ("agree", "known"), f"ZKPROBE_SEED={seed} "
                              f"ZKPROBE_RELEASES={release}\n{json.dumps(record, indent=1)}\n{text}")

    def test_java_and_our_own_voter_play_the_catalogue_alike(self):
        for release, futures in self.catalogue.items():
            results = [one for future in futures for one in future.result()]
            played = [record for _, record in results if record["result"] != "skip"]
            print(f"{release}: {summary(played, 'of the catalogue')}")
            self.assertGreater(len(played), 20, results)
            for record in played:
                with self.subTest(release=release, scenario=record["scenario"]):
                    self.assertNotEqual(record["result"], "differ", json.dumps(record, indent=1))


if __name__ == "__main__":
    support.main()
