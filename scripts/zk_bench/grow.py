#!/usr/bin/env python3
"""Builds a large capture from small ones: their packets again and again, later in time, from other
client ports and with other sequence numbers, so that each repetition has streams of its own.

usage: grow.py OUT PACKETS CAPTURE...
"""
import itertools
import pathlib
import struct
import sys

ETHERNET = 1
HEADER = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, ETHERNET)
FIRST_CLIENT_PORT = 32768
CLIENT_PORTS = 60999 - FIRST_CLIENT_PORT + 1


def packets_of(path):
    """(microseconds, kept bytes, length on the wire) of a little-endian Ethernet pcap."""
    data = pathlib.Path(path).read_bytes()
    magic, link = struct.unpack_from("<I", data)[0], struct.unpack_from("<I", data, 20)[0]
    if magic != 0xA1B2C3D4 or link != ETHERNET:
        raise ValueError(f"{path}: expected a little-endian pcap of Ethernet with microseconds")
    offset = 24
    while offset < len(data):
        seconds, micros, kept, wire = struct.unpack_from("<IIII", data, offset)
        yield seconds * 1_000_000 + micros, data[offset + 16:offset + 16 + kept], wire
        offset += 16 + kept


def tcp_offset(packet):
    """Where the TCP header begins; None for anything else. The fixtures have neither VLAN tags nor
    fragments nor extension headers."""
    kind = packet[12:14]
    if kind == b"\x08\x00" and packet[23] == 6:
        return 14 + (packet[14] & 15) * 4
    if kind == b"\x86\xdd" and packet[20] == 6:
        return 54
    return None


class Scenario:
    """One capture, prepared to be written many times."""

    def __init__(self, path):
        packets = list(packets_of(path))
        start = packets[0][0]
        self.length = packets[-1][0] - start + 1_000_000
        self.packets = []
        for time, kept, wire in packets:
            tcp = tcp_offset(kept)
            if tcp is not None:
                self.packets.append((time - start, bytearray(kept), wire, tcp,
                                     *struct.unpack_from(">HHII", kept, tcp),
                                     kept[tcp + 13] & 16))

    def write(self, out, start, turn):
        """Every packet once, as of the microsecond `start`."""
        shift = turn * 7919 % CLIENT_PORTS
        numbers = turn * 0x01234567

        def moved(port):
            if port < FIRST_CLIENT_PORT:
                return port
            return FIRST_CLIENT_PORT + (port - FIRST_CLIENT_PORT + shift) % CLIENT_PORTS
        for time, kept, wire, tcp, source, target, seq, ack, has_ack in self.packets:
            struct.pack_into(">HHII", kept, tcp, moved(source), moved(target),
                             seq + numbers & 0xFFFFFFFF,
                             ack + numbers & 0xFFFFFFFF if has_ack else 0)
            seconds, micros = divmod(start + time, 1_000_000)
            out.write(struct.pack("<IIII", seconds, micros, len(kept), wire) + kept)
        return len(self.packets)


def grow(target, least, captures):
    """Writes whole scenarios in turn until there are `least` packets. How many there are."""
    scenarios = [Scenario(path) for path in captures]
    count, now = 0, 1_700_000_000_000_000
    with open(target, "wb", buffering=1 << 20) as out:
        out.write(HEADER)
        for turn in itertools.count():
            for scenario in scenarios:
                if count >= least:
                    return count
                count += scenario.write(out, now, turn)
                now += scenario.length


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__.strip().splitlines()[-1])
    print(grow(sys.argv[1], int(sys.argv[2]), sys.argv[3:]))
