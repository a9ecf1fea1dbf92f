// ADDRESS on the command line: `host[:port]`, IPv6 as `[::1]:3888`, several as arguments or with
// commas between.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "wire/initial_message.hpp"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace zkprobe::tool {

inline constexpr std::uint16_t kDefaultElectionPort = 3888;
// DNS allows 253 characters in a name.
inline constexpr std::size_t kMaxHostLength = 253;

// One address, or one line that names the text and says what was expected. A port is 1..65535. An
// IPv6 literal without brackets is taken where no port can be meant (it has two colons or more).
tl::expected<wire::HostPort, std::string> parse_address(
    std::string_view text, std::uint16_t default_port = kDefaultElectionPort);

// A comma list; at least one address, no empty piece.
tl::expected<std::vector<wire::HostPort>, std::string> parse_address_list(
    std::string_view text, std::uint16_t default_port = kDefaultElectionPort);

// The positional argument ADDRESS... of a verb; equal addresses are taken once. `at_most`: 1 for a
// verb with one address, 0 for no limit.
CLI::Option* add_addresses(CLI::App& verb, std::vector<wire::HostPort>* target,
                           const std::string& description, std::size_t at_most = 0);

}  // namespace zkprobe::tool
