// Text as Java's own classes read it. A configuration or a greeting that Java takes must be taken
// here, and what it refuses refused, so these follow String.split, String.trim, Integer.parseInt
// and Long.parseLong to the letter (ASCII digits only).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace zkprobe::wire {

// Integer.parseInt and Long.parseLong: an optional '+' or '-', then digits, nothing else. Nothing
// where Java throws NumberFormatException.
std::optional<std::int32_t> java_int(std::string_view text);
std::optional<std::int64_t> java_long(std::string_view text, int radix = 10);

// A port of 0..65535: what Integer.parseInt takes and InetSocketAddress does not refuse.
std::optional<std::uint16_t> java_port(std::string_view text);

// String.split with one plain character: empty pieces at the end are dropped, so ":" has no piece
// and "" has one.
std::vector<std::string_view> java_split(std::string_view text, char separator);

// String.trim: everything up to and including the space is cut off at both ends.
std::string_view java_trim(std::string_view text);

// ConfigUtils.getHostAndPort: "host:port:more" cut at each ':'; an IPv6 literal stands in brackets
// and comes out without them. Nothing where Java throws ConfigException.
std::optional<std::vector<std::string>> java_host_and_ports(std::string_view text);

// For people: text from a peer or a file with everything that is not printable ASCII as \xNN, and
// not longer than `limit` characters of the original ("..." marks the cut).
std::string printable(std::string_view text, std::size_t limit = 80);

}  // namespace zkprobe::wire
