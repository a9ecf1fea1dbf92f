// The members that a configuration file names: server.*, group*, weight* and version, in zoo.cfg
// itself or in a file of their own.
// Java: QuorumPeerConfig.parseDynamicConfig, QuorumMaj, QuorumHierarchical; up to 3.4
// QuorumPeerConfig.parseProperties.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "base/ids.hpp"
#include "base/release.hpp"
#include "peer/config_error.hpp"
#include "wire/java_properties.hpp"
#include "wire/quorum_config.hpp"

namespace zkprobe::peer {

struct MemberRules {
  Release release;
  std::string file;            // for errors
  bool multi_address = false;  // '|' in server lines
  bool whole_file = true;      // other keys stand beside those of the members
  bool oracle = false;         // oraclePath is set: groups and weights are not looked at
  bool standalone_enabled = true;
};

using Members = tl::expected<wire::QuorumConfig, ConfigError>;

// What the lines say. The servers come out in the order of Java's hash map, which is the order of
// the text that servers send each other; hierarchical configurations have a weight for every
// participant. Limits of the counts are check_members'.
Members read_members(const std::vector<wire::Property>& properties, const MemberRules& rules);

// The counts that a release accepts: no observers without participants, and so on. Nothing to
// object to gives the configuration back.
Members check_members(wire::QuorumConfig members, const MemberRules& rules);

// The order in which java.util.HashMap<Long, ...> yields its keys. Within one bucket the order
// depends on what was inserted first, which no reader may rely on: ascending here.
std::vector<std::int64_t> java_hash_order(std::vector<std::int64_t> keys);

}  // namespace zkprobe::peer
