// The configuration files of a seat that keeps its state: rewritten as a Java server rewrites them,
// so that the next start begins with the configuration that was accepted.
#pragma once

#include <optional>
#include <string>

#include "peer/config.hpp"
#include "store/posix_file_system.hpp"

namespace zkprobe::tool {

class SeatConfig {
 public:
  explicit SeatConfig(const peer::Config& config);

  // What was proposed, before it is acknowledged; what is in force. Older than what was written:
  // nothing. A failure is one line, and the files are as they were: until a vote brings the newer
  // configuration the next start counts with the old one, as in Java.
  std::optional<std::string> proposed(const wire::QuorumConfig& config);
  std::optional<std::string> in_force(const wire::QuorumConfig& config);

 private:
  std::optional<std::string> judge(const store::Stored<void>& result) const;

  store::PosixFileSystem files_;
  std::string zoo_cfg_;  // absolute
  Sid self_;
  bool enabled_;  // reconfigEnabled
  ConfigVersion proposed_;
  ConfigVersion in_force_;
};

}  // namespace zkprobe::tool
