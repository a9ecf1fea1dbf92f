#!/usr/bin/env python3
"""`zkprobe ensemble`: peers that elect over real sockets, end and come back. No Java is needed."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import support  # noqa: E402


def elections(records):
    return [record for record in records if record["event"] == "elected"]


class Scripts(unittest.TestCase):
    """Runs that end by themselves."""

    def run_script(self, text, *arguments, check=0):
        with tempfile.NamedTemporaryFile("w", suffix=".txt") as script:
            script.write(text)
            script.flush()
            return support.zkprobe("ensemble", "--json", "--script", script.name, *arguments,
                                   check=check)

    def test_the_largest_id_leads_and_is_replaced(self):
        result = self.run_script("wait elected\nkill leader\nwait elected\nstart 3\nwait elected\n"
                                 "status\n", "--voters", 3, "--observers", 1, "--tick", "50ms")
        records = support.records(result.stdout)
        first, second = elections(records)
        self.assertEqual((first["leader"], first["followers"], first["observers"]), (3, [1, 2], [4]))
        self.assertEqual(second["leader"], 2)
        self.assertGreater(int(second["peer_epoch"], 16), int(first["peer_epoch"], 16))
        servers = {s["sid"]: s for s in records[-1]["servers"]}
        self.assertEqual({s["leader"] for s in servers.values()}, {2})
        self.assertEqual([servers[sid]["state"] for sid in (1, 2, 3, 4)],
                         ["FOLLOWING", "LEADING", "FOLLOWING", "OBSERVING"])

    def test_without_a_quorum_nobody_leads(self):
        result = self.run_script("wait elected\nkill 1\nkill 2\nwait elected\n", "--voters", 3,
                                 "--tick", "50ms", "--timeout", "2s", check=3)
        self.assertIn("no leader", result.stderr)

    def test_generations_elect_together(self):
        result = self.run_script("wait elected\nkill leader\nwait elected\n", "--voters", 5,
                                 "--tick", "50ms", "--emulate", "3.4.0,3.4.6,auto,auto,auto")
        self.assertEqual([e["leader"] for e in elections(support.records(result.stdout))], [5, 4])

    def test_a_bad_script_names_the_line(self):
        result = self.run_script("wait elected\nkill everyone\n", "--voters", 3, check=2)
        self.assertIn(":2: expected a server's id, found 'everyone'", result.stderr)


class Running(unittest.TestCase):
    """A run that others look at."""

    def test_keyboard_status_and_folder(self):
        with tempfile.TemporaryDirectory(prefix="zkprobe-ensemble-") as folder:
            with support.start_zkprobe("ensemble", "--json", "--voters", 3, "--dir",
                                       folder) as ensemble:
                ensemble.wait_for(lambda r: r.get("event") == "elected", 30, "elected")
                state = json.loads((pathlib.Path(folder) / "ensemble.json").read_text())
                self.assertEqual(state["tool"], "zkprobe-ensemble")
                self.assertEqual([s["pid"] for s in state["servers"]], [ensemble.process.pid] * 3)
                addresses = [server["election"] for server in state["servers"]]
                answers = support.records(support.zkprobe("status", "--json", *addresses,
                                                          check=0).stdout)
                self.assertEqual([a["state"] for a in answers],
                                 ["FOLLOWING", "FOLLOWING", "LEADING"])
                ensemble.say("kill 1")
                ensemble.wait_for(lambda r: r.get("event") == "killed" and r["self"] == 1, 10,
                                  "killed")
                result = support.zkprobe("status", "--json", addresses[0], check=3)
                self.assertFalse(support.records(result.stdout)[0]["reachable"])
                ensemble.say("start 1")
                ensemble.wait_for(lambda r: r.get("event") == "joined", 20, "joined")
                ensemble.say("nonsense")
                second = support.zkprobe("ensemble", "--voters", 3, "--dir", folder, check=2)
                self.assertIn("runs there already", second.stderr)
                self.assertEqual(ensemble.stop(), 0)
                self.assertTrue(any("expected wait elected" in e for e in ensemble.errors))
            self.assertFalse((pathlib.Path(folder) / "ensemble.json").exists())

    def test_a_port_in_use_is_named(self):
        port = support.free_port()
        with support.start_zkprobe("ensemble", "--json", "--voters", 1, "--base-port",
                                   port) as ensemble:
            ensemble.wait_for(lambda r: r.get("event") == "elected", 30, "elected")
            result = support.zkprobe("ensemble", "--voters", 1, "--base-port", port, check=2)
            self.assertIn(f"127.0.0.1:{port}", result.stderr)
            self.assertEqual(ensemble.stop(), 0)

    def test_a_closed_pipe_ends_quietly(self):
        read_end, write_end = os.pipe()
        with subprocess.Popen([support.zkprobe_path(), "ensemble", "--voters", "3"],
                              stdin=subprocess.DEVNULL, stdout=write_end,
                              stderr=subprocess.PIPE) as process:
            os.close(write_end)
            os.read(read_end, 1)
            os.close(read_end)
            self.assertEqual(process.wait(20), 0)
            self.assertEqual(process.stderr.read(), b"")


if __name__ == "__main__":
    support.main()
