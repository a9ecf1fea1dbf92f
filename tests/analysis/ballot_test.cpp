#include "analysis/ballot.hpp"

#include <gtest/gtest.h>

namespace zkprobe::analysis {
namespace {

Record vote(std::int64_t leader, std::int64_t round,
            wire::ServerState state = wire::ServerState::kLooking) {
  Record record;
  record.what = What::kVote;
  record.state = state;
  record.vote.leader = Sid(leader);
  record.round = ElectionRound(round);
  return record;
}

TEST(Ballot, NamesTheFirstMessageSinceTheLastPositionThatBroughtAVote) {
  Ballot ballot;
  ballot.add(Sid(2), vote(3, 1), 5, 0);
  ballot.add(Sid(3), vote(3, 1), 6, 0);
  EXPECT_EQ(ballot.who_brought(vote(3, 1).vote), 5U);
  // The server took a position with record 7: what came before it did not change its mind.
  ballot.add(Sid(3), vote(3, 1), 8, 7);
  EXPECT_EQ(ballot.who_brought(vote(3, 1).vote), 8U);
  EXPECT_FALSE(ballot.who_brought(vote(4, 1).vote));
}

TEST(Ballot, WhatCameBeforeAServerWasStartedAnewDoesNotHideWhatCameAfter) {
  Ballot ballot;
  ballot.add(Sid(2), vote(3, 1), 5, 0);
  ballot.add(Sid(2), vote(3, 1), 9, 0);
  ballot.forget_before(7);
  EXPECT_EQ(ballot.who_brought(vote(3, 1).vote), 9U);
  ballot.forget_before(10);
  EXPECT_FALSE(ballot.who_brought(vote(3, 1).vote));
}

TEST(Ballot, CountsWhoAgreesInTheSameRound) {
  Ballot ballot;
  ballot.add(Sid(1), vote(3, 1), 1, 0);
  ballot.add(Sid(2), vote(3, 2), 2, 0);
  EXPECT_EQ(ballot.agreeing(vote(3, 1).vote, ElectionRound(1)), quorum::SidSet{Sid(1)});
}

TEST(Ballot, KnowsWhoLeadsAndWhoFollows) {
  Ballot ballot;
  EXPECT_FALSE(ballot.leader());
  ballot.add(Sid(1), vote(3, 1, wire::ServerState::kFollowing), 1, 0);
  ballot.add(Sid(3), vote(3, 1, wire::ServerState::kLeading), 2, 0);
  EXPECT_EQ(ballot.leader(), Sid(3));
  EXPECT_EQ(ballot.established(Sid(3)), (quorum::SidSet{Sid(1), Sid(3)}));
  ballot.forget_before(2);
  EXPECT_EQ(ballot.established(Sid(3)), quorum::SidSet{Sid(3)});
}

}  // namespace
}  // namespace zkprobe::analysis
