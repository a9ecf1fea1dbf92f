#include "analysis/live_script.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "replay_fixture.hpp"

namespace zkprobe::analysis {
namespace {

using wire::ServerState;

const Sid kAsker{0x7fffffffffff7a6b};

TEST(LiveScript, HoldsWhatTheTwoToldEachOtherInOneElection) {
  const auto script = live_script(test::tape_of("3.9.3-a-cold"), {Sid(3), Sid(1), 1});
  ASSERT_TRUE(script) << script.error();
  EXPECT_EQ(script->elections, 1U);
  EXPECT_FALSE(script->asker);
  EXPECT_EQ(script->greeting, wire::GreetingForm::kV1);
  ASSERT_EQ(script->votes.size(), 1U);
  EXPECT_EQ(script->votes[0].vote.leader, Sid(3));
  EXPECT_EQ(script->votes[0].at, Duration(0));
  EXPECT_TRUE(script->votes[0].new_link);
  ASSERT_EQ(script->words.size(), 2U);
  EXPECT_EQ(script->words[0].vote.leader, Sid(1));
  EXPECT_EQ(script->words[1].vote.leader, Sid(3));
  EXPECT_GT(script->words[1].at, script->words[0].at);
  EXPECT_EQ(script->standing.state, ServerState::kLooking);
  EXPECT_EQ(script->standing.leader, Sid(1));
  EXPECT_EQ(script->standing.round, ElectionRound(1));
  ASSERT_TRUE(script->decision);
  EXPECT_EQ(script->decision->state, ServerState::kFollowing);
  EXPECT_EQ(script->decision->leader, Sid(3));
  EXPECT_TRUE(script->config_on_wire);
}

// 3.4 says neither who listens nor who is a member.
TEST(LiveScript, WithoutConfigurationsTheMembersAreThoseThatWereSeen) {
  const auto script = live_script(test::tape_of("3.4.13-a-cold"), {Sid(3), Sid(1), 1});
  ASSERT_TRUE(script) << script.error();
  EXPECT_EQ(script->greeting, wire::GreetingForm::kBareSid);
  EXPECT_FALSE(script->config_on_wire);
  EXPECT_EQ(script->config.voters(), (std::vector<Sid>{Sid(1), Sid(2), Sid(3)}));
  EXPECT_EQ(script->release, (Release{3, 4, 14}));
}

TEST(LiveScript, TheCounterpartIsWhoSaidMostUnlessItIsNamed) {
  const Tape tape = test::tape_of("3.4.13-a-cold");
  const auto script = live_script(tape, {Sid(1), std::nullopt, 1});
  ASSERT_TRUE(script) << script.error();
  EXPECT_NE(script->counterpart, Sid(1));
  const auto named = live_script(tape, {Sid(1), Sid(2), 1});
  ASSERT_TRUE(named) << named.error();
  EXPECT_EQ(named->counterpart, Sid(2));
}

// The leader is killed, so the survivors look twice.
TEST(LiveScript, EachElectionIsAStretchOfItsOwn) {
  const Tape tape = test::tape_of("3.4.13+3.8.0+3.9.6-g-mixed");
  const auto first = live_script(tape, {Sid(3), Sid(1), 1});
  ASSERT_TRUE(first) << first.error();
  ASSERT_GE(first->elections, 2U);
  const auto second = live_script(tape, {Sid(3), Sid(1), 2});
  ASSERT_TRUE(second) << second.error();
  EXPECT_GT(second->votes[0].packet, first->votes.back().packet);
  // Server 1 had not noticed yet. That it looks then, too, is where the stretch ends.
  EXPECT_EQ(second->standing.state, ServerState::kFollowing);
  EXPECT_EQ(second->standing.leader, Sid(2));
  ASSERT_EQ(second->words.size(), 1U);
  EXPECT_FALSE(second->decision);
  const auto none = live_script(tape, {Sid(3), Sid(1), first->elections + 1});
  ASSERT_FALSE(none);
  EXPECT_NE(none.error().find("election " + std::to_string(first->elections + 1) + " of "),
            std::string::npos);
}

TEST(LiveScript, AnAskersQuestionsCanBePlayed) {
  const auto script = live_script(test::tape_of("outages/asked"), {kAsker, Sid(1), 1});
  ASSERT_TRUE(script) << script.error();
  EXPECT_TRUE(script->asker);
  EXPECT_EQ(script->standing.state, ServerState::kLooking);
  EXPECT_GE(script->votes.size(), 2U);
}

TEST(LiveScript, AHostileCaptureIsCutOff) {
  Tape tape = test::tape_of("3.9.3-a-cold");
  const auto said = std::find_if(tape.events.begin(), tape.events.end(), [&](const auto& event) {
    return event.kind == TapeEvent::Kind::kVote && tape.src(event) == Sid(1) &&
           tape.dst(event) == Sid(3);
  });
  ASSERT_NE(said, tape.events.end());
  TapeEvent more = *said;
  const std::vector<TapeEvent> rest(said + 1, tape.events.end());
  tape.events.erase(said + 1, tape.events.end());
  for (std::int64_t i = 0; i < 10'000; ++i) {
    more.vote.zxid = Zxid(i);
    tape.events.push_back(more);
  }
  tape.events.insert(tape.events.end(), rest.begin(), rest.end());
  const auto script = live_script(tape, {Sid(3), Sid(1), 1});
  ASSERT_TRUE(script) << script.error();
  EXPECT_EQ(script->words.size(), LiveScript::kMaxWords);
}

TEST(LiveScript, WhatTheCaptureDoesNotHaveIsSaid) {
  const Tape tape = test::tape_of("3.9.3-a-cold");
  const auto stranger = live_script(tape, {Sid(8), std::nullopt, 1});
  ASSERT_FALSE(stranger);
  EXPECT_EQ(stranger.error(), "no votes between server 8 and another server in the capture");
  const auto pair = live_script(tape, {Sid(3), Sid(9), 1});
  ASSERT_FALSE(pair);
  EXPECT_EQ(pair.error(), "no votes of server 3 to server 9 in the capture");
  EXPECT_FALSE(live_script(tape, {Sid(3), Sid(3), 1}));
}

}  // namespace
}  // namespace zkprobe::analysis
