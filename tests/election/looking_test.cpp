// lookForLeader; more of it is told in fixtures/election (cold_start, back_off, settle, rounds,
// decline_*).
#include <gtest/gtest.h>

#include "election/election.hpp"
#include "election/machine.hpp"

namespace zkprobe::election {
namespace {

using test::at;
using test::from;
using test::only;
using test::receivers;
using test::settings_of;
using test::voters;
using wire::ServerState;

constexpr auto L = ServerState::kLooking;
const LogPosition kEmpty{Zxid(0), PeerEpoch(0)};
const LogPosition kHolds{make_zxid(PeerEpoch(2), 5), PeerEpoch(2)};

Settings declining(std::int64_t self) {
  Settings settings = settings_of(self);
  settings.declines = true;
  return settings;
}

TEST(Looking, ItsOwnVoteCountsOnlyWhenItComesBack) {
  Election machine(settings_of(1), voters({1}));
  machine.step(at(0), Look{kEmpty});
  EXPECT_EQ(at(200), machine.deadline());
  EXPECT_TRUE(only<Decided>(machine.step(at(200), TimePassed{})).empty());
  test::step(machine, 1, at(200), from(1, {L, 1, 0, 1, 0, ""}));
  EXPECT_EQ(1U, only<Decided>(machine.step(at(400), TimePassed{})).size());
  EXPECT_EQ(ServerState::kLeading, machine.state());
}

TEST(Looking, AStepBeforeTheDeadlineDoesNothing) {
  Election machine(settings_of(1), voters({1, 2, 3}));
  machine.step(at(0), Look{kEmpty});
  EXPECT_TRUE(machine.step(at(199), TimePassed{}).empty());
  EXPECT_EQ(at(200), machine.deadline());
}

TEST(Looking, TheWaitGrowsToItsLimit) {
  Settings settings = settings_of(1);
  settings.min_interval = std::chrono::milliseconds(10);
  settings.max_interval = std::chrono::milliseconds(35);
  Election machine(settings, voters({1, 2, 3}));
  machine.step(at(0), Look{kEmpty});
  for (const std::int64_t due : {10, 30, 65, 100, 135}) {
    ASSERT_EQ(at(due), machine.deadline());
    EXPECT_EQ(3U, receivers(machine.step(at(due), TimePassed{})).size());
  }
}

TEST(Looking, DialsWhereNothingCouldBeDelivered) {
  Election machine(settings_of(1), voters({1, 2, 3}));
  machine.step(at(0), Look{kEmpty});
  const Effects effects = machine.step(at(200), TimePassed{false});
  EXPECT_EQ(1U, only<ConnectAll>(effects).size());
  EXPECT_TRUE(receivers(effects).empty());
}

TEST(Looking, AStrangersMessageDoesNotDelayTheWait) {
  Election machine(settings_of(1), voters({1, 2, 3}));
  machine.step(at(0), Look{kEmpty});
  machine.step(at(150), from(9, {L, 9, 0, 1, 0, ""}));
  EXPECT_EQ(at(200), machine.deadline());
  machine.step(at(150), from(2, {L, 1, 0, 0, 0, ""}));
  EXPECT_EQ(at(350), machine.deadline());
}

TEST(Looking, ADecliningVoterOffersTheLowestVote) {
  Election machine(declining(3), voters({1, 2, 3}));
  const auto sent = only<Send>(machine.step(at(0), Look{kHolds}));
  ASSERT_EQ(3U, sent.size());
  EXPECT_EQ(Sid(3), sent[0].notification.leader);
  EXPECT_EQ(Zxid::min(), sent[0].notification.zxid);
  EXPECT_EQ(PeerEpoch::min(), sent[0].notification.peer_epoch);
}

TEST(Looking, ADecliningVoterTellsStrangersNoOtherVote) {
  Election machine(declining(3), voters({1, 2, 3}));
  machine.step(at(0), Look{kHolds});
  const auto sent = only<Send>(machine.step(at(0), from(9, {})));
  ASSERT_EQ(1U, sent.size());
  EXPECT_EQ(Zxid::min(), sent[0].notification.zxid);
}

TEST(Looking, ADecliningVoterSupportsWhoeverHoldsAsMuch) {
  Election machine(declining(3), voters({1, 2, 3}));
  machine.step(at(0), Look{kHolds});
  const Effects effects = machine.step(at(0), from(1, {L, 1, kHolds.last_zxid.value, 1, 2, ""}));
  EXPECT_EQ(3U, receivers(effects).size());
  EXPECT_EQ(Sid(1), machine.current_vote().vote.leader);
}

// A leader's snapshot of an epoch without transactions carries (epoch, 0).
TEST(Looking, ADecliningVoterFilledInAnIdleEpochSupportsWhoeverBeganIt) {
  const LogPosition filled{make_zxid(PeerEpoch(2), 0), PeerEpoch(2)};
  Election machine(declining(3), voters({1, 2, 3}));
  machine.step(at(0), Look{filled});
  const auto earlier = from(1, {L, 1, make_zxid(PeerEpoch(1), 9).value, 1, 1, ""});
  EXPECT_TRUE(test::reports(machine.step(at(0), earlier), Report::Kind::kDeclined));
  machine.step(at(0), from(1, {L, 1, make_zxid(PeerEpoch(1), 9).value, 1, 2, ""}));
  EXPECT_EQ(Sid(1), machine.current_vote().vote.leader);
}

TEST(Looking, ADecliningVoterSaysOnceThatItAbstains) {
  Election machine(declining(3), voters({1, 2, 3}));
  machine.step(at(0), Look{kHolds});
  const auto vote = from(1, {L, 1, kHolds.last_zxid.value - 1, 1, 2, ""});
  EXPECT_TRUE(test::reports(machine.step(at(0), vote), Report::Kind::kDeclined));
  EXPECT_FALSE(test::reports(machine.step(at(0), vote), Report::Kind::kDeclined));
  EXPECT_EQ(Sid(3), machine.current_vote().vote.leader);
  machine.step(at(0), Look{kHolds});
  const auto again = from(1, {L, 1, kHolds.last_zxid.value - 1, 2, 2, ""});
  EXPECT_TRUE(test::reports(machine.step(at(0), again), Report::Kind::kDeclined));
}

TEST(Looking, ADecliningVoterAloneElectsNobody) {
  Election machine(declining(1), voters({1}));
  test::step(machine, 1, at(0), Look{kEmpty});
  for (std::int64_t now = 0; now < 200'000; now += 100) {
    EXPECT_TRUE(only<Decided>(test::step(machine, 1, at(now), TimePassed{})).empty());
  }
  EXPECT_EQ(ServerState::kLooking, machine.state());
}

}  // namespace
}  // namespace zkprobe::election
