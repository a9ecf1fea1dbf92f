#!/usr/bin/env python3
"""A directory moves both ways: zkprobe's store reads what a Java server wrote, and a Java server
starts on what zkprobe's store wrote, with the same last zxid and the same nodes.

One server at a time, alone in its ensemble. STORE_TOOL names tests/interop/store_tool's program.
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import unittest

import support

TOOL = os.environ.get("STORE_TOOL") or str(
    pathlib.Path(support.zkprobe_path()).parent / "tests" / "store_tool")


def tool(*arguments):
    result = subprocess.run([TOOL, *map(str, arguments)], capture_output=True, text=True,
                            timeout=120, stdin=subprocess.DEVNULL)
    if result.returncode != 0:
        raise AssertionError(f"store_tool {arguments}: {result.stderr}")
    return json.loads(result.stdout) if result.stdout else None


class Directory(unittest.TestCase):
    def server_zxid(self, ensemble):
        for line in ensemble.four_letter_word(1, "srvr").splitlines():
            if line.startswith("Zxid: "):
                return line[len("Zxid: "):]
        self.fail("no Zxid in srvr")

    def loaded_zxid(self, ensemble):
        """The last zxid that the server had when it began its election."""
        found = re.findall(r"proposed zxid=(0x[0-9a-f]+)", ensemble.log_text(1))
        self.assertTrue(found, "no election in the log")
        return found[-1]

    def data(self, ensemble, path):
        return json.loads(ensemble.client("get", path, sid=1))["data"]

    def expect_no_complaint(self, ensemble):
        text = ensemble.log_text(1)
        for complaint in ("Digests are not matching", "problem reading snap file",
                          "CRC check failed", "Unable to load database"):
            self.assertNotIn(complaint, text)

    def moves_both_ways(self, release, exact):
        with support.Ensemble(release, "--set", "snapCount=10", "--java-opt=-Xmx128m",
                              voters=1) as ensemble:
            server = pathlib.Path(ensemble.servers[1]["config"])
            data = next(line.split("=", 1)[1] for line in server.read_text().splitlines()
                        if line.startswith("dataDir="))
            for i in range(25):  # over a snapshot or two
                ensemble.client("create", f"/java-{i}", f"value-{i}", sid=1)
            zxid = self.server_zxid(ensemble)
            ensemble.stop(1)

            # Java's directory, read here.
            read = tool("read", data, exact)
            self.assertGreaterEqual(int(read["zxid"], 16), int(zxid, 16))
            self.assertEqual(read["differences"], 0)
            self.assertEqual(read["digest_in_snapshot"], exact >= "3.6")
            self.assertGreater(int(read["snapshot"], 16), 0)
            for i in range(25):
                self.assertEqual(read["nodes"][f"/java-{i}"], f"value-{i}".encode().hex())

            # Appended to here, and a snapshot in the middle; Java goes on.
            tool("append", data, exact, 30)
            tool("snapshot", data, exact)
            tool("append", data, exact, 7)
            ours = tool("read", data, exact)
            self.assertEqual(int(ours["zxid"], 16), int(read["zxid"], 16) + 37)
            ensemble.start(1)
            self.assertEqual(self.loaded_zxid(ensemble), ours["zxid"])
            self.assertEqual(self.data(ensemble, "/java-24"), "value-24")
            self.assertEqual(self.data(ensemble, "/zkprobe-" + ours["zxid"][2:]), "d")
            ensemble.client("create", "/java-again", "x", sid=1)
            self.expect_no_complaint(ensemble)
            ensemble.stop(1)
            again = tool("read", data, exact)
            self.assertEqual(again["differences"], 0)
            self.assertEqual(set(ours["nodes"]) | {"/java-again"}, set(again["nodes"]))

            # What TRUNC leaves.
            tool("truncate", data, ours["zxid"])
            self.assertEqual(tool("read", data, exact)["digest"], ours["digest"])
            ensemble.start(1)
            self.assertEqual(self.loaded_zxid(ensemble), ours["zxid"])
            ensemble.stop(1)

            # A store that was made here from nothing.
            shutil.rmtree(pathlib.Path(data) / "version-2")
            tool("create", data, exact)
            tool("append", data, exact, 12)
            made = tool("read", data, exact)
            ensemble.start(1)
            self.assertEqual(self.loaded_zxid(ensemble), made["zxid"])
            self.assertEqual(self.data(ensemble, "/zkprobe-100000001"), "d")
            self.expect_no_complaint(ensemble)
            ensemble.stop(1)

            # Died between the first entry of an epoch and currentEpoch (ZOOKEEPER-4269).
            ended = tool("read", data, exact)
            version2 = pathlib.Path(data) / "version-2"
            (version2 / "currentEpoch").write_text(str((int(ended["zxid"], 16) >> 32) - 1))
            (version2 / "currentEpoch.tmp").write_text(str(ended["current_epoch"]))
            ensemble.start(1)
            self.assertEqual(self.loaded_zxid(ensemble), ended["zxid"])

    def test_3_5_10(self):
        self.moves_both_ways("3.5.10", "3.5.10")

    def test_3_8(self):
        self.moves_both_ways("3.8", "3.8")

    def test_3_9(self):
        self.moves_both_ways("3.9", "3.9")


if __name__ == "__main__":
    support.main()
