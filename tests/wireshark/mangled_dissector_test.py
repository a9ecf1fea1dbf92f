"""The Wireshark dissector on captures as networks and capturing machines spoil them: in each
direction of each stream its messages are those of `zkprobe decode`, in the same order.

What a dissector needs for that is what README.md of tools/wireshark says: the order of segments put
right, unless some are lost, for which Wireshark would then wait; and where streams begin in another
order, the ports.

Environment: ZKPROBE_BIN names the program; TSHARK another tshark than the one in PATH.
"""
import collections
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "captures"))
import dissector_test  # noqa: E402
import mangle  # noqa: E402
import packets as wire  # noqa: E402

NAMES = ("3.3.6-a-cold", "3.4.5-c-observer", "3.4.13-h-bigids", "3.5.10-l-sasl", "3.6.0-d-multi",
         "3.8.0-k-ipv6", "3.9.3-a-cold", "3.4.13+3.8.0+3.9.6-g-mixed")
FIXTURES = dissector_test.ROOT / "fixtures" / "pcap"
IN_ORDER = ["-o", "tcp.reassemble_out_of_order:TRUE"]
AS_THEY_COME = ["-o", "tcp.reassemble_out_of_order:FALSE"]


def known_ports(capture):
    """The preferences that name the servers' ports, as zkprobe finds them in the good capture."""
    result = subprocess.run([os.environ["ZKPROBE_BIN"], "decode", "--json", str(capture)],
                            capture_output=True, text=True, timeout=120, check=True)
    ports = collections.defaultdict(set)
    for line in result.stdout.splitlines():
        record = json.loads(line)
        if record["kind"] == "initial":
            ports["zkelection"].add(dissector_test.port_of(record["dst"]))
        elif record["fields"].get("type") in ("FOLLOWERINFO", "OBSERVERINFO"):
            ports["zkquorum"].add(dissector_test.port_of(record["dst"]))
    return [part for name, numbers in ports.items()
            for part in ("-o", f"{name}.ports:{','.join(map(str, sorted(numbers)))}")]


def by_direction(records):
    """By stream and ports: the messages in order, without the packets that end them."""
    result = collections.defaultdict(list)
    for record, _ in records:
        result[record["stream"], record["ports"]].append((record["kind"], record["fields"]))
    return dict(result)


class MangledDissectorTest(unittest.TestCase):
    maxDiff = 4000

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="zkprobe-tshark-")
        cls.addClassCleanup(cls.folder.cleanup)
        cls.tshark = dissector_test.Tshark(cls.folder.name)

    def spoilt(self, name, how, seed):
        packets = mangle.HOW[how](wire.read(FIXTURES / f"{name}.pcap"), random.Random(seed))
        path = pathlib.Path(self.folder.name) / f"{how}.pcap"
        path.write_bytes(wire.pcap(packets))
        return path

    def compare(self, how, *options, ports_are_named=False):
        for seed, name in enumerate(NAMES):
            with self.subTest(name):
                capture = self.spoilt(name, how, seed)
                ports = known_ports(FIXTURES / f"{name}.pcap") if ports_are_named else ()
                ours, _ = dissector_test.seen_by_zkprobe(capture)
                theirs, _ = dissector_test.seen_by_tshark(self.tshark, capture, "-2", *options,
                                                          *ports)
                self.assertGreater(len(ours), 0)
                self.assertEqual(by_direction(ours), by_direction(theirs),
                                 "zkprobe first, the dissector second")

    def test_segments_in_another_order(self):
        self.compare("reorder", *IN_ORDER, ports_are_named=True)

    def test_tiny_segments(self):
        self.compare("cut", *IN_ORDER)

    def test_overlaps(self):
        self.compare("overlap", *IN_ORDER)

    def test_retransmissions(self):
        self.compare("retransmit", *IN_ORDER)

    def test_sequence_numbers_that_wrap(self):
        self.compare("wrap", *IN_ORDER)

    def test_fragments(self):
        self.compare("fragment", *IN_ORDER)

    def test_lost_segments(self):
        self.compare("lose", *AS_THEY_COME)


if __name__ == "__main__":
    unittest.main()
