#!/usr/bin/env python3
"""`zkprobe ensemble`: peers that elect over real sockets, end and come back. No Java is needed."""
import json
import os
import pathlib
import re
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
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

    def test_until_is_bounded_by_the_timeout(self):
        result = self.run_script("kill 1\nkill 2\n", "--voters", 3, "--tick", "50ms", "--until",
                                 "elected", "--timeout", "1s", check=3)
        self.assertIn("--until elected", result.stderr)
        # Also where the time for the whole run is longer.
        result = support.zkprobe("ensemble", "--voters", 2, "--until", "OBSERVING", "--timeout",
                                 "300ms", "--for", "1h", check=3)
        self.assertIn("--until OBSERVING", result.stderr)

    def test_only_the_records_asked_for_are_printed(self):
        result = support.zkprobe("ensemble", "--voters", 3, "--until", "elected", "--json",
                                 "--events", "elected,state", check=0)
        records = support.records(result.stdout)
        self.assertEqual({record["event"] for record in records}, {"elected", "state"})
        self.assertGreaterEqual(records[-1]["decided_ms"], 200)
        self.assertLessEqual(records[-1]["decided_ms"], records[-1]["ms"])
        wrong = support.zkprobe("ensemble", "--voters", 3, "--json", "--events", "votes",
                                check=2)
        self.assertIn("votes", wrong.stderr)

    def test_generations_elect_together(self):
        # Who notices the leader's death last votes last, and holds up the wait of those who agree:
        # syncLimit ticks must be longer than that.
        result = self.run_script("wait elected\nkill leader\nwait elected\n", "--voters", 5,
                                 "--tick", "200ms", "--timeout", "20s",
                                 "--emulate", "3.4.0,3.4.6,auto,auto,auto")
        self.assertEqual([e["leader"] for e in elections(support.records(result.stdout))], [5, 4])

    def test_a_script_without_a_command_and_records_that_nobody_prints(self):
        self.assertIn("no command in it, expected one of wait elected",
                      self.run_script("# none\n", "--voters", 1, check=2).stderr)
        result = support.zkprobe("ensemble", "--voters", 1, "--events", "state", check=2)
        self.assertIn("--json", result.stderr)

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

    def test_a_busy_election_is_interrupted_at_once(self):
        for stop in (signal.SIGINT, signal.SIGTERM):
            with support.start_zkprobe("ensemble", "--json", "--voters", 21) as ensemble:
                ensemble.wait_for(lambda r: r["event"] == "notification", 30, "the first vote")
                begun = time.monotonic()
                ensemble.process.send_signal(stop)
                self.assertIn(ensemble.process.wait(30), (0, 1))
                self.assertLess(time.monotonic() - begun, 2)

    def test_a_port_in_use_is_named(self):
        port = support.free_port()
        with support.start_zkprobe("ensemble", "--json", "--voters", 1, "--base-port",
                                   port) as ensemble:
            ensemble.wait_for(lambda r: r.get("event") == "elected", 30, "elected")
            result = support.zkprobe("ensemble", "--voters", 1, "--base-port", port, check=2)
            self.assertIn(f"127.0.0.1:{port}", result.stderr)
            self.assertEqual(ensemble.stop(), 0)

    def election_port(self, ensemble):
        ensemble.wait_for(lambda r: "elected after" in r["text"], 30, "elected")
        return int(ensemble.records[0]["text"].rpartition(":")[2])

    def test_garbage_closes_its_link_and_is_told_with_its_bytes(self):
        with support.start_zkprobe("ensemble", "--voters", 1) as ensemble:
            port = self.election_port(ensemble)
            bad_length = struct.pack(">qi", 100, -5)
            small_frame = struct.pack(">qi", 101, 10) + bytes(10)
            for sent, told in (
                    (bad_length, "server 100 .*found -5; bytes there: fffffffb"),
                    (b"GET / HTTP/1.1\r\n\r\n", "server 5135603447292250196 .*at byte 8"),
                    (small_frame, "server 101 sent no notification: notification at byte 0: expected "
                                  "at least 28 bytes, found 10; bytes there: 0{20}")):
                with self.subTest(sent=sent), socket.create_connection(("127.0.0.1", port)) as link:
                    link.sendall(sent)
                    ensemble.wait_for(lambda r, told=told: re.search(told, r["text"]), 10, told)
            self.assertEqual(ensemble.stop(), 0)
            self.assertEqual(ensemble.errors, [], "a line of the story, and no second one")

    def test_a_stranger_cannot_write_lines_without_limit(self):
        with support.start_zkprobe("ensemble", "--voters", 1) as ensemble:
            port = self.election_port(ensemble)
            frames = 20_000
            with socket.create_connection(("127.0.0.1", port)) as link:
                link.sendall(struct.pack(">q", 100) + (struct.pack(">i", 2) + bytes(2)) * frames)
                link.sendall(struct.pack(">i", -1))
                ensemble.wait_for(lambda r: "is closed" in r["text"], 30, "all frames were read")
            self.assertEqual(ensemble.stop(), 0)
            lines = [r["text"] for r in ensemble.records if "no notification" in r["text"]]
            self.assertEqual(len(lines), 1)
            left_out = [int(re.search(r"(\d+) lines? about", r["text"])[1])
                        for r in ensemble.records if "left out" in r["text"]]
            self.assertEqual(sum(left_out), frames - 1, ensemble.records[-3:])

    def test_a_folder_that_is_gone_does_not_end_the_ensemble(self):
        with tempfile.TemporaryDirectory(prefix="zkprobe-ensemble-") as parent:
            folder = pathlib.Path(parent) / "e"
            with support.start_zkprobe("ensemble", "--json", "--voters", 3, "--dir",
                                       folder) as ensemble:
                ensemble.wait_for(lambda r: r.get("event") == "elected", 30, "elected")
                (folder / "ensemble.json").unlink()
                folder.rmdir()
                folder.write_text("no folder any more")
                ensemble.say("kill 1")
                ensemble.wait_for(lambda r: r.get("event") == "killed", 10, "killed")
                ensemble.say("start 1")
                ensemble.wait_for(lambda r: r.get("event") == "joined", 20, "joined")
                self.assertEqual(ensemble.stop(), 0)
                self.assertTrue(any(str(folder) in e for e in ensemble.errors), ensemble.errors)

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
