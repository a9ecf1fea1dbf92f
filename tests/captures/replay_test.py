"""`zkprobe replay FILE` at the tool: exit codes, text and JSON of captures whose answer is known.

Environment: ZKPROBE_BIN names the program.
"""
import json
import os
import pathlib
import subprocess
import unittest

FIXTURES = pathlib.Path(__file__).resolve().parents[2] / "fixtures" / "pcap"


def replay(name, *options, data=None):
    """(exit code, standard output, standard error)"""
    capture = "-" if data else FIXTURES / name
    result = subprocess.run([os.environ["ZKPROBE_BIN"], "replay", str(capture), *options],
                            input=data, capture_output=True, timeout=120)
    return result.returncode, result.stdout.decode(), result.stderr.decode()


class ReplayTest(unittest.TestCase):
    def test_servers_that_agree_are_exit_code_zero(self):
        code, out, error = replay("3.9.3-a-cold.pcap")
        self.assertEqual((code, error), (0, ""))
        self.assertIn("server 3 is LEADING, leader 3\n", out)
        self.assertTrue(out.endswith("11 of 11 agree, 0 are explained, 0 differ\n"), out)

    def test_json_has_one_object_a_server_and_the_sums(self):
        code, out, _ = replay("3.4.5-c-observer.pcap", "--json")
        *servers, sums = map(json.loads, out.splitlines())
        self.assertEqual(code, 0)
        self.assertEqual([server["server"] for server in servers], [1, 2, 3, 4])
        self.assertEqual([server["observer"] for server in servers], [False, False, False, True])
        self.assertEqual(sums["differ"], 0)
        self.assertEqual(sums["compared"], sum(server[kind]["compared"] for server in servers
                                               for kind in ("proposals", "answers", "decisions")))

    def test_a_server_that_hung_differs_for_real(self):
        """Server 2 of this capture is stopped while 1 and 3 ask it."""
        code, out, _ = replay("outages/two-leaders.pcap", "--json")
        self.assertEqual(code, 1)
        differences = [(server["server"], difference["cause"], difference["kind"])
                       for server in map(json.loads, out.splitlines())
                       for difference in server.get("differences", [])]
        self.assertEqual(differences, [(2, "real", "answer")] * 2)
        self.assertIn("the server told 3 nothing", replay("outages/two-leaders.pcap")[1])

    def test_an_id_that_only_asks_is_no_server(self):
        code, out, _ = replay("outages/asked.pcap")
        self.assertEqual(code, 0)
        self.assertIn("id 9223372036854741611 only asks for votes, 14 times: no server, not replayed",
                      out)

    def test_from_standard_input_and_one_server_alone(self):
        data = (FIXTURES / "3.9.3-a-cold.pcap").read_bytes()
        code, out, _ = replay("-", "--server", "2", "--json", data=data)
        self.assertEqual(code, 0)
        self.assertEqual([json.loads(line).get("server") for line in out.splitlines()], [2, None])

    def test_a_trace_tells_both_sides(self):
        code, out, _ = replay("3.9.3-a-cold.pcap", "--server", "1", "--trace")
        self.assertEqual(code, 0)
        self.assertIn("1  from 3: notification LOOKING leader=3", out)
        self.assertIn("ours: decided FOLLOWING leader=3", out)

    def test_a_capture_that_ends_in_the_middle_is_exit_code_one(self):
        data = (FIXTURES / "3.9.3-a-cold.pcap").read_bytes()[:-7]
        code, out, error = replay("-", data=data)
        self.assertEqual(code, 1)
        self.assertIn("truncated", error)
        self.assertIn("0 differ", out)

    def test_what_cannot_be_done_is_exit_code_two_and_one_line(self):
        for name, options, why in (
                ("none.pcap", [], "none.pcap"),
                ("3.9.3-a-cold.pcap", ["--server", "9"], "no votes of these servers in it"),
                ("3.9.3-a-cold.pcap", ["--emulate", "2.0"], "expected a release such as"),
                ("3.9.3-a-cold.pcap", ["--config", "/none"], "cannot read /none"),
                ("3.9.3-a-cold.pcap", ["--target", "127.0.0.1:1"], "--as"),
                ("3.9.3-a-cold.pcap", ["--as", "3"], "--target"),
                ("3.9.3-a-cold.pcap", ["--target", "127.0.0.1:99999", "--as", "3"], "99999"),
                ("3.9.3-a-cold.pcap", ["--target", "127.0.0.1:1", "--as", "8"],
                 "no votes between server 8 and another server"),
                ("3.9.3-a-cold.pcap", ["--target", "127.0.0.1:1", "--as", "3", "--server", "1,2"],
                 "one --server of the capture is played, found 2")):
            with self.subTest(options or name):
                code, out, error = replay(name, *options)
                self.assertEqual((code, out), (2, ""), error)
                self.assertIn(why, error)
                self.assertEqual(len(error.splitlines()), 1, error)


if __name__ == "__main__":
    unittest.main()
