// What was made of a configuration, name by name: for people, for records, and for comparing it
// with what Java makes of the same file.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "peer/config.hpp"

namespace zkprobe::peer {

// Sorted by name. "members" and "last_seen" are configuration texts, their lines sorted, with '|'
// between them and ',' for ';'. For 3.3 and 3.4, which have no such text, a line is
// "server.1=2888:3888:participant".
using Summary = std::vector<std::pair<std::string, std::string>>;
Summary summarize(const Config& config);

// "name=value;name=value".
std::string to_string(const Summary& summary);

}  // namespace zkprobe::peer
