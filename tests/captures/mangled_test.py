"""Captures as networks and capturing machines spoil them: `zkprobe decode` sees the messages that it
sees in the good ones, and the bytes of every stream are those that tshark puts together.

Environment: ZKPROBE_BIN and CAPTURE_STREAMS name the programs.
"""
import collections
import json
import os
import pathlib
import random
import re
import subprocess
import tempfile
import unittest

import mangle
import packets as wire

FIXTURES = pathlib.Path(__file__).resolve().parents[2] / "fixtures" / "pcap"
NAMES = ("3.3.6-a-cold", "3.4.13-h-bigids", "3.5.10-l-sasl", "3.6.0-d-multi", "3.8.0-k-ipv6",
         "3.9.3-a-cold", "3.4.13+3.8.0+3.9.6-g-mixed")
WHOLE = ("reorder", "overlap", "retransmit", "wrap", "cut", "fragment")
MESSAGES = ("initial", "notification", "quorum_packet")


def run(*command, data=None):
    result = subprocess.run([str(part) for part in command], input=data, timeout=120,
                            capture_output=True)
    return result.returncode, result.stdout.decode(), result.stderr.decode()


def decode(capture, *options, data=None):
    """The records of decode --json."""
    code, out, error = run(os.environ["ZKPROBE_BIN"], "decode", "--json", capture, *options,
                           data=data)
    if code != 0:
        raise AssertionError(f"decode {capture}: exit {code}: {error}")
    return [json.loads(line) for line in out.splitlines()]


def conversations(records):
    """By direction: its messages in order, without what depends on packets."""
    result = collections.defaultdict(list)
    for record in records:
        if record["kind"] in MESSAGES:
            result[record["src"], record["dst"]].append((record["kind"], record["fields"]))
    return dict(result)


def our_streams(capture):
    """By stream and source: its bytes in hex, with [N] for a gap."""
    code, out, error = run(os.environ["CAPTURE_STREAMS"], capture)
    if code != 0:
        raise AssertionError(f"{capture}: {error}")
    result = collections.defaultdict(str)
    for line in out.splitlines():
        stream, source, piece = line.split()
        result[int(stream), source] += piece
    return dict(result)


def streams_of_tshark(capture, count):
    follow = [part for stream in range(count) for part in ("-z", f"follow,tcp,raw,{stream}")]
    code, out, error = run("tshark", "-n", "-r", capture, "-q", *follow)
    if code != 0:
        raise AssertionError(f"tshark {capture}: {error}")
    result = collections.defaultdict(str)
    stream, nodes = None, {}
    for line in out.splitlines():
        if found := re.fullmatch(r"Filter: tcp.stream eq (\d+)", line):
            stream = int(found[1])
        elif found := re.fullmatch(r"Node ([01]): (.*)", line):
            nodes[int(found[1])] = found[2]
        elif found := re.fullmatch(r"(\t?)([0-9a-f]+)", line):
            # What is missing stands there as the hex digits of a text.
            hexed = re.sub(rb"\[(\d+) bytes missing in capture file\]\0?".hex(), "", found[2])
            result[stream, nodes[1 if found[1] else 0]] += marked(hexed)
    return dict(result)


def marked(digits):
    data = bytes.fromhex(digits)
    parts = re.split(rb"\[(\d+) bytes missing in capture file\]\0?", data)
    return "".join(f"[{part.decode()}]" if at % 2 else part.hex() for at, part in enumerate(parts))


def filled(theirs, ours):
    """tshark's bytes with the gaps that it saw where we have bytes filled from ours."""
    while (gap := re.search(r"\[(\d+)\]", theirs)) and "[" not in ours[:gap.start() + 1]:
        size = 2 * int(gap[1])
        theirs = theirs[:gap.start()] + ours[gap.start():gap.start() + size] + theirs[gap.end():]
    return theirs


class Mangled(unittest.TestCase):
    maxDiff = 3000

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="zkprobe-mangle-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        cls.folder.chmod(0o755)
        cls.good = {name: decode(FIXTURES / f"{name}.pcap") for name in NAMES}

    def write(self, data, name="mangled.pcap"):
        path = self.folder / name
        path.write_bytes(data)
        return path

    def packets(self, name):
        return wire.read(FIXTURES / f"{name}.pcap")

    def mangled(self, name, how, seed):
        return self.write(wire.pcap(mangle.HOW[how](self.packets(name), random.Random(seed))))

    def test_what_spoils_no_byte_spoils_no_message(self):
        for name in NAMES:
            for how in WHOLE:
                with self.subTest(name, how=how):
                    capture = self.mangled(name, how, 1)
                    self.assertEqual(conversations(decode(capture)), conversations(self.good[name]))

    def test_streams_are_those_of_tshark(self):
        for at, name in enumerate(NAMES):
            for how in (WHOLE[at % len(WHOLE)], "lose"):
                with self.subTest(name, how=how):
                    capture = self.mangled(name, how, 3)
                    ours = our_streams(capture)
                    theirs = streams_of_tshark(capture, max(stream for stream, _ in ours) + 1)
                    for key, digits in ours.items():
                        # tshark shows no gap behind the last byte that it has, and takes bytes that
                        # are acknowledged before they come for lost.
                        seen = re.sub(r"\[\d+\]$", "", digits)
                        expected = filled(theirs.pop(key, ""), digits)
                        self.assertEqual(seen, expected, f"{key}")
                    self.assertEqual(theirs, {})

    def test_what_was_lost_is_a_gap_and_the_rest_is_found(self):
        for name in NAMES:
            with self.subTest(name):
                packets = self.packets(name)
                capture = self.mangled(name, "lose", 5)
                lost = len(packets) - len(wire.read(capture))
                self.assertGreater(lost, 0)
                records = decode(capture)
                self.assertGreater(sum(record["kind"] == "gap" for record in records), 0)
                good = conversations(self.good[name])
                missing = 0
                for direction, messages in good.items():
                    seen = conversations(records).get(direction, [])
                    rest = iter(messages)
                    for message in seen:  # in the same order, nothing that was not there
                        self.assertTrue(any(message == other for other in rest), f"{message}")
                    missing += len(messages) - len(seen)
                # A packet holds at most a few messages, and a message that spans it is lost too.
                self.assertLessEqual(missing, 4 * lost)

    def test_every_form_of_capture_shows_the_same_messages(self):
        name = "3.8.0-k-ipv6"
        both = self.packets(name) + self.packets("3.9.3-a-cold")
        good = decode(self.write(wire.pcap(both), "good.pcap"))
        forms = [(link, dict(link=link)) for link in wire.LINKS]
        forms += [("big-endian", dict(order=">")), ("nano", dict(nano=True)),
                  ("vlan", dict(vlans=(5,))), ("two tags", dict(vlans=(100, 5)))]
        for text, options in forms:
            for write in (wire.pcap, wire.pcapng):
                with self.subTest(text, write=write.__name__):
                    capture = self.write(write(both, **options))
                    self.assertEqual(decode(capture), good)
                    packed = self.write(wire.gzipped(write(both, **options)), "packed.gz")
                    self.assertEqual(decode(packed), good)

    def test_standard_input_takes_what_a_file_takes(self):
        packets = self.packets("3.9.3-a-cold")
        good = self.good["3.9.3-a-cold"]
        for data in (wire.pcap(packets), wire.pcapng(packets), wire.gzipped(wire.pcap(packets)),
                     wire.gzipped(wire.pcapng(packets, nano=True))):
            self.assertEqual(decode("-", data=data), good)

    def test_nanoseconds_are_kept(self):
        packets = self.packets("3.9.3-a-cold")[:20]
        for packet in packets:
            packet.time += 999
        for write in (wire.pcap, wire.pcapng):
            fine, coarse = (decode(self.write(write(packets, nano=nano))) for nano in (True, False))
            self.assertEqual(fine, coarse)  # records have microseconds, rounded down

    def test_snapped_packets_lose_their_ends_only(self):
        name = "3.9.3-a-cold"
        whole = conversations(self.good[name])
        for write in (wire.pcap, wire.pcapng):
            records = decode(self.write(write(self.packets(name), snap=14 + 52 + 64)))
            gaps = [record for record in records if record["kind"] == "gap"]
            self.assertGreater(len(gaps), 0)
            self.assertEqual({gap["fields"]["reason"] for gap in gaps}, {"snapped"})
            seen = conversations(records)
            for direction, messages in seen.items():
                rest = iter(whole[direction])
                for message in messages:
                    self.assertTrue(any(message == other for other in rest), f"{message}")
            # Packets of the learner port are short.
            self.assertGreater(sum(map(len, seen.values())), len(self.good[name]) / 2)


if __name__ == "__main__":
    unittest.main()
