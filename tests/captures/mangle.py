#!/usr/bin/env python3
"""Makes difficult captures out of easy ones: what networks and capturing machines do to packets.

usage: mangle.py IN.pcap OUT.pcap HOW [SEED]

HOW is reorder, lose, overlap, retransmit, wrap, cut, fragment. In a test:
mangle.HOW[name](packets, random.Random(seed)) with the packets of packets.read().
"""
import collections
import dataclasses
import random
import struct
import sys

import packets as wire


def timed(packets, times):
    """The packets in their new order, at the old moments."""
    return [dataclasses.replace(packet, time=time) for packet, time in zip(packets, times)]


def reorder(packets, source, reach=6, share=0.3):
    """Some packets come up to `reach` places later. A connection's SYN stays before its data, and a
    RST behind it."""
    keyed = []
    for place, packet in enumerate(packets):
        late = source.random() < share and not packet.flags & wire.SYN
        delay = reach if packet.flags & wire.RST else source.uniform(0, reach) if late else 0
        keyed.append((place + delay, packet))
    ordered = [packet for _, packet in sorted(keyed, key=lambda pair: pair[0])]
    return timed(ordered, [packet.time for packet in packets])


def lose(packets, source, share=0.03):
    """Some packets with data were never captured."""
    return [packet for packet in packets if not packet.payload or source.random() >= share]


def retransmit(packets, source, share=0.3, reach=8):
    """Some packets with data come again a little later, whole, or with the next one's data."""
    result = collections.deque()
    due = []
    following = {}
    for packet in reversed(packets):
        if packet.payload:
            following[id(packet)] = following.get(packet.direction)
            following[packet.direction] = packet
    for packet in packets:
        result.append(packet)
        due = [(left - 1, again) for left, again in due]
        while due and due[0][0] <= 0:
            result.append(dataclasses.replace(due.pop(0)[1], time=packet.time))
        if packet.payload and source.random() < share:
            again, after = packet, following.get(id(packet))
            end = packet.numbers[0] + len(packet.payload) & wire.MASK
            if after and after.numbers[0] == end and source.random() < 0.5:
                again = packet.with_tcp(payload=packet.payload + after.payload)
            due.append((source.randrange(1, reach), again))
            due.sort(key=lambda pair: pair[0])
    return list(result) + [dataclasses.replace(again, time=packets[-1].time) for _, again in due]


def overlap(packets, source):
    """Segments begin with bytes that came before: the end of what the same side sent last."""
    sent, result = {}, []
    for packet in packets:
        seq, size = packet.numbers[0], len(packet.payload)
        if size:
            end, before = sent.get(packet.direction, (None, b""))
            if end == seq and before:
                back = source.randrange(0, min(len(before), 40) + 1)
                if back:
                    packet = packet.with_tcp(seq=seq - back,
                                             payload=before[-back:] + packet.payload)
            sent[packet.direction] = (seq + size & wire.MASK,
                                      (before + packet.payload)[-64:] if end == seq else
                                      packet.payload[-64:])
        result.append(packet)
    return result


def cut(packets, source):
    """Segments in pieces of 1 to 20 bytes."""
    result = []
    for packet in packets:
        seq, _ = packet.numbers
        payload, at = packet.payload, 0
        while len(payload) - at > 20:
            size = source.randrange(1, 21)
            result.append(packet.with_tcp(seq=seq + at, payload=payload[at:at + size],
                                          flags=packet.flags & ~wire.FIN))
            at += size
        result.append(packet.with_tcp(seq=seq + at, payload=payload[at:]) if at else packet)
    return result


def wrap(packets, source):
    """Sequence numbers begin so high that each side's wrap in its first hundred bytes."""
    shift = {}
    for packet in packets:
        if packet.direction not in shift:
            first = packet.numbers[0]
            shift[packet.direction] = -first - source.randrange(1, 100) & wire.MASK
    result = []
    for packet in packets:
        seq, ack = packet.numbers
        a, b, c, d = packet.direction
        back = shift.get((c, d, a, b), 0)
        result.append(packet.with_tcp(seq=seq + shift[packet.direction],
                                      ack=ack + back if packet.flags & wire.ACK else ack))
    return result


def pieces_v4(packet, identity, size):
    header = packet.ip[:(packet.ip[0] & 15) * 4]
    body = packet.ip[len(header):]
    for at in range(0, len(body), size):
        head = bytearray(header)
        more = 0x2000 if at + size < len(body) else 0
        struct.pack_into(">HH", head, 4, identity & 0xFFFF, more | at // 8)
        yield dataclasses.replace(packet, ip=wire.sized(head, body[at:at + size]))


def pieces_v6(packet, identity, size):
    body = packet.ip[40:]
    for at in range(0, len(body), size):
        more = 1 if at + size < len(body) else 0
        head = bytearray(packet.ip[:40])
        head[6] = 44
        extension = struct.pack(">BBHI", 6, 0, at | more, identity)
        yield dataclasses.replace(packet, ip=wire.sized(head, extension + body[at:at + size]))


def fragment(packets, source):
    """Packets with data in IP fragments of 16 to 64 bytes, in any order."""
    result = []
    for identity, packet in enumerate(packets, 1):
        if not packet.payload:
            result.append(packet)
            continue
        split = pieces_v4 if packet.version == 4 else pieces_v6
        pieces = list(split(packet, identity, source.randrange(2, 9) * 8))
        source.shuffle(pieces)
        result += pieces
    return result


HOW = {"reorder": reorder, "lose": lose, "overlap": overlap, "retransmit": retransmit, "wrap": wrap,
       "cut": cut, "fragment": fragment}


def main():
    if len(sys.argv) not in (4, 5) or sys.argv[3] not in HOW:
        sys.exit(__doc__.strip())
    source = random.Random(int(sys.argv[4]) if len(sys.argv) == 5 else 1)
    mangled = HOW[sys.argv[3]](wire.read(sys.argv[1]), source)
    with open(sys.argv[2], "wb") as out:
        out.write(wire.pcap(mangled))


if __name__ == "__main__":
    main()
