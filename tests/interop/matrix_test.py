#!/usr/bin/env python3
"""A slice of scripts/matrix: two releases, their mixed ensembles, an upgrade, several addresses each, and
a server that does not start.
"""
import json
import pathlib
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree

import support


def matrix(*arguments, code):
    result = subprocess.run([str(support.ROOT / "scripts" / "matrix"), "--zkprobe",
                             support.zkprobe_path(), *map(str, arguments)], capture_output=True,
                            text=True, timeout=600, stdin=subprocess.DEVNULL, check=False)
    if result.returncode != code:
        raise AssertionError(f"exit {result.returncode}\n{result.stdout}\n{result.stderr}")
    return result


class Slice(unittest.TestCase):
    def test_two_releases_and_what_they_are_together(self):
        with tempfile.TemporaryDirectory() as folder:
            paths = {kind: pathlib.Path(folder, kind) for kind in ("junit", "html", "json")}
            result = matrix("--releases", "3.4.14,3.9", "--only", "greeting_*", "--only",
                            "learner_first_packet", "--parts", "checks,mixed",
                            *(word for kind, path in paths.items()
                              for word in (f"--{kind}", path)), code=0)
            self.assertIn("3 columns of checks, 3 mixed ensembles (1 with", result.stderr)
            self.assertRegex(result.stdout, r"(?m)^greeting_v2 +ok +ok +ok$")
            # Whoever leads is asked for it.
            self.assertRegex(result.stdout, r"(?m)^learner_first_packet +ok +ok +ok$")
            self.assertRegex(result.stdout, r"(?m)^greeting_in_pieces +defect +defect +defect$")
            self.assertRegex(result.stdout, r"(?m)^3\.4\.14 3\.4\.14 3\.9 +ok ")
            self.assertRegex(result.stdout, r"(?m)^3\.4\.14 3\.9 zkprobe +ok .* by zkprobe's vote, .*"
                             r" [1-9]\d* writes in zkprobe's directory, its digest equal$")
            cells = json.loads(paths["json"].read_text())
            self.assertEqual(set(cells["checks"]), {"3.4.14", "3.9", "3.9 multi"})
            suites = xml.etree.ElementTree.parse(paths["junit"]).getroot()
            self.assertEqual(len(suites), 4)
            page = paths["html"].read_text()
            self.assertIn("<th>greeting_v2</th>", page)
            self.assertNotIn("http", page, "the page needs nothing but itself")

    def test_builds_of_ones_own_and_folders_that_are_none(self):
        """An unpacked distribution runs; a jar without classes and a folder without jars are cells."""
        with tempfile.TemporaryDirectory() as folder:
            own, broken, empty = (pathlib.Path(folder, name) for name in ("own", "broken", "empty"))
            for path in (own / "lib", broken / "lib", empty):
                path.mkdir(parents=True)
            jars = subprocess.run([str(support.ROOT / "scripts" / "zk-ensemble"), "classpath",
                                   "--release", "3.9"], capture_output=True, text=True, check=True)
            for jar in jars.stdout.strip().split(":"):
                (own / "lib" / pathlib.Path(jar).name).symlink_to(jar)
            (broken / "lib" / "zookeeper-9.9.9-mine.jar").touch()
            folders = [word for path in (own, broken, empty) for word in ("--server", path)]
            result = matrix("--releases", "3.8", *folders, "--parts", "checks", "--only",
                            "vote_query", "--variants", "default", code=1)
            self.assertRegex(result.stdout, r"(?m)^CHECK +3\.8 +own +broken +empty$")
            self.assertRegex(result.stdout, r"(?m)^vote_query +ok +ok +\? +\?$")
            self.assertRegex(result.stdout, r"(?m)^broken: .*server \d \(9\.9\.9-mine\) has ended: .*")
            self.assertRegex(result.stdout, r"(?m)^empty: .*found no zookeeper-\*\.jar$")

    def test_a_release_that_does_not_start_is_a_cell(self):
        result = matrix("--releases", "9.9", "--parts", "checks", "--only", "vote_query", code=1)
        self.assertRegex(result.stdout, "(?m)^9.9: .*zk-ensemble")

    def test_several_addresses_each(self):
        result = matrix("--releases", "3.8,3.9", "--parts", "mixed", "--variants", "multi", code=0)
        self.assertRegex(result.stdout, r"(?m)^3\.8 3\.8 3\.9 multi +ok ")
        self.assertRegex(result.stdout, r"(?m)^3\.8 3\.9 zkprobe multi +ok .* its digest equal$")

    def test_an_upgrade_keeps_every_write_and_shows_what_3_5_refuses(self):
        """3.4.14 to 3.9: a leader of 3.4 that began with nothing has a log and no snapshot; of its
        followers one that came late may have got one."""
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "json")
            result = matrix("--releases", "3.4.14,3.9", "--parts", "rolling", "--json", path, code=0)
            self.assertIn("a rolling upgrade in 3 steps", result.stderr)
            rows = json.loads(path.read_text())["rolling"]
        self.assertEqual(rows[-1]["verdict"], "defect", rows)
        self.assertIn("snapshot.trust.empty", rows[-1]["text"])
        self.assertEqual(sorted(row["name"] for row in rows),
                         [f"3.4.14 -> 3.9, server {sid}" for sid in (1, 2, 3)])
        for row in rows:
            self.assertRegex(row["text"], r"[1-9]\d* kept, none missing")
        self.assertRegex(rows[-1]["text"], r"leader; leader \d, then \d;")

    def test_a_list_runs_nothing(self):
        result = matrix("--releases", "3.4.14,3.9", "--list", code=0)
        self.assertRegex(result.stdout, r"(?m)^mixed +\d+ s  3\.4\.14 3\.9 zkprobe$")
        self.assertRegex(result.stdout, r"(?m)^3 columns of checks, .* about \d+ minutes$")
        self.assertEqual(result.stderr, "")

    def test_wrong_usage(self):
        self.assertIn("--parts", matrix("--parts", "none", code=2).stderr)
        self.assertIn("--variants", matrix("--variants", "multi,none", code=2).stderr)

    def test_what_cannot_be_carried_out_is_refused_before_a_server_starts(self):
        one = ["--releases", "3.9", "--parts", "checks"]
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        nope = f"{folder.name}/nope"
        for arguments, said in (
                ([*one, "--only", "vote_query", "--junit", f"{nope}/x.xml"],
                 f"{nope}/x.xml: cannot be written"),
                ([*one, "--json", "/"], "/: cannot"),
                (["--releases", "3.9", "--parts", "rolling"], "nothing to run"),
                (["--releases", "3.4.14", "--variants", "multi", "--list"], "nothing to run"),
                ([*one, "--only", "nosuch", "--list"], "--only nosuch: expected"),
                (["--releases", "foo", "--list"], "release 'foo': expected"),
                ([*one, "--server", nope, "--list"], f"--server {nope}/: expected a folder")):
            with self.subTest(arguments=arguments):
                result = matrix(*arguments, code=2)
                self.assertEqual(result.stdout, "")
                self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)
                self.assertIn(said, result.stderr)


if __name__ == "__main__":
    support.main()
