// Addresses written as numbers, as java.net.InetAddress.getByName reads and prints them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace zkprobe::wire {

using Ipv4 = std::array<std::uint8_t, 4>;
using Ipv6 = std::array<std::uint16_t, 8>;

// "127.0.0.1", and Java's short forms of one to three numbers, the last of which fills the rest
// ("127.1", "0").
std::optional<Ipv4> parse_ipv4(std::string_view text);
// "::1", "0:0:0:0:0:0:0:1", "::ffff:127.0.0.1"; no brackets, no zone.
std::optional<Ipv6> parse_ipv6(std::string_view text);

// The host as Java prints it once it has parsed it: IPv6 literals with all eight groups
// ("0:0:0:0:0:0:0:1"), IPv4-mapped ones and short IPv4 forms as four numbers; an empty host is
// "localhost". Names, and literals with a zone, stay as they are.
std::string java_host_text(std::string_view host);

// All bits zero in either family (InetAddress.isAnyLocalAddress).
bool is_any_local(std::string_view host);

}  // namespace zkprobe::wire
