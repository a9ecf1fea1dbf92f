// How learners were brought up to date, and how long each phase of an election took.
#pragma once

#include <vector>

#include "analysis/election.hpp"
#include "analysis/roster.hpp"

namespace zkprobe::analysis {

// Every connection of a learner that got as far as FOLLOWERINFO or OBSERVERINFO, in order.
std::vector<Learning> learnings_of(const Recording& recording);

// Gives each learning to the election that its learner came from, and the rest back; then works out
// the phases:
//   looking          from the first LOOKING message to the quorum
//   drain            from the quorum to the decision: 200 ms without a better vote (finalizeWait)
//   discovery        of a learner: from its dial to ACKEPOCH (3.3: to NEWLEADER); of the leader: to
//                    the ACKEPOCH that makes a quorum
//   synchronisation  of a learner: to UPTODATE; of the leader: to the first UPTODATE that it sends
std::vector<Learning> tell_phases(const Recording& recording, const Roster& roster,
                                  std::vector<Learning> learnings,
                                  std::vector<Election>& elections);

}  // namespace zkprobe::analysis
