// One canonical line per effect, for people, transcripts and the simulator. Stable: transcripts in
// fixtures/election are compared with it.
#pragma once

#include <string>

#include "election/election.hpp"

namespace zkprobe::election {

// "leader=3 zxid=0x100000002 peerEpoch=0x1"; Long.MIN_VALUE is written as "min".
std::string describe(const quorum::Vote& vote);
// "kProposal" is "proposal".
std::string_view to_string(Report::Kind kind);
// "send 2: notification LOOKING ...", "decided LEADING ...", "report quorum 1: ..."
std::string describe(const Effect& effect);

}  // namespace zkprobe::election
