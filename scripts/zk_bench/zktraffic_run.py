#!/usr/bin/env python3
"""Runs the message decoder of a zktraffic checkout on the TCP payloads of captures, once per payload
as its sniffers do. Prints one JSON object: the seconds spent in it, without and with the text of each
message, and with --fields for each payload that became a message the packet's number and a few fields.

With --dump FILE the payloads are written for tests/bench/capture_decode_bench, and nothing is run.

usage: zktraffic_run.py CHECKOUT CAPTURE [--fields | --dump FILE]

Ports are those of fixtures/pcap: B+101 and so on for learners, B+201 and so on for elections.
"""
import json
import struct
import sys
import time
import unittest.mock
import warnings

from grow import packets_of, tcp_offset


def load(checkout):
    """Its two decoders. What its sniffers import besides is not needed for them."""
    warnings.simplefilter("ignore")
    sys.path.insert(0, checkout)
    for name in ("dpkt", "twitter", "twitter.common"):
        try:
            __import__(name)
        except ImportError:
            sys.modules[name] = unittest.mock.MagicMock()
    from zktraffic.base.network import BadPacket
    from zktraffic.fle.message import Message
    from zktraffic.zab.quorum_packet import QuorumPacket
    return Message, QuorumPacket, BadPacket


def payloads_of(path):
    """(packet number, whether it is of a learner's port, payload, source, destination, seconds)"""
    for number, (micros, packet, _) in enumerate(packets_of(path), 1):
        tcp = tcp_offset(packet)
        if tcp is None:
            continue
        source, target = struct.unpack_from(">HH", packet, tcp)
        payload = packet[tcp + (packet[tcp + 12] >> 4) * 4:]
        port = min(source, target)
        if payload:
            yield (number, port % 1000 < 200, payload, f"127.0.0.1:{source}",
                   f"127.0.0.1:{target}", micros / 1e6)


def fields_of(message):
    if hasattr(message, "server_id"):
        return ["initial", message.server_id]
    if hasattr(message, "election_epoch"):
        return ["notification", message.state, message.leader, message.zxid, message.election_epoch]
    return ["quorum_packet", message.type, message.zxid]


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
    if "--dump" in sys.argv:
        return dump(sys.argv[2], sys.argv[sys.argv.index("--dump") + 1])
    election, learner, refused = load(sys.argv[1])
    payloads = list(payloads_of(sys.argv[2]))
    decoded = []
    begun, worked = time.perf_counter(), time.process_time()
    for number, is_learner, payload, source, target, when in payloads:
        decoder = learner if is_learner else election
        try:
            message = decoder.from_payload(payload, source, target, when)
        except (refused, struct.error, UnicodeDecodeError):
            continue
        if message is not None:
            decoded.append((number, message))
    seconds, cpu_seconds = time.perf_counter() - begun, time.process_time() - worked
    for _, message in decoded:
        str(message)
    with_text = time.perf_counter() - begun
    result = {"seconds": seconds, "cpu_seconds": cpu_seconds, "seconds_with_text": with_text,
              "payloads": len(payloads), "messages": len(decoded)}
    if "--fields" in sys.argv:
        result["fields"] = [[number, *fields_of(message)] for number, message in decoded]
    print(json.dumps(result))


if __name__ == "__main__":
    sys.exit(main())
