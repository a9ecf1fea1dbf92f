// One server under several spellings: localhost, 127.0.0.1, [::1], Java's 0:0:0:0:0:0:0:1.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "wire/initial_message.hpp"

namespace zkprobe::tool {

// That of `known` which means `address`: of its port, and its host the same as text, as Java writes
// it, or as `reached`, the address that `address` led to (empty: not known). Else the only one of
// its port. Nothing: none.
std::optional<wire::HostPort> known_address(const std::vector<wire::HostPort>& known,
                                            const wire::HostPort& address,
                                            const std::string& reached);

}  // namespace zkprobe::tool
