// Looks for the order of a moment's events that makes our election do what the server did.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analysis/replay_run.hpp"

namespace zkprobe::analysis {

// How far from a difference an event may be moved: what a loaded machine needs to wake a thread.
inline constexpr Duration kReach = std::chrono::milliseconds(400);
// Runs for one difference.
inline constexpr std::size_t kMaxTries = 600;

struct Repair {
  Adjustment adjustment;
  Difference difference;  // that it explains
};

struct Repaired {
  std::vector<Repair> repairs;
  std::vector<Difference> left;
  RunResult first;  // without adjustments
  std::vector<Adjustment> adjustments() const;
};

Repaired repair(ReplayRun& run, const Tape& tape, const Life& life);

}  // namespace zkprobe::analysis
