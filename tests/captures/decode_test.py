"""`zkprobe decode` at the command line: filters, counts, exit codes, one message from hex digits.

Environment: ZKPROBE_BIN.
"""
import contextlib
import datetime
import gzip
import json
import os
import pathlib
import signal
import subprocess
import tempfile
import unittest

FIXTURES = pathlib.Path(__file__).resolve().parents[2] / "fixtures" / "pcap"
CAPTURE = FIXTURES / "3.9.3-f-reconfig.pcap"


def run(*arguments, data=None):
    result = subprocess.run([os.environ["ZKPROBE_BIN"], "decode", *map(str, arguments)], input=data,
                            capture_output=True, timeout=60)
    return result.returncode, result.stdout.decode(), result.stderr.decode()


def moment(record):
    return datetime.datetime.fromisoformat(record["t"].replace("Z", "+00:00"))


class Decode(unittest.TestCase):
    maxDiff = 2000

    def records(self, *arguments):
        code, out, error = run(CAPTURE, "--json", *arguments)
        self.assertEqual((code, error), (0, ""))
        return [json.loads(line) for line in out.splitlines()]

    def same(self, options, passes):
        """The filter's records are those of all that pass, and neither none nor all."""
        everything = self.records()
        wanted = [record for record in everything if passes(record)]
        self.assertGreater(len(wanted), 0)
        self.assertLess(len(wanted), len(everything))
        self.assertEqual(self.records(*options), wanted)

    def test_by_server(self):
        self.same(["--server", "4"], lambda r: 4 in (r.get("src_sid"), r.get("dst_sid")))
        self.same(["--server", "1,4", "--kind", "initial"],
                  lambda r: r["kind"] == "initial" and {1, 4} & {r.get("src_sid"), r.get("dst_sid")})

    def test_a_filter_that_lets_nothing_pass_is_said(self):
        said = "zkprobe: decode: nothing matched: 503 messages, none that is asked for\n"
        self.assertEqual(run(CAPTURE, "--server", "99"), (0, "", said))
        self.assertEqual(run(CAPTURE, "--json", "--from", "999.5s"), (0, "", said))

    def test_by_kind_and_by_type(self):
        self.same(["--kind", "notification"], lambda r: r["kind"] == "notification")
        self.same(["--kind", "notification,initial"],
                  lambda r: r["kind"] in ("notification", "initial"))
        self.same(["--kind", "uptodate", "--kind", "COMMITANDACTIVATE"],
                  lambda r: r["fields"].get("type") in ("UPTODATE", "COMMITANDACTIVATE"))

    def test_by_time(self):
        everything = self.records()
        first = json.loads(run(CAPTURE, "--json", "--summary")[1])["first"]
        begin = datetime.datetime.fromisoformat(first.replace("Z", "+00:00"))
        second = datetime.timedelta(seconds=1)
        self.same(["--from", "2s"], lambda r: moment(r) >= begin + 2 * second)
        self.same(["--to", "2.5s"], lambda r: moment(r) <= begin + 2.5 * second)
        self.same(["--from", "1s", "--to", "2s"],
                  lambda r: begin + second <= moment(r) <= begin + 2 * second)
        middle = everything[len(everything) // 2]["t"]
        self.same(["--from", middle], lambda r: r["t"] >= middle)
        self.same(["--to", middle], lambda r: r["t"] <= middle)

    def test_a_filter_chooses_what_is_counted(self):
        everything = json.loads(run(CAPTURE, "--json", "--summary")[1])
        self.assertEqual((everything["initial"], everything["notification"],
                          everything["quorum_packet"]), (15, 30, 458))
        some = json.loads(run(CAPTURE, "--json", "--summary", "--kind", "PING")[1])
        self.assertEqual(list(some["types"]), ["PING"])
        self.assertEqual(some["packets"], everything["packets"])

    def test_values_that_cannot_be_read_are_named(self):
        for option, value, expected in (("--kind", "PINGS", "a packet's type such as PROPOSAL"),
                                        ("--from", "yesterday", "a time such as"),
                                        ("--to", "2026-13-01T00:00:00Z", "a time such as")):
            code, out, error = run(CAPTURE, option, value)
            self.assertEqual((code, out), (2, ""))
            self.assertIn(f"{expected}", error)
            self.assertIn(f"'{value}'", error)
        self.assertEqual(run()[0], 2)
        self.assertEqual(run("/nowhere/x.pcap")[0], 2)

    def test_named_ports_overrule_the_bytes(self):
        ports = {int(record["dst"].rsplit(":", 1)[1]) for record in self.records("--kind", "initial")}
        listed = ",".join(map(str, ports))
        summary = json.loads(run(CAPTURE, "--json", "--summary", "--learner-port", listed)[1])
        self.assertEqual((summary["initial"], summary["notification"]), (0, 0))
        summary = json.loads(run(CAPTURE, "--json", "--summary", "--election-port", listed)[1])
        self.assertEqual((summary["initial"], summary["notification"]), (15, 30))

    def test_ports_that_are_none_are_named(self):
        for port in ("0", "65536", "-1", "x", "80x", ""):
            code, out, error = run(CAPTURE, f"--election-port={port}")
            self.assertEqual((code, out), (2, ""), port)
            self.assertIn("--election-port", error)
        self.assertIn("expected a port from 1 to 65535, found '65536'",
                      run(CAPTURE, "--learner-port", "1,65536")[2])
        code, _, error = run(CAPTURE, "--learner-port", "80,81", "--election-port", "79,81")
        self.assertEqual(code, 2)
        self.assertIn("expected another port: 81 is named for the other protocol", error)

    def test_a_file_that_ends_in_a_packet_is_decoded_up_to_there(self):
        data = CAPTURE.read_bytes()
        with tempfile.NamedTemporaryFile(suffix=".pcap") as cut:
            cut.write(data[:-5])
            cut.flush()
            code, out, error = run(cut.name, "--json")
        self.assertEqual(code, 1)
        self.assertRegex(error, r"^zkprobe: decode: \S+: packet 946: ")
        self.assertGreater(len(out.splitlines()), 400)

    def test_a_capture_without_messages_says_so(self):
        with tempfile.NamedTemporaryFile(suffix=".pcap") as empty:
            empty.write(CAPTURE.read_bytes()[:24])
            empty.flush()
            code, out, error = run(empty.name)
        self.assertEqual((code, out), (0, ""))
        self.assertEqual(error, "zkprobe: decode: no messages in 0 packets, 0 of them TCP\n")

    def test_from_pipes_and_gzip_in_every_way(self):
        data = CAPTURE.read_bytes()
        wanted = run(CAPTURE)[1]
        zipped = gzip.compress(data)
        # Two members, as of files that were put together, and something behind the last.
        members = gzip.compress(data[:3000]) + gzip.compress(data[3000:]) + bytes(3)
        for name, content in (("plain", data), ("gzip", zipped), ("members", members)):
            with self.subTest(name):
                self.assertEqual(run("-", data=content), (0, wanted, ""))
                with tempfile.NamedTemporaryFile() as file:
                    file.write(content)
                    file.flush()
                    self.assertEqual(run(file.name), (0, wanted, ""))
                    pipe = subprocess.run(["bash", "-c", f'"$ZKPROBE_BIN" decode <(cat {file.name})'],
                                          capture_output=True, timeout=60)
                    self.assertEqual((pipe.returncode, pipe.stdout.decode()), (0, wanted))

    def test_damaged_gzip_is_decoded_up_to_the_damage(self):
        zipped = gzip.compress(CAPTURE.read_bytes())
        cut = run("-", data=zipped[:len(zipped) // 2])
        self.assertEqual(cut[0], 1)
        self.assertRegex(cut[2], r"^zkprobe: decode: standard input: packet \d+: "
                                 r"the gzip data ends too early\n$")
        self.assertGreater(len(cut[1].splitlines()), 100)
        wrong_sum = run("-", data=zipped[:-8] + bytes(8))
        self.assertEqual(wrong_sum[0], 1)
        self.assertIn(": damaged gzip data: incorrect data check", wrong_sum[2])
        self.assertEqual(len(wrong_sum[1].splitlines()), 503)

    def test_what_comes_through_a_pipe_is_shown_at_once_and_a_signal_ends_it(self):
        data = CAPTURE.read_bytes()
        with subprocess.Popen([os.environ["ZKPROBE_BIN"], "decode", "-"], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            try:
                process.stdin.write(data[:3000])
                process.stdin.flush()
                self.assertIn(b"greeting", process.stdout.readline())
                # The pipe is open and empty: a signal ends the wait for more. It is sent again, as
                # the first may come while a packet is looked at.
                while process.poll() is None:
                    process.send_signal(signal.SIGINT)
                    with contextlib.suppress(subprocess.TimeoutExpired):
                        process.wait(0.1)
                self.assertEqual((process.returncode, process.stderr.read()), (0, b""))
            finally:
                process.kill()

    def test_output_that_is_lost_is_an_error(self):
        for options in ("", "--json", "--summary", "--hex 0000000000000003"):
            with self.subTest(options):
                file = "" if "hex" in options else CAPTURE
                for redirection in (">/dev/full", ">&-"):
                    result = subprocess.run(f'"$ZKPROBE_BIN" decode {options} {file} {redirection}',
                                            shell=True, capture_output=True, text=True, timeout=60)
                    self.assertEqual(result.returncode, 1, redirection)
                    self.assertEqual(result.stderr, "zkprobe: standard output could not be written: "
                                                    "what was printed is not whole\n")

    def test_one_message_from_hex(self):
        code, out, _ = run("--hex", "00000000 00000003")
        self.assertEqual((code, out), (0, "greeting bare sid=3\n"))
        # A PING: type, zxid, no data, no identities.
        ping = "00000005" "0000000100000002" "ffffffff" "ffffffff"
        code, out, _ = run("--json", "--hex", ping)
        self.assertEqual((code, json.loads(out)), (0, {
            "kind": "quorum_packet",
            "fields": {"type": "PING", "zxid": "0x100000002", "bytes": 20}}))
        code, out, _ = run("--json", "--hex", "00000005" "0000000100000002" "ffffffff")
        self.assertEqual((code, json.loads(out)["kind"]), (1, "malformed"))
        self.assertEqual(run("--hex", "00")[0], 1)
        self.assertEqual(run("--hex", "0g")[0], 2)

    def test_a_closed_pipe_ends_quietly(self):
        result = subprocess.run(f'"$ZKPROBE_BIN" decode "{CAPTURE}" --json | head -1', shell=True,
                                capture_output=True, text=True, timeout=60)
        self.assertEqual(result.stderr, "")
        self.assertEqual(len(result.stdout.splitlines()), 1)


if __name__ == "__main__":
    unittest.main()
