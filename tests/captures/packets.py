"""Captures as lists of IP packets: read from the fixtures, written in every form that captures have."""
import dataclasses
import gzip
import io
import pathlib
import struct

ETHERNET, NULL, RAW, LOOP, SLL, SLL2 = 1, 0, 101, 108, 113, 276
LINKS = {"ethernet": ETHERNET, "null": NULL, "raw": RAW, "loop": LOOP, "sll": SLL, "sll2": SLL2}
MASK = 0xFFFFFFFF
FIN, SYN, RST, ACK = 1, 2, 4, 16


@dataclasses.dataclass
class Packet:
    time: int          # nanoseconds since 1970
    ip: bytes          # from the IP header on
    wire: int = 0      # its length before the capture cut it; 0: nothing was cut

    @property
    def version(self):
        return self.ip[0] >> 4

    @property
    def tcp_at(self):
        return (self.ip[0] & 15) * 4 if self.version == 4 else 40

    @property
    def ports(self):
        return struct.unpack_from(">HH", self.ip, self.tcp_at)

    @property
    def hosts(self):
        return ((self.ip[12:16], self.ip[16:20]) if self.version == 4 else
                (self.ip[8:24], self.ip[24:40]))

    @property
    def numbers(self):
        return struct.unpack_from(">II", self.ip, self.tcp_at + 4)

    @property
    def flags(self):
        return self.ip[self.tcp_at + 13]

    @property
    def payload_at(self):
        return self.tcp_at + (self.ip[self.tcp_at + 12] >> 4) * 4

    @property
    def payload(self):
        return self.ip[self.payload_at:]

    @property
    def direction(self):
        (a, b), (c, d) = self.hosts, self.ports
        return (a, c, b, d)

    def with_tcp(self, seq=None, ack=None, payload=None, flags=None):
        """The same packet with other numbers or another payload; lengths fit again."""
        head = bytearray(self.ip[:self.payload_at])
        body = self.payload if payload is None else payload
        old_seq, old_ack = self.numbers
        struct.pack_into(">II", head, self.tcp_at + 4, (old_seq if seq is None else seq) & MASK,
                         (old_ack if ack is None else ack) & MASK)
        if flags is not None:
            head[self.tcp_at + 13] = flags
        return dataclasses.replace(self, ip=sized(head, body))


def sized(head, body):
    """An IP packet whose header says how long it is."""
    head = bytearray(head)
    if head[0] >> 4 == 4:
        struct.pack_into(">H", head, 2, len(head) + len(body))
        head[10:12] = b"\0\0"
        struct.pack_into(">H", head, 10, checksum(head[:(head[0] & 15) * 4]))
    else:
        struct.pack_into(">H", head, 4, len(head) + len(body) - 40)
    return bytes(head) + bytes(body)


def checksum(data):
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def read(path):
    """The TCP packets of a little-endian Ethernet pcap with microseconds, as the fixtures are."""
    data = pathlib.Path(path).read_bytes()
    offset, packets = 24, []
    while offset < len(data):
        seconds, micros, kept, _ = struct.unpack_from("<IIII", data, offset)
        frame = data[offset + 16:offset + 16 + kept]
        ip = frame[14:]
        if frame[12:14] in (b"\x08\x00", b"\x86\xdd") and ip[9 if ip[0] >> 4 == 4 else 6] == 6:
            packets.append(Packet((seconds * 1_000_000 + micros) * 1000, ip))
        offset += 16 + kept
    return packets


def link_header(link, packet, vlans):
    v6 = packet.version == 6
    ether = b"\x86\xdd" if v6 else b"\x08\x00"
    for tag in reversed(vlans):
        ether = b"\x81\x00" + struct.pack(">H", tag) + ether
    if link == ETHERNET:
        return bytes(12) + ether
    if link == SLL:
        return struct.pack(">HHH8s", 0, 772, 6, bytes(8)) + ether
    if link == SLL2:
        return ether + struct.pack(">HIHBB8s", 0, 1, 772, 0, 6, bytes(8))
    if link == NULL:
        return struct.pack("<I", 10 if v6 else 2)
    if link == LOOP:
        return struct.pack(">I", 24 if v6 else 2)
    return b""


def frames(packets, link, vlans, snap):
    """(nanoseconds, kept bytes, length on the wire)"""
    for packet in packets:
        whole = link_header(link, packet, vlans) + packet.ip
        yield packet.time, whole[:snap] if snap else whole, len(whole)


def pcap(packets, link="ethernet", vlans=(), snap=0, nano=False, order="<"):
    out = io.BytesIO()
    magic = 0xA1B23C4D if nano else 0xA1B2C3D4
    out.write(struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, snap or 262144, LINKS[link]))
    for time, kept, wire in frames(packets, LINKS[link], vlans, snap):
        seconds, rest = divmod(time, 1_000_000_000)
        out.write(struct.pack(order + "IIII", seconds, rest if nano else rest // 1000, len(kept),
                              wire) + kept)
    return out.getvalue()


def block(order, kind, body):
    body += bytes(-len(body) % 4)
    size = struct.pack(order + "I", len(body) + 12)
    return struct.pack(order + "I", kind) + size + body + size


def pcapng(packets, link="ethernet", vlans=(), snap=0, nano=False, order="<"):
    """A section, an interface, enhanced packet blocks; with an options block of each kind."""
    resolution = struct.pack(order + "HHB3xHH", 9, 1, 9, 0, 0) if nano else b""
    unit = 1 if nano else 1000
    out = block(order, 0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1))
    out += block(order, 1, struct.pack(order + "HHI", LINKS[link], 0, snap) + resolution)
    for time, kept, wire in frames(packets, LINKS[link], vlans, snap):
        stamp = time // unit
        out += block(order, 6, struct.pack(order + "IIIII", 0, stamp >> 32, stamp & MASK, len(kept),
                                           wire) + kept)
    return out


def gzipped(data):
    return gzip.compress(data, 6, mtime=0)
