// One packet of a capture, and the TCP segment in it.
//
//   link  Ethernet (with VLAN tags), Linux cooked v1 and v2, loopback (NULL, LOOP), raw IP
//   IP    IPv4 with options, IPv6 with extension headers, fragments of both
//   TCP   the payload, or as much of it as the capture kept
//
// Nothing here trusts a length: what a header says is compared with what is there.
#pragma once

#include <chrono>
#include <cstdint>

#include "base/bytes.hpp"
#include "capture/endpoint.hpp"
#include "capture/fragments.hpp"

namespace zkprobe::capture {

enum class LinkType { kEthernet, kLinuxSll, kLinuxSll2, kNull, kLoop, kRaw };

// Since 1970, as the capture says it.
using CaptureTime = std::chrono::nanoseconds;

struct Packet {
  std::uint64_t number = 0;  // from 1, as Wireshark counts
  CaptureTime time{0};
  LinkType link = LinkType::kEthernet;
  BytesView bytes;              // what the capture kept
  std::size_t wire_length = 0;  // what the packet had; bytes.size() or more
};

struct TcpSegment {
  Endpoint src;
  Endpoint dst;
  std::uint32_t seq = 0;
  std::uint32_t ack = 0;
  bool syn = false, fin = false, rst = false, has_ack = false;
  BytesView payload;        // valid until the next call of PacketReader::read
  std::size_t missing = 0;  // bytes of the payload, after these, that the capture did not keep
};

struct PacketCounts {
  std::uint64_t packets = 0;
  std::uint64_t tcp = 0;
  std::uint64_t other = 0;      // not IP, or not TCP
  std::uint64_t fragments = 0;  // pieces of larger packets
  std::uint64_t snapped = 0;    // of which the capture kept only the beginning
  std::uint64_t malformed = 0;  // headers that contradict themselves
};

// From packets to segments. Holds the fragments that wait for the others, within bounds.
class PacketReader {
 public:
  // Null for what is not TCP, cannot be read, or is a fragment whose others are to come. The
  // segment is valid until the next call.
  const TcpSegment* read(const Packet& packet);
  const PacketCounts& counts() const { return counts_; }

 private:
  // Its addresses stand in segment_.
  struct Datagram {
    BytesView payload;       // after the IP header
    std::size_t length = 0;  // of the payload as the header says it
  };
  const TcpSegment* read_ip(const Packet& packet, BytesView bytes);
  const TcpSegment* read_v4(const Packet& packet, BytesView bytes);
  const TcpSegment* read_v6(const Packet& packet, BytesView bytes);
  const TcpSegment* read_tcp(const Datagram& datagram);
  const TcpSegment* read_fragment(const Fragment& fragment);
  const TcpSegment* malformed();
  const TcpSegment* other();

  Fragments fragments_;
  TcpSegment segment_;
  PacketCounts counts_;
};

}  // namespace zkprobe::capture
