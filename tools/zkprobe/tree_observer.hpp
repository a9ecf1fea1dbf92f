// The tree of a live ensemble, as an observer that no configuration names is
// sent it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "context.hpp"
#include "options.hpp"
#include "replica/data_tree.hpp"
#include "wire/initial_message.hpp"

namespace zkprobe::tool {

struct ObservedTreeResult {
  std::optional<replica::DataTree> tree;
  // Where there is no tree.
  ExitCode code = ExitCode::kUnreachable;
  std::string error;  // one line
};

// Looks for the leader from these election addresses on, attaches to it and
// waits for UPTODATE. shared.timeout bounds the time until a leader starts to
// synchronise.
ObservedTreeResult observe_tree(const std::vector<wire::HostPort>& addresses,
                                const SharedOptions& shared);

}  // namespace zkprobe::tool
