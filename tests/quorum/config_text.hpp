// Configurations for the tests of this folder, written as text.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "wire/quorum_config.hpp"

namespace zkprobe::test {

// Participants and observers on loopback ports made from their ids, then `rest` (groups, weights),
// then the version.
inline wire::QuorumConfig config_of(const std::vector<int>& voters,
                                    const std::vector<int>& observers = {},
                                    const std::string& rest = "",
                                    const std::string& version = "0") {
  std::string text;
  const auto add = [&text](int sid, const std::string& type) {
    text += "server." + std::to_string(sid) + "=127.0.0.1:" + std::to_string(20000 + sid) + ":" +
            std::to_string(30000 + sid) + ":" + type + "\n";
  };
  for (const int sid : voters) add(sid, "participant");
  for (const int sid : observers) add(sid, "observer");
  const auto config = wire::parse_quorum_config(text + rest + "version=" + version);
  if (!config) throw std::runtime_error(to_string(config.error()));
  return *config;
}

}  // namespace zkprobe::test
