#include "analysis/live_referee.hpp"

#include <gtest/gtest.h>

#include "replay_fixture.hpp"

namespace zkprobe::analysis {
namespace {

using wire::ServerState;

LiveScript script(const char* name, Sid peer, Sid counterpart) {
  auto made = live_script(test::tape_of(name), {peer, counterpart, 1});
  if (!made) throw std::runtime_error(made.error());
  return *std::move(made);
}

TEST(LiveReferee, OneVoterOfThreeIsEnoughForAQuorum) {
  const AloneWords alone = words_alone(script("3.9.3-a-cold", Sid(3), Sid(1)), true);
  ASSERT_EQ(alone.words.size(), 2U);
  EXPECT_EQ(alone.words[0].leader, Sid(1));
  EXPECT_EQ(alone.words[1].leader, Sid(3));
  ASSERT_TRUE(alone.decision);
  EXPECT_EQ(alone.decision->state, ServerState::kFollowing);
  EXPECT_EQ(alone.decision->leader, Sid(3));
}

// Server 2 is for 3 by the time it speaks to 1, who heard of 3 from 3 itself.
TEST(LiveReferee, WhatOnlyOthersBroughtIsNotAmongThem) {
  const LiveScript made = script("3.4.13-a-cold", Sid(3), Sid(1));
  const AloneWords alone = words_alone(made, true);
  ASSERT_EQ(made.words.size(), 2U);
  EXPECT_EQ(made.words[0].vote.leader, Sid(2));
  EXPECT_FALSE(alone.has(made.words[0].vote));
  EXPECT_TRUE(alone.has(made.words[1].vote));
}

TEST(LiveReferee, AStrangerIsAnsweredAndNotCounted) {
  const AloneWords alone = words_alone(script("3.9.3-a-cold", Sid(3), Sid(1)), false);
  ASSERT_EQ(alone.words.size(), 1U);
  EXPECT_EQ(alone.words[0].leader, Sid(1));
  EXPECT_FALSE(alone.decision);
  EXPECT_FALSE(alone.counted);
}

TEST(LiveReferee, WhoHasDecidedSaysThatAlone) {
  LiveScript made = script("3.9.3-a-cold", Sid(3), Sid(1));
  made.standing = {ServerState::kFollowing, Sid(2), Zxid(7), ElectionRound(4), PeerEpoch(3)};
  const AloneWords alone = words_alone(made, true);
  ASSERT_EQ(alone.words.size(), 1U);
  EXPECT_EQ(alone.words[0].state, ServerState::kFollowing);
  EXPECT_EQ(alone.words[0].election_epoch, ElectionRound(4));
  EXPECT_FALSE(alone.decision);
}

TEST(LiveReferee, ARoundThatIsUnderWayIsTakenUp) {
  LiveScript made = script("3.9.3-a-cold", Sid(3), Sid(1));
  made.standing.round = ElectionRound(5);
  made.votes[0].vote.election_epoch = ElectionRound(5);
  const AloneWords alone = words_alone(made, true);
  ASSERT_FALSE(alone.words.empty());
  EXPECT_EQ(alone.words.back().leader, Sid(3));
  EXPECT_EQ(alone.words.back().election_epoch, ElectionRound(5));
}

}  // namespace
}  // namespace zkprobe::analysis
