// `zkprobe join ADDRESS`: an observer that no configuration names.
#pragma once

#include <optional>
#include <vector>

#include "base/ids.hpp"
#include "context.hpp"
#include "options.hpp"
#include "wire/initial_message.hpp"

namespace zkprobe::tool {

struct JoinObserverOptions {
  SharedOptions shared;
  std::vector<wire::HostPort> addresses;  // election ports
  std::optional<Sid> sid;                 // --sid; otherwise one of its own
  bool tree = false;                      // --tree: list the nodes of a snapshot
  bool digests = false;                   // --digests: keep a tree and compare
  std::string data_dir;                   // --data-dir: keep the state there
};

// Runs until --for, --until, SIGINT or the end of standard output. Throws UsageError for options
// that do not go together.
ExitCode join_observer(const JoinObserverOptions& options);

}  // namespace zkprobe::tool
