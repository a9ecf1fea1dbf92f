#include "scenario.hpp"

#include "invariants.hpp"

namespace zkprobe::sim {

const std::vector<SabotageInfo> kSabotages = {
    {Sabotage::kUnderstate, "understate", invariant::kNoVoteBelowOwnLog},
    {Sabotage::kOverstate, "overstate", invariant::kVoteNamesARealLog},
    {Sabotage::kMinority, "minority", invariant::kDecisionIsBacked},
    {Sabotage::kCorruptVote, "corrupt-vote", invariant::kDecisionIsBacked},
    {Sabotage::kDeaf, "deaf", invariant::kSettlesAfterHealing},
    {Sabotage::kThrow, "throw", invariant::kMachineContract},
    {Sabotage::kNoDeadline, "no-deadline", invariant::kMachineContract},
    {Sabotage::kWrongEpoch, "wrong-epoch", invariant::kSettledServersAgree},
    {Sabotage::kTwoLeaders, "two-leaders", invariant::kOneLeaderPerEpoch},
    {Sabotage::kForget, "forget", invariant::kNoLessAdvancedLeader},
    {Sabotage::kAccept, "accept", invariant::kDecliningNeverLeads},
    {Sabotage::kZeroWeight, "zero-weight", invariant::kZeroWeightNeverLeads},
    {Sabotage::kWorstWins, "worst-wins", invariant::kCalmElectionPicksBest},
    {Sabotage::kObserver, "observer", invariant::kObserverNeverLeads},
    {Sabotage::kFickle, "fickle", invariant::kLeaderStays},
};

}  // namespace zkprobe::sim
