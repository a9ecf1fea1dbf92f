// The whole of a capture: servers, connections, elections and findings.
#pragma once

#include <vector>

#include "analysis/election.hpp"
#include "analysis/finding.hpp"
#include "analysis/link.hpp"
#include "analysis/roster.hpp"

namespace zkprobe::analysis {

struct Story {
  Recording recording;
  Roster roster;
  std::vector<Link> links;
  std::vector<Election> elections;
  // Learners that came from no election of this capture.
  std::vector<Learning> other_learnings;
  std::vector<Finding> findings;    // the worst first
  bool elections_left_out = false;  // more than kMaxElections
};

Story tell(Recording recording);

// "server 3 (epoch 0x1, zxid 0x100000002)"; an observer's is "nobody".
std::string describe(const quorum::Vote& vote);
// One line: "server 1 votes for server 3 (...) in round 2", "server 3 sends DIFF to server 1".
std::string describe(const Recording& recording, const Record& record);
// "server 3"; an unknown one by its address.
std::string name_of(const StreamRecord& stream, Side side);

}  // namespace zkprobe::analysis
