#include "election/election.hpp"

#include <gtest/gtest.h>

#include <limits>

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

const LogPosition kEmpty{Zxid(0), PeerEpoch(0)};
constexpr auto kLeadingState = ServerState::kLeading;
constexpr auto kFollowingState = ServerState::kFollowing;

// Server 1 of {1 2 3}, following 3 since round 4.
Election follower(Settings settings = settings_of(1)) {
  Election machine(settings, voters({1, 2, 3}));
  machine.step(at(0), Look{kEmpty});
  machine.step(at(0), from(3, {kLeadingState, 3, 0, 4, 0, ""}));
  machine.step(at(0), from(2, {kFollowingState, 3, 0, 4, 0, ""}));
  return machine;
}

TEST(Election, WaitsForNothingBeforeItLooks) {
  Election machine(settings_of(1), voters({1, 2, 3}));
  EXPECT_EQ(ServerState::kLooking, machine.state());
  EXPECT_FALSE(machine.deadline());
  EXPECT_TRUE(machine.step(at(0), TimePassed{}).empty());
  EXPECT_TRUE(receivers(machine.step(at(0), from(2, {}))).empty());
  EXPECT_TRUE(machine.step(at(0), AskLeader{}).empty());
  EXPECT_TRUE(machine.step(at(0), EpochSettled{PeerEpoch(4)}).empty());
}

TEST(Election, LookingBeginsARoundAndTellsAllVotersItselfIncluded) {
  Election machine(settings_of(1), voters({1, 2, 3}));
  const Effects effects = machine.step(at(5), Look{{Zxid(7), PeerEpoch(2)}});
  EXPECT_EQ((std::vector<std::int64_t>{1, 2, 3}), receivers(effects));
  EXPECT_EQ(ElectionRound(1), machine.round());
  EXPECT_EQ(at(205), machine.deadline());
  EXPECT_EQ((quorum::Vote{PeerEpoch(2), Zxid(7), Sid(1)}), machine.current_vote().vote);
  const auto sent = only<Send>(effects).front();
  EXPECT_EQ(wire::encode(sent.notification, wire::NotificationForm::kConfig), sent.payload);
  EXPECT_EQ(wire::to_text(voters({1, 2, 3})), sent.notification.config);
}

TEST(Election, HasNoDeadlineOnceItHasDecided) {
  const Election machine = follower();
  EXPECT_EQ(ServerState::kFollowing, machine.state());
  EXPECT_FALSE(machine.deadline());
  EXPECT_EQ(Sid(3), machine.current_vote().vote.leader);
  EXPECT_EQ(ElectionRound(4), machine.round());
}

TEST(Election, LookingAgainBeginsTheNextRoundWithTheOwnVote) {
  Election machine = follower();
  machine.step(at(9), Look{{Zxid(3), PeerEpoch(1)}});
  EXPECT_EQ(ElectionRound(5), machine.round());
  EXPECT_EQ(Sid(1), machine.current_vote().vote.leader);
}

TEST(Election, TellsStrangersTheLastDecisionWhileItLooksAgain) {
  Election machine = follower();
  machine.step(at(9), Look{kEmpty});
  const auto sent = only<Send>(machine.step(at(9), from(9, {})));
  ASSERT_EQ(1U, sent.size());
  EXPECT_EQ(Sid(3), sent[0].notification.leader);
  EXPECT_EQ(ServerState::kLooking, sent[0].notification.state);
  EXPECT_EQ(ElectionRound(5), sent[0].notification.election_epoch);
}

TEST(Election, AsksItsLeaderWithAVoteThatCanMoveNobody) {
  Election machine = follower();
  const auto sent = only<Send>(machine.step(at(9), AskLeader{}));
  ASSERT_EQ(1U, sent.size());
  EXPECT_EQ(Sid(3), sent[0].to);
  EXPECT_EQ(ServerState::kLooking, sent[0].notification.state);
  EXPECT_EQ(ElectionRound(0), sent[0].notification.election_epoch);
  EXPECT_EQ(Zxid::min(), sent[0].notification.zxid);
  EXPECT_EQ(PeerEpoch::min(), sent[0].notification.peer_epoch);
  EXPECT_EQ(ServerState::kFollowing, machine.state());
}

TEST(Election, HandsOverWhatItHears) {
  Election machine = follower();
  const auto heard = only<Heard>(machine.step(at(9), from(3, {kLeadingState, 3, 5, 4, 1, ""})));
  ASSERT_EQ(1U, heard.size());
  EXPECT_EQ(Sid(3), heard[0].from);
  EXPECT_EQ(Zxid(5), heard[0].notification.zxid);
}

TEST(Election, SpeaksForTheSettledEpoch) {
  Election machine = follower();
  machine.step(at(9), EpochSettled{PeerEpoch(8)});
  EXPECT_EQ(PeerEpoch(8), machine.current_vote().vote.peer_epoch);
  Election old = follower(settings_of(1, Release{3, 4, 5}));
  old.step(at(9), EpochSettled{PeerEpoch(8)});
  EXPECT_EQ(PeerEpoch(0), old.current_vote().vote.peer_epoch);
}

TEST(Election, ARoundAtTheEndOfTheRangeWraps) {
  Election machine(settings_of(1), voters({1, 2, 3}));
  machine.step(at(0), Look{kEmpty});
  machine.step(at(0), from(2, {ServerState::kLooking, 2, 0,
                               std::numeric_limits<std::int64_t>::max(), 0, ""}));
  EXPECT_EQ(std::numeric_limits<std::int64_t>::max(), machine.round().value);
  machine.step(at(0), Look{kEmpty});
  EXPECT_EQ(std::numeric_limits<std::int64_t>::min(), machine.round().value);
}

TEST(Election, ACopyGoesItsOwnWay) {
  Election machine(settings_of(1), voters({1, 2, 3}));
  machine.step(at(0), Look{kEmpty});
  Election copy = machine;
  copy.step(at(0), from(2, {ServerState::kLooking, 2, 0, 6, 0, ""}));
  EXPECT_EQ(ElectionRound(6), copy.round());
  EXPECT_EQ(ElectionRound(1), machine.round());
}

TEST(Election, AnswersInTheFormOfItsRelease) {
  for (const auto& [release, size] :
       {std::pair(Release{3, 3, 6}, 28U), std::pair(Release{3, 4, 5}, 36U),
        std::pair(Release{3, 4, 14}, 40U)}) {
    Election machine(settings_of(1, release), voters({1, 2, 3}));
    const auto sent = only<Send>(machine.step(at(0), Look{kEmpty}));
    ASSERT_EQ(3U, sent.size());
    EXPECT_EQ(size, sent[0].payload.size());
  }
}

}  // namespace
}  // namespace zkprobe::election
