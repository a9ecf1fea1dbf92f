#!/usr/bin/env python3
"""Transcripts that are compared: what may vary, what differs, what is known to differ. No Java.

Run: python3 -m unittest discover -s tests/scripts -p '*_test.py'
"""
import json
import pathlib
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
def entry(kind, issue, java, ours):
    return {"scenario": "own*", "releases": "3.4-3.9", "issue": issue, "peer": "a", "kind": kind,
            "java": java, "ours": ours, "why": "it does"}


KNOWN = [entry("ends", "ZOOKEEPER-1", "nothing", "server closes"),
         entry("aside", "ZOOKEEPER-2", "nothing", "server: notification leader=9"),
         entry("instead", "ZOOKEEPER-3", "server: notification leader=0", "server: notification leader=8")]


def head(scenario="s", **more):
    return dict({"record": "scenario", "scenario": scenario, "release": "3.9.6", "result": "pass",
                 "observed": "", "line": 99}, **more)


def said(side, kind="notification", peer="a", link=1, scenario="s", line=3, asks=False, **fields):
    record = {"record": "message", "scenario": scenario, "line": line, "peer": peer, "link": link,
              "from": side, "kind": kind, "varies": {"ms": link}}
    if fields:
        record["fields"] = fields
    if asks:
        record["asks"] = True
    return record


def compared(java, ours, *arguments):
    """(exit code, records by scenario)"""
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for name, records in (("java", java), ("ours", ours)):
            paths.append(pathlib.Path(folder, name))
            paths[-1].write_text("".join(json.dumps(one) + "\n" for one in records))
        listed = pathlib.Path(folder, "known")
        listed.write_text(json.dumps(KNOWN))
        result = subprocess.run([ROOT / "scripts" / "compare-transcripts", "--json", "--known", listed,
                                 *arguments, *paths], capture_output=True, text=True, check=False)
        if result.returncode == 2:
            raise ValueError(result.stderr)
        records = [json.loads(line) for line in result.stdout.splitlines()]
        return result.returncode, {one["scenario"]: one for one in records}


class Compared(unittest.TestCase):
    def agree(self, java, ours):
        code, records = compared([head(), *java], [head(), *ours])
        self.assertEqual((code, records["s"]["result"]), (0, "agree"), records)

    def differ(self, java, ours):
        code, records = compared([head(), *java], [head(), *ours])
        self.assertEqual((code, records["s"]["result"]), (1, "differ"), records)
        return records["s"]["differences"]

    def test_times_links_and_repeats_may_vary(self):
        vote, better = said("server", leader=1), said("server", leader=2)
        peer = said("peer", leader=3)
        self.agree([vote, peer, vote, better], [vote, peer, better])
        self.agree([vote, peer, better], [vote, better, peer])
        _, records = compared([head(), vote, peer, better], [head(), vote, better, peer], "--in-order")
        self.assertEqual(records["s"]["result"], "differ")
        self.agree([vote, said("server", peer="b", link=2, leader=3)],
                   [said("server", peer="b", link=8, leader=3), said("server", link=9, leader=1)])
        ping = said("server", "quorum_packet", type="PING", zxid="0x1")
        self.agree([vote, ping, ping], [vote])

    def test_another_message_a_missing_one_and_another_order_differ(self):
        vote, better = said("server", leader=1), said("server", leader=2)
        first, = self.differ([vote, better], [vote])
        self.assertEqual((first["message"], first["ours"]), (2, "nothing"))
        self.assertEqual(first["java"], "server: notification leader=2")
        self.assertEqual(self.differ([vote, better], [better, vote])[0]["rest"], 1)
        # Something said again after something else is no repeat.
        self.differ([vote, better, vote], [vote, better])
        self.differ([vote, said("server", "close")], [vote, said("peer", "close")])
        self.agree([vote], [vote, said("peer", "close")])

    def test_of_a_question_its_last_answer_counts(self):
        asked = [said("server", link=link, asks=True, peer="server", state=state)
                 for link, state in ((1, "LOOKING"), (2, "LOOKING"), (2, "LEADING"))]
        self.agree(asked, [said("server", link=7, asks=True, peer="server", state="LEADING")])
        self.differ(asked, asked[:2])

    def of_own_id(self, java, ours, **more):
        """(exit code, the issues that were found)"""
        java, ours = ([head("own_id", **more), *(dict(one, scenario="own_id") for one in said)]
                      for said in (java, ours))
        code, records = compared(java, ours)
        return code, [one["issue"] for one in records["own_id"].get("differences", [])]

    def test_a_known_difference_is_told_as_that(self):
        ends = [said("server", "close"), said("server", leader=7)]
        self.assertEqual(self.of_own_id([], ends), (0, ["ZOOKEEPER-1"]))
        for other in ("3.3.6", "3.10.0"):
            self.assertEqual(self.of_own_id([], ends, release=other), (1, [None]))
        aside = [said("server", leader=one) for one in (1, 9, 1)]
        self.assertEqual(self.of_own_id(aside[:1], aside), (0, ["ZOOKEEPER-2"]))
        java, ours = ([said("server", leader=one) for one in which] for which in ((0, 1), (8, 1)))
        self.assertEqual(self.of_own_id(java, ours), (0, ["ZOOKEEPER-3"]))
        self.assertEqual(self.of_own_id(java, ours[:1]), (1, [None, "ZOOKEEPER-3"]))

    def test_behind_the_line_at_which_one_side_ended_nothing_is_compared(self):
        later = said("server", line=9, leader=5)
        code, records = compared([head(line=8, result="known_defect")], [head(), later])
        self.assertEqual((code, records["s"]["result"]), (0, "agree"))

    def test_a_link_that_is_closed_at_once_may_still_bring_the_last_vote(self):
        vote, other, end = said("server", leader=1), said("server", leader=3), said("server", "close")
        self.agree([end], [vote, end])
        self.agree([vote, vote, end], [end])
        self.differ([end], [vote, other, end])
        self.differ([other, end], [vote, end])
        self.differ([end], [vote])

    def test_until_an_election_has_ended(self):
        asked = [said("server", line=line, link=line, asks=True, peer="server", state=state)
                 for line, state in ((4, "LOOKING"), (6, "FOLLOWING"), (8, "FOLLOWING"))]
        java, ours = [head(), *asked], [head(), *asked[:2], said("server", line=7, leader=4)]
        self.assertEqual(compared(java, ours)[0], 1)
        self.assertEqual(compared(java, ours, "--until-decided")[0], 0)
        self.assertEqual(compared(java, [head(), asked[0]], "--until-decided")[0], 1)

    def test_what_one_side_does_not_play_is_not_compared(self):
        skipped = head("b", result="skip", observed="not applicable")
        code, records = compared([head("a"), head("b")], [skipped])
        self.assertEqual((code, records["a"]["result"], records["b"]["why"]),
                         (1, "skip", "not applicable"))
        self.assertEqual(compared([head("a"), head("b")], [head("a"), skipped])[0], 0)

    def test_nothing_that_was_compared_is_no_agreement(self):
        with tempfile.TemporaryDirectory() as folder:
            empty = pathlib.Path(folder, "empty")
            empty.touch()
            result = subprocess.run([ROOT / "scripts" / "compare-transcripts", empty, empty],
                                    capture_output=True, text=True, check=False)
        self.assertEqual(result.returncode, 1, result.stdout)
        self.assertIn("nothing was compared", result.stderr)

    def test_a_file_that_is_no_transcript(self):
        with self.assertRaisesRegex(ValueError, "expected the records of"):
            compared([{"id": "x"}], [])


class Known(unittest.TestCase):
    def test_each_entry_names_its_issue_and_why(self):
        listed = json.loads((ROOT / "fixtures/scenario/known_differences.json").read_text())
        for entry in listed:
            self.assertEqual(set(entry), {"scenario", "releases", "issue", "peer", "kind", "java", "ours",
                                          "why"})
            self.assertTrue(all(entry.values()), entry)


if __name__ == "__main__":
    unittest.main()
