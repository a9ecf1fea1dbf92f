// The greeting: the first bytes that the dialling server writes on an election port.
//
//   bare sid   sid:long                                            (3.3, 3.4)
//   V1         -65536:long sid:long n:int n bytes "host:port"      (3.5.0 and later)
//   V2         -65535:long sid:long n:int n bytes "a:1|b:2|[::1]:3" (3.6.0+, multiAddress.enabled)
//
// The accepting server answers nothing. Java: QuorumCnxManager.InitialMessage.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "wire/dialect.hpp"

namespace zkprobe::wire {

inline constexpr std::int64_t kGreetingV1 = -65536;
inline constexpr std::int64_t kGreetingV2 = -65535;
// QuorumCnxManager.maxBuffer: the longest address text that a reader takes.
inline constexpr std::int32_t kMaxGreetingAddress = 2048;

// A host and a port as text on the wire. The host is a name or a literal, an IPv6 one without
// brackets; never empty after reading (Java's "" is localhost).
struct HostPort {
  std::string host;
  std::uint16_t port = 0;

  bool operator==(const HostPort&) const = default;
};

// "host:3888", "[::1]:3888".
std::string to_string(const HostPort& address);
// The inverse, for one address. Nothing where the text is not host:port with a port of 0..65535.
std::optional<HostPort> parse_host_port(std::string_view text);
// 0.0.0.0 and :: in any spelling: an address that a peer must not be dialled at (ZOOKEEPER-2164).
// Names are not looked up.
bool is_wildcard(const HostPort& address);

struct InitialMessage {
  GreetingForm form = GreetingForm::kV1;
  // kObserverId stands for an observer without an id of its own.
  Sid sid;
  // One for V1; one or more for V2; empty for a bare sid, and where the emulated release does not
  // look at the text (3.4.6 to 3.4.14).
  std::vector<HostPort> addresses;

  bool operator==(const InitialMessage&) const = default;
};

Bytes encode(const InitialMessage& message);

// Decides from the bytes received so far.
//   nothing      more bytes are needed; ask again with all bytes received
//   a Greeting   the message, and how many bytes it took; what follows are frames
//   an error     the emulated release closes the connection (and so do we; where that release's
//                listener would die of it, ours only closes)
// A port above 65535 is an error here for every release.
struct Greeting {
  InitialMessage message;
  std::size_t size = 0;

  bool operator==(const Greeting&) const = default;
};
Decoded<std::optional<Greeting>> decode_greeting(BytesView received, const Dialect& reader);

}  // namespace zkprobe::wire
