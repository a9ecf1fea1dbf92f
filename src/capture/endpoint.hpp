// Who speaks in a packet: an IP address and a port.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"

namespace zkprobe::capture {

// Its halves as big-endian numbers: two words to compare for each packet. An IPv4 address stands in
// the last four bytes, behind ::ffff:0:0/96, so that a server is the same in both spellings.
struct IpAddress {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  static IpAddress v4(BytesView four) {
    return {0, std::uint64_t{0xffff} << 32 | u32_at(four.data())};
  }
  static IpAddress v6(BytesView sixteen) {
    return {u64_at(sixteen.data()), u64_at(sixteen.data() + 8)};
  }
  bool is_v4() const { return high == 0 && low >> 32 == 0xffff; }
  bool operator==(const IpAddress&) const = default;
};

struct Endpoint {
  IpAddress host;
  std::uint16_t port = 0;

  // Ports first: they differ most often.
  bool operator==(const Endpoint& other) const { return port == other.port && host == other.host; }
};

// "127.0.0.1", "2001:db8::1" (RFC 5952).
std::string to_string(const IpAddress& host);
// "127.0.0.1:3888", "[::1]:3888".
std::string to_string(const Endpoint& endpoint);

// A literal of either family, IPv6 in any spelling and without brackets; nothing for a name.
std::optional<IpAddress> parse_ip(std::string_view text);

// Not noexcept, so that libstdc++ keeps the hashes and does not compute them again in each look-up.
struct EndpointHash {
  std::size_t operator()(const Endpoint& endpoint) const;
};
struct IpAddressHash {
  std::size_t operator()(const IpAddress& host) const;
};

}  // namespace zkprobe::capture
