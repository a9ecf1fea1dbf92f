// The keys of zoo.cfg: which release reads which, and how. A key that a release does not read
// becomes the system property zookeeper.<key>, never an error.
// Java: QuorumPeerConfig.parseProperties of each release.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/release.hpp"

namespace zkprobe::peer {

enum class KeyType { kInt, kLong, kBool, kText, kPeerType };

struct ConfigKey {
  std::string_view name;
  KeyType type = KeyType::kText;
  Release since{3, 3, 0};
  // Where a key came to 3.4.x after 3.5.0 was out: the first 3.5.x that has it.
  std::optional<Release> since_in_35 = std::nullopt;

  bool read_by(Release release) const;
};

// The key that `release` reads under this name; nullptr if it reads none.
const ConfigKey* find_key(std::string_view name, Release release);

// server.*, group*, weight* and version: what describes the members.
bool is_member_key(std::string_view name);

// True for a name that some release reads, as a key or as the system property zookeeper.<name>.
bool is_known_anywhere(std::string_view name);

// The known name with the fewest changed, added or dropped letters; ties go to the first in the
// table.
std::string_view nearest_known_key(std::string_view name);

// How many letters must change, come or go to make one of the other (Levenshtein).
std::size_t edit_distance(std::string_view a, std::string_view b);

}  // namespace zkprobe::peer
