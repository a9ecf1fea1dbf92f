#include "peer/leader_watch.hpp"

#include <gtest/gtest.h>

namespace zkprobe::peer {
namespace {

using wire::ServerState;
using Verdict = LeaderWatch::Verdict;

constexpr Instant at(int ms) { return Instant{std::chrono::milliseconds(ms)}; }

wire::Notification says(ServerState state, int leader, int round) {
  wire::Notification made;
  made.state = state;
  made.leader = Sid(leader);
  made.election_epoch = ElectionRound(round);
  return made;
}

// Server 3 was elected in round 4; ticks of a second, five of patience.
LeaderWatch watch() { return LeaderWatch(at(0), Sid(3), ElectionRound(4), 1s, 5s); }

TEST(LeaderWatch, AsksEveryTick) {
  LeaderWatch leader = watch();
  EXPECT_EQ(leader.deadline(), at(1000));
  EXPECT_FALSE(leader.time_passed(at(999)).ask);
  EXPECT_TRUE(leader.time_passed(at(1000)).ask);
  EXPECT_EQ(leader.deadline(), at(2000));
}

TEST(LeaderWatch, TheLeadersOwnWordConfirms) {
  LeaderWatch leader = watch();
  EXPECT_FALSE(leader.confirmed());
  EXPECT_EQ(leader.heard(at(1000), says(ServerState::kLeading, 3, 4)).verdict, Verdict::kLeads);
  EXPECT_TRUE(leader.confirmed());
}

TEST(LeaderWatch, SilenceIsBorneForSyncLimitTicksAfterTheLastWord) {
  LeaderWatch leader = watch();
  EXPECT_FALSE(leader.time_passed(at(4999)).expired);
  EXPECT_TRUE(leader.time_passed(at(5000)).expired);
  leader.heard(at(4000), says(ServerState::kLeading, 3, 4));
  EXPECT_FALSE(leader.time_passed(at(8999)).expired);
  EXPECT_TRUE(leader.time_passed(at(9000)).expired);
}

// The leader may still wait for a better vote (finalizeWait) when we have decided already.
TEST(LeaderWatch, LookingInTheSameRoundIsBorneUntilTheFirstConfirmation) {
  LeaderWatch leader = watch();
  EXPECT_EQ(leader.heard(at(10), says(ServerState::kLooking, 3, 4)).verdict, Verdict::kWaits);
  leader.heard(at(1000), says(ServerState::kLeading, 3, 4));
  const auto judgement = leader.heard(at(2000), says(ServerState::kLooking, 3, 4));
  EXPECT_EQ(judgement.verdict, Verdict::kLost);
  EXPECT_EQ(judgement.why, "server 3 looks for a leader again");
}

TEST(LeaderWatch, LookingInALaterRoundIsANewElection) {
  EXPECT_EQ(watch().heard(at(10), says(ServerState::kLooking, 3, 5)).verdict, Verdict::kLost);
}

TEST(LeaderWatch, WhoFollowsAnotherDoesNotLead) {
  const auto judgement = watch().heard(at(10), says(ServerState::kFollowing, 2, 4));
  EXPECT_EQ(judgement.verdict, Verdict::kLost);
  EXPECT_EQ(judgement.why, "server 3 is FOLLOWING 2");
  EXPECT_EQ(watch().heard(at(10), says(ServerState::kLeading, 2, 4)).verdict, Verdict::kLost);
}

}  // namespace
}  // namespace zkprobe::peer
