// Looks for the order of a moment's events that makes our election do what the server did.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "analysis/replay_run.hpp"

namespace zkprobe::analysis {

// How far from a difference an event may be moved: what a loaded machine needs to wake a thread.
inline constexpr Duration kReach = std::chrono::milliseconds(400);
// Runs for one difference.
inline constexpr std::size_t kMaxTries = 600;
// Steps that are played in tries, of one life and of all lives of a capture: a capture of several
// ensembles whose ids are the same holds a difference at every other vote.
inline constexpr std::uint64_t kWorkOfLife = 150'000;
inline constexpr std::uint64_t kWorkOfCapture = 300'000;

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

// Plays `work` steps in tries, or a few more, and takes them away from it. What is left once none
// remain is `untried`.
Repaired repair(ReplayRun& run, const Tape& tape, const Life& life, std::uint64_t& work);

}  // namespace zkprobe::analysis
