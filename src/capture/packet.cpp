#include "capture/packet.hpp"

#include <algorithm>
#include <optional>

namespace zkprobe::capture {
namespace {

constexpr std::uint16_t kEtherIpv4 = 0x0800;
constexpr std::uint16_t kEtherIpv6 = 0x86dd;
constexpr std::uint8_t kTcp = 6;
constexpr int kMaxVlanTags = 4;
constexpr int kMaxExtensionHeaders = 16;

std::uint16_t u16(BytesView bytes, std::size_t at) {
  return static_cast<std::uint16_t>(bytes[at] << 8 | bytes[at + 1]);
}
std::uint32_t u32(BytesView bytes, std::size_t at) { return u32_at(bytes.data() + at); }

bool is_vlan(std::uint16_t type) { return type == 0x8100 || type == 0x88a8 || type == 0x9100; }

// What stands behind a header of `size` bytes whose EtherType is at `type_at`; nothing for what is
// not IP or not all there.
std::optional<BytesView> behind_ether_type(BytesView bytes, std::size_t type_at, std::size_t size) {
  if (bytes.size() < size) return std::nullopt;
  std::uint16_t type = u16(bytes, type_at);
  bytes = bytes.subspan(size);
  for (int tags = 0; is_vlan(type) && tags < kMaxVlanTags; ++tags) {
    if (bytes.size() < 4) return std::nullopt;
    type = u16(bytes, 2);
    bytes = bytes.subspan(4);
  }
  if (type != kEtherIpv4 && type != kEtherIpv6) return std::nullopt;
  return bytes;
}

// The IP packet; its version stands in its own first digit, so that the numbers that BSDs give to
// address families do not matter.
std::optional<BytesView> ip_packet(LinkType link, BytesView bytes) {
  switch (link) {
    case LinkType::kEthernet:
      return behind_ether_type(bytes, 12, 14);
    case LinkType::kLinuxSll:
      return behind_ether_type(bytes, 14, 16);
    case LinkType::kLinuxSll2:
      return behind_ether_type(bytes, 0, 20);
    case LinkType::kNull:
    case LinkType::kLoop:
      if (bytes.size() < 4) return std::nullopt;
      return bytes.subspan(4);
    case LinkType::kRaw:
      return bytes;
  }
  return std::nullopt;
}

// Bytes at the end of the packet that the capture did not keep.
std::size_t cut_off(const Packet& packet) {
  return packet.wire_length - std::min(packet.wire_length, packet.bytes.size());
}

bool is_extension(std::uint8_t next) {
  return next == 0 || next == 43 || next == 51 || next == 60 || next == 135 || next == 139;
}

}  // namespace

const TcpSegment* PacketReader::malformed() {
  ++counts_.malformed;
  return nullptr;
}

const TcpSegment* PacketReader::other() {
  ++counts_.other;
  return nullptr;
}

const TcpSegment* PacketReader::read(const Packet& packet) {
  ++counts_.packets;
  if (cut_off(packet) > 0) ++counts_.snapped;
  const auto ip = ip_packet(packet.link, packet.bytes);
  if (!ip || ip->empty()) return other();
  return read_ip(packet, *ip);
}

const TcpSegment* PacketReader::read_ip(const Packet& packet, BytesView bytes) {
  const int version = bytes[0] >> 4;
  if (version == 4) return read_v4(packet, bytes);
  if (version == 6) return read_v6(packet, bytes);
  return other();
}

const TcpSegment* PacketReader::read_v4(const Packet& packet, BytesView bytes) {
  if (bytes.size() < 20) return malformed();
  const std::size_t header = (bytes[0] & 0x0fU) * 4U;
  std::size_t total = u16(bytes, 2);
  // Segmentation that the network card does: the kernel writes 0.
  if (total == 0) total = bytes.size() + cut_off(packet);
  if (header < 20 || total < header || bytes.size() < header) return malformed();
  if (bytes[9] != kTcp) return other();

  Datagram datagram;
  segment_.src.host = IpAddress::v4(bytes.subspan(12, 4));
  segment_.dst.host = IpAddress::v4(bytes.subspan(16, 4));
  datagram.length = total - header;
  datagram.payload = bytes.first(std::min(bytes.size(), total)).subspan(header);

  const std::uint16_t place = u16(bytes, 6);
  const bool more = (place & 0x2000U) != 0;
  const std::size_t offset = (place & 0x1fffU) * 8U;
  if (!more && offset == 0) return read_tcp(datagram);
  if (datagram.payload.size() < datagram.length) return other();  // half a piece helps nobody
  return read_fragment({{segment_.src.host, segment_.dst.host, u16(bytes, 4), kTcp},
                        offset,
                        more,
                        datagram.payload});
}

const TcpSegment* PacketReader::read_v6(const Packet& packet, BytesView bytes) {
  if (bytes.size() < 40) return malformed();
  std::size_t length = u16(bytes, 4);
  if (length == 0) length = bytes.size() + cut_off(packet) - 40;
  std::uint8_t next = bytes[6];
  Datagram datagram;
  segment_.src.host = IpAddress::v6(bytes.subspan(8, 16));
  segment_.dst.host = IpAddress::v6(bytes.subspan(24, 16));
  BytesView rest = bytes.subspan(40);
  rest = rest.first(std::min(rest.size(), length));

  for (int i = 0; is_extension(next) && i < kMaxExtensionHeaders; ++i) {
    if (rest.size() < 8) return malformed();
    const std::size_t size = next == 51 ? (rest[1] + 2U) * 4U : (rest[1] + 1U) * 8U;
    if (rest.size() < size || length < size) return malformed();
    next = rest[0];
    rest = rest.subspan(size);
    length -= size;
  }
  if (next == 44) {
    if (rest.size() < 8 || rest.size() < length) return other();
    const std::uint16_t place = u16(rest, 2);
    const std::uint8_t protocol = rest[0];
    if (protocol != kTcp) return other();
    return read_fragment({{segment_.src.host, segment_.dst.host, u32(rest, 4), protocol},
                          place & 0xfff8U,
                          (place & 1U) != 0,
                          rest.subspan(8)});
  }
  if (next != kTcp) return other();
  datagram.payload = rest;
  datagram.length = length;
  return read_tcp(datagram);
}

const TcpSegment* PacketReader::read_fragment(const Fragment& fragment) {
  ++counts_.fragments;
  Datagram datagram;
  // A "fragment" that is the whole: RFC 6946.
  const bool alone = fragment.offset == 0 && !fragment.more;
  datagram.payload = alone ? fragment.bytes : fragments_.add(fragment);
  if (datagram.payload.empty()) return nullptr;
  datagram.length = datagram.payload.size();
  return read_tcp(datagram);
}

const TcpSegment* PacketReader::read_tcp(const Datagram& datagram) {
  const BytesView bytes = datagram.payload;
  if (bytes.size() < 20) return malformed();
  const std::size_t header = (bytes[12] >> 4) * 4U;
  if (header < 20 || datagram.length < header) return malformed();
  segment_.src.port = u16(bytes, 0);
  segment_.dst.port = u16(bytes, 2);
  segment_.seq = u32(bytes, 4);
  segment_.ack = u32(bytes, 8);
  segment_.fin = (bytes[13] & 0x01U) != 0;
  segment_.syn = (bytes[13] & 0x02U) != 0;
  segment_.rst = (bytes[13] & 0x04U) != 0;
  segment_.has_ack = (bytes[13] & 0x10U) != 0;
  segment_.payload = bytes.subspan(std::min(bytes.size(), header));
  segment_.missing = datagram.length - header - segment_.payload.size();
  ++counts_.tcp;
  return &segment_;
}

}  // namespace zkprobe::capture
