#!/usr/bin/env python3
"""The same scenario against a Java server and against our own voter, compared message by message
(scripts/compare-transcripts): the Java server is the oracle of our election. Random but seeded moves
of members 2 and 3, and what of the catalogue a server that is alone can be asked.

ZKPROBE_SEEDS=300 plays more seeds, dealt to the releases in turn; ZKPROBE_SEED=7 that one alone, to
each release; ZKPROBE_RELEASES=3.9,3.6.4 names others.
"""
import concurrent.futures
import json
import os
import pathlib
import subprocess
import tempfile
import unittest

import moves
import seats
import support
from support import Ensemble, start_zkprobe

RELEASES = os.environ.get("ZKPROBE_RELEASES", "3.4.14,3.9").split(",")
PAIRS = 2  # of servers for each release, which play at the same time
PAUSE_MS, SLOW_PAUSE_MS = 300, 1200
# Whoever has decided keeps to it for longer than a scenario lasts.
LASTING = ["--set", "initLimit=60", "--set", "syncLimit=60"]
ELECTS = ["better_vote_adopted", "higher_round_adopted", "last_vote_repeated", "lost_message",
          "leader_has_not_spoken", "leader_out_of_view", "link_replaced", "own_id", "frame_*",
          "greeting_*", "vote_*", "dial_*"]
FOLLOWS = ["follower_diff", "follower_epochs", "follower_snap"]


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
        (self.ours.data(1).parent / "initialize").touch()
        return start_zkprobe("join", "--json", "--config", seats.config_of(self.ours, 1),
                             "--ensemble", self.ours.directory, *emulate)

    def play(self, *arguments, follows=False, until_decided=False):
        """Both play this; the records of the comparison."""
        java = self.check(self.java, "java.jsonl", *arguments)
        try:
            with self.voter(follows) as voter:
                voter.wait_for(lambda r: r.get("event") == "report", 20, "it looks for a leader")
                ours = self.finish(self.check(self.ours, "ours.jsonl", *arguments))
        finally:
            theirs = self.finish(java)
        return compared(theirs, ours, *(["--until-decided"] if until_decided else []))


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
        record, = pair.play("--scenario", path, until_decided=True)
        if record["result"] in ("agree", "known"):
            break
    return record, pause, text


class Differential(unittest.TestCase):
    def test_java_and_our_own_voter_say_the_same_to_seeded_moves(self):
        one = os.environ.get("ZKPROBE_SEED")
        seeds = [int(one)] if one else list(range(1, int(os.environ.get("ZKPROBE_SEEDS", "30")) + 1))
        jobs = []
        for number, release in enumerate(RELEASES):
            mine = seeds if one else seeds[number::len(RELEASES)]
            jobs += [(release, mine[part::PAIRS]) for part in range(PAIRS) if mine[part::PAIRS]]
        with concurrent.futures.ThreadPoolExecutor(len(jobs)) as pool:
            results = [one for found in pool.map(lambda job: self.play_seeds(*job), jobs)
                       for one in found]
        for release in RELEASES:
            mine = [one for one in results if one[0] == release]
            count = {word: sum(record["result"] == word for _, _, record, _, _ in mine)
                     for word in ("agree", "known", "differ", "skip")}
            messages = sum(record.get("messages", 0) for _, _, record, _, _ in mine)
            slow = sum(pause == SLOW_PAUSE_MS for _, _, _, pause, _ in mine)
            print(f"{release}: {len(mine)} seeds, {messages} messages: {count['agree']} agree, "
                  f"{count['known']} differ as is known, {count['differ']} differ; {slow} at a slow pace")
        for release, seed, record, _, text in results:
            with self.subTest(release=release, seed=seed):
                self.assertIn(record["result"], ("agree", "known"), f"ZKPROBE_SEED={seed} "
                              f"ZKPROBE_RELEASES={release}\n{json.dumps(record, indent=1)}\n{text}")

    @staticmethod
    def play_seeds(release, seeds):
        with Pair(release) as pair:
            return [(release, seed, *play_seed(pair, seed)) for seed in seeds]

    def test_java_and_our_own_voter_play_the_catalogue_alike(self):
        with concurrent.futures.ThreadPoolExecutor(len(RELEASES)) as pool:
            for release, records in pool.map(self.play_catalogue, RELEASES):
                played = [record for record in records if record["result"] != "skip"]
                print(f"{release}: {len(played)} of the catalogue: " + ", ".join(
                    f"{sum(one['result'] == word for one in played)} {word}"
                    for word in ("agree", "known", "differ")))
                for record in records:
                    with self.subTest(release=release, scenario=record["scenario"]):
                        self.assertNotEqual(record["result"], "differ", json.dumps(record, indent=1))
                self.assertGreater(len(played), 12, records)

    @staticmethod
    def play_catalogue(release):
        def only(names):
            return [word for name in names for word in ("--only", name)]
        with Pair(release) as pair:
            records = []
            for name in ELECTS + FOLLOWS:
                records += pair.play(*only([name]), follows=name in FOLLOWS)
            return release, records


if __name__ == "__main__":
    support.main()
