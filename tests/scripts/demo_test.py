#!/usr/bin/env python3
"""scripts/demo to its end, with the zkprobe that was built: what it shows is what README promises.

Environment: ZKPROBE_BIN names the program.
"""
import os
import re
import unittest

import scripts_support


def demo(*words):
    """Its standard output, once it ended well."""
    done = scripts_support.run("demo", "--zkprobe", os.environ["ZKPROBE_BIN"], *words, seconds=300)
    if done.returncode != 0:
        raise AssertionError(f"demo: exit {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done.stdout


class Embedded(unittest.TestCase):
    def test_an_ensemble_elects_and_loses_its_leader(self):
        shown = demo("--embedded")
        leaders = re.findall(r"server (\d) leads epoch \S+ round", shown)
        self.assertEqual(leaders, ["3", "2"], shown)
        self.assertIn("$ zkprobe ensemble --voters 3", shown)
        self.assertRegex(shown, r"3 +down")

    def test_a_program_that_is_not_there_is_named(self):
        done = scripts_support.run("demo", "--embedded", "--zkprobe", "/nowhere/zkprobe")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("/nowhere/zkprobe", done.stderr)


class WithJava(unittest.TestCase):
    def test_servers_are_asked_joined_and_found_again(self):
        shown = demo()
        steps = shown.split("$ zkprobe ")
        self.assertEqual([step.split()[0] for step in steps[1:]],
                         ["status", "join", "status", "status"], shown)
        first, joined, watched, last = steps[1:]
        self.assertEqual(first.count("FOLLOWING"), 2)
        self.assertEqual(first.count("LEADING"), 1)
        self.assertRegex(joined, r"synced +(SNAP|DIFF)")
        self.assertGreaterEqual(joined.count(" create /demo/n"), 5)
        self.assertIn("LEADING", watched)
        self.assertEqual(last.count("LEADING"), 1)
        self.assertEqual(last.count("no answer"), 1, last)


if __name__ == "__main__":
    unittest.main()
