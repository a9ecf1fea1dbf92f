#!/usr/bin/env python3
"""Runs a checkout of zktraffic on a capture, stage by stage, and prints one JSON object with what each
took, in seconds and in seconds of CPU:

  from_payload   the bare decoders, FLE.Message and ZAB.QuorumPacket, on payloads that somebody else
                 cut out of the packets
  from_file      the shortest program from a capture to their messages: dpkt reads the file and takes
                 packets apart, from_payload gets each payload
  handle_packet  its network.Sniffer from a packet to a message, as scapy hands it packets: addresses
                 and ports with dpkt, then from_payload. Packets with a payload, and packets without
                 one, which a sniffer is handed as well
  text           str() of each message, which is what fle-dump and zab-dump print
  omni           all that `zk-omni-dump --offline` does, reading and text included

from_file, handle_packet, text and omni need scapy, dpkt and six (python3-scapy, python3-dpkt, python3-six); without
them "sniffer" says what is missing. What its tools need besides is replaced by nothing.

usage: zktraffic_run.py CHECKOUT CAPTURE [--fields | --sniffer | --dump FILE]

With --fields the bare decoders alone run, and each payload that became a message is told with the packet's
number and a few fields. With --dump FILE the payloads are written for tests/bench/capture_decode_bench, and
nothing is run. Ports are those of fixtures/pcap: B+101 and so on for learners, B+201 and so on for elections.
"""
import contextlib
import itertools
import json
import logging
import os
import struct
import sys
import time
import unittest.mock
import warnings

from grow import packets_of, tcp_offset

BATCH = 20_000  # packets that scapy has read and nobody has handled yet


class Watch:
    """Seconds, and seconds of CPU, spent inside of `with`."""

    def __init__(self):
        self.seconds = self.cpu_seconds = 0.0

    def __enter__(self):
        self.begun, self.worked = time.perf_counter(), time.process_time()

    def __exit__(self, *_):
        self.seconds += time.perf_counter() - self.begun
        self.cpu_seconds += time.process_time() - self.worked

    def figures(self):
        return {"seconds": self.seconds, "cpu_seconds": self.cpu_seconds}


def replace_what_is_missing(*names):
    for name in names:
        try:
            __import__(name)
        except ImportError:
            sys.modules[name] = unittest.mock.MagicMock()


def payload_of(packet):
    """(whether it is of a learner's port, source, target, payload), None where it is no TCP."""
    tcp = tcp_offset(packet)
    if tcp is None:
        return None
    source, target = struct.unpack_from(">HH", packet, tcp)
    port = min(source, target)
    return port, source, target, packet[tcp + (packet[tcp + 12] >> 4) * 4:]


def is_learner(port):
    return port % 1000 < 200


def from_payload(path, fields):
    """The bare decoders on every payload, once per payload as the sniffers do."""
    from zktraffic.base.network import BadPacket
    from zktraffic.fle.message import Message
    from zktraffic.zab.quorum_packet import QuorumPacket
    payloads = []
    for number, (micros, packet, _) in enumerate(packets_of(path), 1):
        found = payload_of(packet)
        if found and found[3]:
            port, source, target, payload = found
            payloads.append((number, QuorumPacket if is_learner(port) else Message, payload,
                             f"127.0.0.1:{source}", f"127.0.0.1:{target}", micros / 1e6))
    decoded, watch = [], Watch()
    with watch:
        for number, decoder, payload, source, target, when in payloads:
            try:
                message = decoder.from_payload(payload, source, target, when)
            except (BadPacket, struct.error, UnicodeDecodeError):
                continue
            if message is not None:
                decoded.append((number, message))
    result = {**watch.figures(), "payloads": len(payloads), "messages": len(decoded)}
    if fields:
        result["fields"] = [[number, *fields_of(message)] for number, message in decoded]
    return result


def from_file(path):
    """From the file to messages, as a script would with dpkt, which is quicker than scapy."""
    import dpkt
    from zktraffic.base.network import BadPacket
    from zktraffic.fle.message import Message
    from zktraffic.zab.quorum_packet import QuorumPacket
    watch, payloads, messages = Watch(), 0, 0
    with watch, open(path, "rb") as file:
        for when, packet in dpkt.pcap.Reader(file):
            ip = dpkt.ethernet.Ethernet(packet).data
            tcp = getattr(ip, "data", None)
            if not isinstance(tcp, dpkt.tcp.TCP) or not tcp.data:
                continue
            payloads += 1
            decoder = QuorumPacket if is_learner(min(tcp.sport, tcp.dport)) else Message
            try:
                message = decoder.from_payload(tcp.data, f"127.0.0.1:{tcp.sport}",
                                               f"127.0.0.1:{tcp.dport}", when)
            except (BadPacket, struct.error, UnicodeDecodeError):
                continue
            messages += message is not None
    return {**watch.figures(), "payloads": payloads, "messages": messages}


def fields_of(message):
    if hasattr(message, "server_id"):
        return ["initial", message.server_id]
    if hasattr(message, "election_epoch"):
        return ["notification", message.state, message.leader, message.zxid, message.election_epoch]
    return ["quorum_packet", message.type, message.zxid]


def sniffers(handler):
    """Factories of its sniffers by port, as its command line tools make them, without their threads."""
    import zktraffic.fle.message as fle
    import zktraffic.zab.quorum_packet as zab
    from zktraffic.base.sniffer import Sniffer as ClientSniffer, SnifferConfig
    from zktraffic.network.sniffer import Sniffer
    for kind in (Sniffer, ClientSniffer):
        kind.setDaemon = lambda *_: None  # gone from Python 3.13

    def of_clients(port):
        config = SnifferConfig(None)
        config.track_replies, config.zookeeper_port, config.client_port = True, port, 0
        return ClientSniffer(config, None, None, None, error_to_stderr=True)
    return (lambda port: Sniffer(None, port, fle.Message, handler, start=False),
            lambda port: Sniffer(None, port, zab.QuorumPacket, handler, start=False), of_clients)


def handle_packets(path):
    """network.Sniffer.handle_packet on every packet; scapy's reading of them is timed apart."""
    from scapy.utils import PcapReader
    messages, by_port = [], {}
    of_elections, of_learners, _ = sniffers(messages.append)
    reading, with_payload, without, text = Watch(), Watch(), Watch(), Watch()
    counts = {"packets": 0, "payloads": 0, "messages": 0}
    reader = PcapReader(path)
    while True:
        with reading:
            batch = list(itertools.islice(reader, BATCH))
        if not batch:
            break
        groups = ([], [])
        for packet in batch:
            packet.time = float(packet.time)  # as in the scapy that it asks for
            port, _, _, payload = payload_of(packet.load)
            if port not in by_port:
                by_port[port] = (of_learners if is_learner(port) else of_elections)(port)
            groups[bool(payload)].append((by_port[port], packet))
        for watch, group in ((without, groups[0]), (with_payload, groups[1])):
            with watch:
                for sniffer, packet in group:
                    sniffer.handle_packet(packet)
        with text:
            for message in messages:
                str(message)
        counts["packets"] += len(batch)
        counts["payloads"] += len(groups[1])
        counts["messages"] += len(messages)
        messages.clear()
    return {**counts, "reading": reading.figures(), "handle_packet": with_payload.figures(),
            "handle_packet_without_payload": without.figures(), "text": text.figures()}


def omni(path):
    """OmniSniffer.run as `zk-omni-dump --offline` calls it, and the text of what it finds."""
    from zktraffic.omni.omni_sniffer import OmniSniffer
    OmniSniffer.setDaemon = lambda *_: None
    count = itertools.count()

    def show(message):
        message.timestamp = float(message.timestamp)
        str(message)
        next(count)
    sniffer = OmniSniffer(*sniffers(show), start=False)
    watch = Watch()
    with watch:
        sniffer.run(offline=path)
    return {**watch.figures(), "messages": next(count)}


def dump(path, out):
    """'O' for a SYN, 'P' for a payload: the two ports, and of 'P' its length and bytes."""
    with open(out, "wb") as file:
        for _, packet, _ in packets_of(path):
            tcp = tcp_offset(packet)
            if tcp is None:
                continue
            payload = packet[tcp + (packet[tcp + 12] >> 4) * 4:]
            if packet[tcp + 13] & 0x12 == 2:
                file.write(b"O" + packet[tcp:tcp + 4])
            if payload:
                file.write(b"P" + packet[tcp:tcp + 4] + struct.pack(">I", len(payload)) + payload)


def main():
    checkout, capture = sys.argv[1:3]
    if "--dump" in sys.argv:
        return dump(capture, sys.argv[sys.argv.index("--dump") + 1])
    warnings.simplefilter("ignore")
    logging.disable()
    sys.path.insert(0, checkout)
    try:
        import dpkt, scapy, six  # noqa: F401, E401
        missing = None
    except ImportError as problem:
        missing = str(problem)
    replace_what_is_missing("dpkt", "hexdump", "twitter", "twitter.common")
    result = {"from_payload": from_payload(capture, "--fields" in sys.argv)}
    if "--sniffer" in sys.argv:
        result["sniffer"] = missing or "measured"
        if not missing:
            # They print what they stumble over.
            with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere), \
                    contextlib.redirect_stderr(nowhere):
                result["from_file"] = from_file(capture)
                result.update(handle_packets(capture))
                result["omni"] = omni(capture)
    print(json.dumps(result))


if __name__ == "__main__":
    sys.exit(main())
