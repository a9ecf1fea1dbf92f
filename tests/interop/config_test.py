#!/usr/bin/env python3
"""The files of fixtures/config, read by the real QuorumPeerConfig and by zkprobe: both must accept
and refuse the same ones, and make the same of them.

  config_test.py             the releases that are tested everywhere
  config_test.py --record    asks more releases and writes fixtures/config/java.txt
"""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import support  # noqa: E402

FIXTURES = support.ROOT / "fixtures" / "config"
ORACLE = pathlib.Path(__file__).resolve().parent / "ConfigOracle.java"
TESTED = ["3.4.14", "3.5.10", "3.9.6"]
RECORDED = ["3.3.6", "3.4.0", "3.4.5", "3.4.6", "3.4.14", "3.5.0-alpha", "3.5.10", "3.6.0", "3.6.4",
            "3.7.2", "3.8.7", "3.9.6"]
HEADER = """\
# What QuorumPeerConfig makes of each file here: file, releases, verdict, values.
# Written by tests/interop/config_test.py --record; see README.md.
"""


def unpack(fixture, folder):
    """Writes the files of one fixture; $DIR becomes the folder. Returns the path of its zoo.cfg."""
    parts = {"zoo.cfg": []}
    name = "zoo.cfg"
    for line in fixture.read_bytes().decode().splitlines(keepends=True):
        if line.startswith("#=== "):
            name = line[5:].strip()
            parts[name] = []
        else:
            parts[name].append(line)
    for name, lines in parts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes("".join(lines).encode().replace(b"$DIR", str(folder).encode()))
    return folder / "zoo.cfg"


def unpack_all(folder):
    """{name: path of zoo.cfg}"""
    return {fixture.stem: unpack(fixture, folder / fixture.stem)
            for fixture in sorted(FIXTURES.glob("*.cfg"))}


def ask_java(release, paths):
    """{name: (verdict, values)}, by the real classes of the release."""
    classes = subprocess.run([support.ROOT / "scripts" / "zk-ensemble", "classpath", "--release",
                              release], capture_output=True, text=True, check=True).stdout.strip()
    names = {str(path): name for name, path in paths.items()}
    result = subprocess.run(["java", "-cp", classes, ORACLE, *names], capture_output=True,
                            text=True, timeout=120, check=False)
    answers = {}
    for line in result.stdout.splitlines():
        if line.startswith("ORACLE\t"):
            _, path, verdict, values = line.split("\t", 3)
            answers[names[path]] = (verdict, values)
    if len(answers) != len(paths):
        raise AssertionError(f"Java {release} answered for {len(answers)} of {len(paths)} files\n"
                             f"{result.stderr[-2000:]}")
    return answers


def ask_zkprobe(release, path):
    """(verdict, values or the error)"""
    result = support.zkprobe("join", "--config", path, "--print-config", "--json", "--emulate",
                             release)
    if result.returncode == 2:
        return "reject", result.stderr.strip()
    if result.returncode != 0:
        raise AssertionError(f"exit {result.returncode}: {result.stderr}")
    record = json.loads(result.stdout)
    return "accept", ";".join(f"{key}={value}" for key, value in record["values"].items())


def record():
    """Writes java.txt: one line for the releases that make the same of a file."""
    answers = {}
    for release in RECORDED:  # each on files of its own: 3.5.0 rewrites what it reads
        with tempfile.TemporaryDirectory(prefix="zkprobe-config-") as folder:
            paths = unpack_all(pathlib.Path(folder))
            answers[release] = ask_java(release, paths)
    lines = []
    for name in paths:
        same = {}
        for release in RECORDED:
            verdict, values = answers[release][name]
            key = (verdict, values if verdict == "accept" else "")
            same.setdefault(key, []).append(release)
        lines += ["\t".join(part for part in (name, ",".join(releases), *key) if part)
                  for key, releases in same.items()]
    (FIXTURES / "java.txt").write_text(HEADER + "\n".join(lines) + "\n")
    print(f"{len(paths)} files, {len(RECORDED)} releases, {len(lines)} lines")


class Config(unittest.TestCase):
    """One test for each release."""

    def compare(self, release):
        with tempfile.TemporaryDirectory(prefix="zkprobe-config-") as folder:
            paths = unpack_all(pathlib.Path(folder))
            self.assertGreater(len(paths), 90)
            for name, (verdict, values) in ask_java(release, paths).items():
                with self.subTest(name=name, release=release):
                    ours = ask_zkprobe(release, paths[name])
                    self.assertEqual(ours[0], verdict, f"Java: {values}\nzkprobe: {ours[1]}")
                    if verdict == "accept":
                        self.assertEqual(ours[1], values)
                    else:
                        self.assertIn("expected", ours[1])

    def test_3_4_14(self):
        self.compare(TESTED[0])

    def test_3_5_10(self):
        self.compare(TESTED[1])

    def test_3_9(self):
        self.compare(TESTED[2])


if __name__ == "__main__":
    if sys.argv[1:] == ["--record"]:
        record()
    else:
        support.main()
