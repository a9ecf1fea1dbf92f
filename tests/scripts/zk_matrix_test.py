"""The matrix without Java: what it plans, how it puts trouble into words, what it prints.

Run: python3 -m unittest discover -s tests/scripts -p '*_test.py'
"""
import json
import types
import unittest
import xml.etree.ElementTree

import scripts_support  # noqa: F401  (the folder of the scripts)
from zk_matrix import page, plan, rolling, servers
from zk_matrix.results import Results, Row

OLD, MIDDLE, NEW = (plan.Build(name, name) for name in ("3.4.14", "3.8", "3.9"))


def record(result, **more):
    """One record of zkprobe check."""
    return dict({"result": result, "title": "a title", "expected": "e", "observed": "<o>",
                 "ms": 1500}, **more)


class Plan(unittest.TestCase):
    """What is to be run."""

    def test_neighbours_both_ways_and_the_oldest_with_the_newest(self):
        names = [" ".join(build.name for build in group)
                 for group in plan.pairs([OLD, MIDDLE, NEW])]
        self.assertEqual(names, ["3.4.14 3.4.14 3.8", "3.4.14 3.8 3.8", "3.4.14 3.8 zkprobe",
                                 "3.8 3.8 3.9", "3.8 3.9 3.9", "3.8 3.9 zkprobe",
                                 "3.4.14 3.4.14 3.9", "3.4.14 3.9 3.9", "3.4.14 3.9 zkprobe"])

    def test_one_release_has_nobody_to_be_mixed_with_and_nothing_to_become(self):
        self.assertEqual([job.name for job in plan.jobs([NEW], plan.PARTS)], ["3.9", "3.9 multi"])

    def test_several_addresses_where_a_release_has_them(self):
        made = plan.jobs([OLD, MIDDLE, NEW], ["checks", "mixed"], ["multi"])
        self.assertEqual([job.name for job in made],
                         ["3.8 multi", "3.9 multi", "3.8 3.8 3.9 multi", "3.8 3.9 3.9 multi",
                          "3.8 3.9 zkprobe multi"])
        self.assertEqual(made[-1].releases, ["3.8", "3.9"])
        self.assertTrue(all(job.arguments == ["--multi-address"] for job in made))

    def test_a_folder_is_called_by_its_name_unless_that_is_taken(self):
        made = plan.builds(["3.9"], ["/a/mine", "/b/mine", "/c/zkprobe/"])
        self.assertEqual([build.name for build in made], ["3.9", "mine", "/b/mine", "/c/zkprobe"])
        self.assertEqual([build.release for build in made],
                         ["3.9", "/a/mine/", "/b/mine/", "/c/zkprobe/"])
        self.assertFalse(made[1].has_multi)

    def test_it_tells_what_and_how_long(self):
        told = plan.told(plan.jobs([OLD, NEW], plan.PARTS))
        self.assertEqual(told, "3 columns of checks, 3 mixed ensembles (1 with a zkprobe member), a "
                         "rolling upgrade in 3 steps, 1 of all with several addresses; about "
                         "2 minutes")
        told = plan.told(plan.jobs([OLD, MIDDLE, NEW], ["rolling"]))
        self.assertEqual(told, "a rolling upgrade in 6 steps; about 1 minute")


class Trouble(unittest.TestCase):
    """What a cell says about a server that did not start."""

    def test_who_failed_and_the_error_of_its_log(self):
        said = ("zk-ensemble: server 2 (3.4.14) is follower after 3.4 s\n"
                "zk-ensemble: server 1 (3.5.10) has ended; its log /tmp/x/1/server.log says\n"
                "    2026-11-26 20:57:36,265 [sid:1] - INFO  [main:Peer@1] - tickTime set to 1000\n"
                "    2026-11-26 20:57:36,334 [sid:1] - ERROR [main:Peer@9] - Unable to load\n"
                "    java.io.IOException: No snapshot found\n")
        self.assertEqual(servers.reason(said, 1), "zk-ensemble: server 1 (3.5.10) has ended: "
                         "java.io.IOException: No snapshot found")

    def test_nothing_said(self):
        self.assertEqual(servers.reason("", 7), "zk-ensemble: exit 7")


class Watched(unittest.TestCase):
    """What zkprobe status --watch must have told about a step."""

    @staticmethod
    def saw(*reached):
        records = [{"address": "a:1", "reachable": each} for each in reached]
        watch = types.SimpleNamespace(records=lambda: records + [{"address": "b:1"}])
        return rolling.gone_and_back(watch, 0, "a:1")

    def test_gone_and_back_in_this_order(self):
        self.assertTrue(self.saw(False, True))
        self.assertTrue(self.saw(True, False, True))
        for reached in ([], [True], [False], [True, False]):
            self.assertFalse(self.saw(*reached), reached)


class Results_(unittest.TestCase):
    """One column, one that did not start, a mixed ensemble, and steps of an upgrade."""

    def setUp(self):
        self.results = Results(["3.8", "own"])
        self.results.columns = {"3.8": {"a": record("pass"), "b": record("known_defect"),
                                        "c": record("fail"), "d": record("skip")},
                                "own": "it <ended>"}
        self.results.rows["mixed"].append(Row("3.8 3.8 own", "FAIL", 3.2, "no leader"))
        self.results.rows["rolling"] += [Row("3.8 -> own, server 1", "defect", 9, "known"),
                                         Row("3.8 -> own, server 2", "ok", 9, "follower")]

    def test_text(self):
        text = self.results.text()
        self.assertRegex(text, r"(?m)^a +ok +\?$")
        self.assertRegex(text, r"(?m)^c +FAIL +\?$")
        self.assertIn("3.8 c: expected e, found <o>\nown: it <ended>\n", text)
        self.assertRegex(text, r"(?m)^3\.8 3\.8 own +FAIL +3 +no leader$")
        self.assertRegex(text, r"(?m)^3\.8 -> own, server 1 +defect +9 +known$")
        self.assertTrue(text.endswith(
            "8 cells: 2 ok, 2 known defects, 3 failed, 1 not for the release\n"), text)
        self.assertTrue(self.results.failed())

    def test_a_known_defect_is_no_failure(self):
        self.results.columns = {"3.8": {"b": record("known_defect")}}
        self.results.rows["mixed"] = []
        self.assertFalse(self.results.failed())

    def test_junit(self):
        suites = xml.etree.ElementTree.fromstring(self.results.junit())
        self.assertEqual([suite.get("name") for suite in suites],
                         ["checks 3.8", "checks own", "mixed ensembles", "rolling upgrade"])
        kinds = [[child.tag for case in suite for child in case] for suite in suites]
        self.assertEqual(kinds, [["skipped", "failure", "skipped"], ["failure"], ["failure"],
                                 ["skipped"]])

    def test_json_and_page(self):
        cells = json.loads(self.results.json())
        self.assertEqual(cells["rolling"][1]["text"], "follower")
        text = page.page(self.results)
        self.assertIn("&lt;o&gt;", text)
        self.assertNotIn("<o>", text)
        self.assertIn("own: it &lt;ended&gt;", text)
        self.assertIn("<h2>Rolling upgrade</h2>", text)


if __name__ == "__main__":
    unittest.main()
