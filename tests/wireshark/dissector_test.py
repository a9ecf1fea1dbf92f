"""The Wireshark dissector against `zkprobe decode`: two decoders, written apart, read every capture
of fixtures/pcap and must see the same messages, one by one, in the same packets.

Environment: ZKPROBE_BIN names the program; TSHARK another tshark than the one in PATH.
"""
import collections
import json
import os
import pathlib
import pwd
import random
import re
import shutil
import struct
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
DISSECTOR = ROOT / "tools" / "wireshark"
CAPTURES = sorted(path for path in (ROOT / "fixtures" / "pcap").rglob("*")
                  if re.search(r"\.pcap(ng)?(\.gz)?$", path.name))
MASK = (1 << 64) - 1
# Ephemeral ports can belong to other protocols, and captures out of order are read in order.
OPTIONS = ["-n", "-o", "tcp.try_heuristic_first:TRUE", "-o", "tcp.reassemble_out_of_order:TRUE"]
MESSAGES = ("initial", "notification", "quorum_packet")

PACKET_TYPES = {
    1: "REQUEST", 2: "PROPOSAL", 3: "ACK", 4: "COMMIT", 5: "PING", 6: "REVALIDATE", 7: "SYNC",
    8: "INFORM", 9: "COMMITANDACTIVATE", 10: "NEWLEADER", 11: "FOLLOWERINFO", 12: "UPTODATE",
    13: "DIFF", 14: "TRUNC", 15: "SNAP", 16: "OBSERVERINFO", 17: "LEADERINFO", 18: "ACKEPOCH",
    19: "INFORMANDACTIVATE"}
STATES = ["LOOKING", "FOLLOWING", "LEADING", "OBSERVING"]


class Tshark:
    """tshark with the dissector. Debian 13's runs no Lua for root, so root becomes nobody."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.program = os.environ.get("TSHARK") or shutil.which("tshark")
        if not self.program:
            raise RuntimeError("no tshark in PATH: Debian's package tshark is missing")
        self.folder.chmod(0o755)
        self.home = self.folder / "home"
        self.home.mkdir()
        self.home.chmod(0o777)
        self.dissector = self.folder / "dissector"
        shutil.copytree(DISSECTOR, self.dissector)
        self.user = {}
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            self.user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}

    def run(self, *arguments, lua=True):
        script = ["-X", f"lua_script:{self.dissector / 'zookeeper_quorum.lua'}"] if lua else []
        environment = dict(os.environ, HOME=str(self.home))
        environment.pop("XDG_CONFIG_HOME", None)
        result = subprocess.run([self.program, *script, *map(str, arguments)], env=environment,
                                capture_output=True, text=True, errors="replace", timeout=300,
                                cwd=self.folder, stdin=subprocess.DEVNULL, **self.user)
        return result

    def readable(self, capture):
        """A copy of the capture that nobody may read."""
        copy = self.folder / f"copy-{capture.name}"
        shutil.copyfile(capture, copy)
        copy.chmod(0o644)
        return copy

    def messages(self, capture, *options):
        """The layers of ours: (packet, stream, ports, protocol, fields with lists of values)."""
        copy = self.readable(capture)
        result = self.run("-r", copy, *OPTIONS, *options, "-T", "json", "-J",
                          "frame tcp zkelection zkquorum", "-Y", "zkelection or zkquorum")
        copy.unlink()
        if result.returncode != 0 or "Lua Error" in result.stdout:
            found = re.search(r"Lua Error.*", result.stdout)
            raise AssertionError(f"{capture.name}: tshark ends with {result.returncode}: "
                                 f"{found[0] if found else result.stderr}")
        for packet in json.loads(result.stdout, object_pairs_hook=pairs):
            layers = packet["_source"][0]["layers"][0]
            frame, tcp = flat(layers["frame"]), flat(layers["tcp"])
            for protocol in ("zkelection", "zkquorum"):
                for layer in layers.get(protocol, []):
                    yield (int(frame["frame.number"][0]), int(tcp["tcp.stream"][0]),
                           (int(tcp["tcp.srcport"][0]), int(tcp["tcp.dstport"][0])), protocol,
                           flat([layer]))


def pairs(items):
    """A JSON object whose keys come more than once, as tshark writes them."""
    result = collections.defaultdict(list)
    for key, value in items:
        result[key].append(value)
    return result


def flat(layers):
    """All values of a layer and of its subtrees, by field."""
    result = collections.defaultdict(list)

    def visit(layer):
        for key, values in layer.items():
            for value in values:
                if isinstance(value, dict):
                    visit(value)
                else:
                    result[key].append(value)
    for layer in layers:
        visit(layer)
    return result


def without_nothing(fields):
    return {key: value for key, value in fields.items() if value is not None}


class Layer:
    """Fields of one message: number("zxid") and so on, None when absent."""

    def __init__(self, protocol, values):
        self.protocol, self.values = protocol, values

    def all(self, name):
        return self.values.get(f"{self.protocol}.{name}", [])

    def text(self, name):
        return next(iter(self.all(name)), None)

    def number(self, name):
        text = self.text(name)
        return None if text is None else int(text, 0)

    def bits(self, name):
        number = self.number(name)
        return None if number is None else number & MASK

    def numbers(self, name):
        return [int(value, 0) for value in self.all(name)]


def seen_by_tshark(tshark, capture, *options):
    """What the dissector saw, as comparable records in order; and how many of which kind."""
    records, counts, snaps = [], collections.Counter(), {}
    for packet, stream, ports, protocol, values in tshark.messages(capture, *options):
        layer = Layer(protocol, values)
        kind = layer.text("kind")
        counts[kind] += 1
        place = {"packet": packet, "stream": stream, "ports": ports}
        sids = (layer.number("src_sid"), layer.number("dst_sid"))
        if kind == "snapshot" and layer.number("snapshot.nodes") is not None:
            # SNAP and its stream are one message, which ends where the stream does.
            record = snaps.pop((stream, ports))
            names = ("bytes", "nodes", "sessions", "acls", "data_bytes")
            record["fields"]["snapshot"] = {name: layer.number(f"snapshot.{name}") for name in names}
            records.append((dict(record, packet=packet), sids))
        elif kind in MESSAGES:
            read = {"initial": greeting, "notification": notification, "quorum_packet": packet_of}
            record = dict(place, kind=kind, fields=without_nothing(read[kind](layer)))
            if record["fields"].get("type") == "SNAP":
                snaps[(stream, ports)] = record
            else:
                records.append((record, sids))
    return records, counts


def greeting(layer):
    version = layer.number("protocol_version")
    return {"form": {None: "bare", -65536: "V1", -65535: "V2"}[version],
            "sid": layer.number("sid"), "addresses": layer.all("address") or None}


def notification(layer):
    size, version = layer.number("length"), layer.number("version")
    return {"format": str(size) if size <= 40 else "v2", "state": STATES[layer.number("state")],
            "leader": layer.number("leader"), "zxid": layer.bits("zxid"),
            "election_epoch": layer.bits("election_epoch"), "peer_epoch": layer.bits("peer_epoch"),
            "version": version, "config": layer.text("config"),
            "config_version": layer.bits("config.version")}


def transaction(layer):
    if layer.number("txn.zxid") is None:
        return None
    operation, paths = layer.number("operation"), layer.all("path")
    several = operation == 14 or (operation == -11 and paths)
    return without_nothing({
        "zxid": layer.bits("txn.zxid"), "session": layer.bits("session"),
        "cxid": layer.number("cxid"), "time_ms": layer.number("txn.time"),
        "timeout_ms": layer.number("timeout"), "err": layer.number("error"),
        "digest": layer.bits("digest"), "operation": operation,
        "path": paths[0] if paths and not several else None, "paths": paths if several else None})


def packet_of(layer):
    kind = PACKET_TYPES[layer.number("type")]
    fields = {"type": kind, "zxid": layer.bits("zxid"),
              "authinfo": len(layer.all("auth.scheme")) or None}
    if kind in ("PROPOSAL", "INFORM", "INFORMANDACTIVATE"):
        fields["txn"] = transaction(layer)
    if kind == "PING" and layer.number("data_length") >= 0:
        fields["sessions"] = list(zip(layer.numbers("session"), layer.numbers("timeout")))
    if kind == "REVALIDATE":
        valid = layer.text("session_valid")
        fields.update(session=layer.bits("session"), timeout_ms=layer.number("timeout"),
                      valid=None if valid is None else valid in ("1", "True"))
    if kind == "REQUEST":
        fields.update(session=layer.bits("session"), cxid=layer.number("cxid"),
                      request=layer.number("operation"),
                      request_bytes=layer.number("data_length") - 16)
    if kind in ("FOLLOWERINFO", "OBSERVERINFO"):
        fields.update(sid=layer.number("sid"), config_version=layer.bits("config_version"))
    if kind == "NEWLEADER":
        fields.update(config=layer.text("config"), config_version=layer.bits("config.version"))
    if kind == "ACKEPOCH":
        fields["current_epoch"] = layer.number("epoch") & 0xffffffff
    fields["protocol_version"] = layer.number("protocol_version")
    fields["designated_leader"] = layer.number("leader")
    return fields


# The names of `zkprobe decode` for the operations of transactions, as the dissector numbers them.
OPERATIONS = {
    "createSession": -10, "closeSession": -11, "error": -1, "create": 1, "delete": 2, "setData": 5,
    "setACL": 7, "check": 13, "multi": 14, "create2": 15, "reconfig": 16, "createContainer": 19,
    "deleteContainer": 20, "createTTL": 21}


def from_hex(value):
    """Numbers for hex strings, and pairs for the sessions of a PING."""
    if isinstance(value, str) and re.fullmatch(r"0x[0-9a-f]+", value):
        return int(value, 16)
    if isinstance(value, dict):
        return {key: from_hex(item) for key, item in value.items()}
    return value


def port_of(endpoint):
    return int(endpoint.rsplit(":", 1)[1])


def seen_by_zkprobe(capture):
    """The records of `zkprobe decode --json` in the form of seen_by_tshark."""
    program = os.environ["ZKPROBE_BIN"]
    result = subprocess.run([program, "decode", "--json", str(capture)], capture_output=True,
                            text=True, timeout=120, stdin=subprocess.DEVNULL)
    if result.returncode not in (0, 1):
        raise AssertionError(f"{capture.name}: decode ends with {result.returncode}: {result.stderr}")
    records, counts = [], collections.Counter()
    for line in result.stdout.splitlines():
        seen = json.loads(line)
        # Wireshark shows no dissector a message that the end of its stream cut off.
        if not seen["fields"].get("found", "").endswith("then the end"):
            counts[seen["kind"]] += 1
        if seen["kind"] not in MESSAGES:
            continue
        fields = from_hex(seen["fields"])
        if seen["kind"] == "quorum_packet":
            del fields["bytes"]
        if "txn" in fields:
            name = fields["txn"].pop("type")
            fields["txn"]["operation"] = fields["txn"].pop("type_number", OPERATIONS.get(name, name))
            if fields["txn"].get("paths") == []:
                del fields["txn"]["paths"]
        if "sessions" in fields:
            fields["sessions"] = [(int(touch["session"], 16), touch["timeout_ms"])
                                  for touch in fields["sessions"]]
        if "snapshot" in fields and not fields["snapshot"].pop("complete"):
            continue
        records.append(({"packet": seen["packet"], "stream": seen["stream"],
                         "ports": (port_of(seen["src"]), port_of(seen["dst"])),
                         "kind": seen["kind"], "fields": fields},
                        (seen.get("src_sid"), seen.get("dst_sid"))))
    return records, counts


def damaged(capture, seed, share):
    """The packets of a little-endian pcap file, some bytes behind the TCP header changed."""
    source = random.Random(seed)
    packets = bytearray(capture)
    offset = 24
    while offset < len(packets):
        size = struct.unpack_from("<I", packets, offset + 8)[0]
        for place in range(offset + 16 + 66, offset + 16 + size):
            if source.random() < share:
                packets[place] = source.randrange(256)
        offset += 16 + size
    return bytes(packets)


class DissectorTest(unittest.TestCase):
    maxDiff = 4000

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="zkprobe-tshark-")
        cls.addClassCleanup(cls.folder.cleanup)
        cls.tshark = Tshark(cls.folder.name)

    def capture(self, end):
        return next(path for path in CAPTURES if path.name.endswith(end))

    def compare(self, capture, *options):
        """The dissector's messages are those of zkprobe; how many have both ids from both."""
        ours, our_counts = seen_by_zkprobe(capture)
        theirs, their_counts = seen_by_tshark(self.tshark, capture, *options)
        for (mine, my_sids), (other, other_sids) in zip(ours, theirs):
            self.assertEqual(mine, other, f"{capture.name}: zkprobe first, the dissector second")
            for one, two in zip(my_sids, other_sids):
                if one is not None and two is not None:
                    self.assertEqual(one, two, f"{capture.name}, ids of {mine}")
        self.assertEqual(len(ours), len(theirs), f"{capture.name}: {our_counts}, {their_counts}")
        if our_counts["gap"] == 0:
            self.assertEqual(our_counts["malformed"], their_counts["malformed"], capture.name)
        return sum(None not in a + b for (_, a), (_, b) in zip(ours, theirs))

    def test_both_decoders_see_the_same_messages_in_every_capture(self):
        self.assertGreater(len(CAPTURES), 0)
        known = 0
        for capture in CAPTURES:
            with self.subTest(capture.name):
                known += self.compare(capture, "-2")
        self.assertGreater(known, 0, "no message has its ids from both decoders")

    def test_one_pass_is_enough_where_ids_are_small(self):
        for capture in CAPTURES:
            if capture.name.endswith("-a-cold.pcap"):
                with self.subTest(capture.name):
                    self.compare(capture)

    def test_the_port_preference_shows_greetings_with_large_ids_in_one_pass(self):
        ports = ["-o", "zkelection.ports:20201-20205"]
        self.compare(self.capture("3.4.13-h-bigids.pcap"), *ports)

    def install(self):
        plugins = self.tshark.home / ".local" / "lib" / "wireshark" / "plugins"
        plugins.mkdir(parents=True)
        self.addCleanup(shutil.rmtree, self.tshark.home / ".local")
        for script in DISSECTOR.glob("*.lua"):
            shutil.copy(script, plugins)
        for folder in (plugins, *plugins.parents[:3]):
            folder.chmod(0o755)

    def test_the_files_work_as_plugins(self):
        self.install()
        copy = self.tshark.readable(self.capture("3.9.3-a-cold.pcap"))
        result = self.tshark.run("-r", copy, "-Y", "zkelection.kind == initial", lua=False)
        self.assertIn("Greeting sid=3 127.0.0.1:26203", result.stdout, result.stderr)

    def test_damaged_bytes_are_no_error_of_the_dissector(self):
        for name in ("3.9.3-a-cold.pcap", "3.3.6-a-cold.pcap", "3.5.10-l-sasl.pcap"):
            original = self.capture(name).read_bytes()
            for seed in range(6):
                capture = pathlib.Path(self.folder.name) / f"source-{seed}.pcap"
                capture.write_bytes(damaged(original, seed, 0.002 if seed % 2 else 0.05))
                with self.subTest(name, seed=seed):
                    _, counts = seen_by_tshark(self.tshark, capture, "-2")
                    self.assertGreater(sum(counts.values()), 0)

    def test_the_readme_names_every_field_for_filters(self):
        self.install()
        result = self.tshark.run("-G", "fields", lua=False)
        fields = set(re.findall(r"\t((?:zkelection|zkquorum)\.[\w.]+)\t", result.stdout))
        self.assertGreater(len(fields), 50, result.stderr)
        # A name in backticks; one that begins with a dot goes on with what stands before it.
        named = set()
        for line in (DISSECTOR / "README.md").read_text().splitlines():
            names = re.findall(r"`(\w*\.[\w.]+)`", line)
            protocols = {name.split(".")[0] for name in names if not name.startswith(".")}
            groups = {""} | {"." + name.split(".")[1] for name in names if name.count(".") == 2}
            for name in names:
                if name.startswith("."):
                    named.update(protocol + group + name for group in groups
                                 for protocol in protocols or ("zkelection", "zkquorum"))
                else:
                    named.add(name)
        self.assertEqual(sorted(fields - named), [])


if __name__ == "__main__":
    unittest.main()
