#include "analysis/live_comparison.hpp"

#include <gtest/gtest.h>

namespace zkprobe::analysis {
namespace {

using wire::Notification;
using wire::NotificationForm;
using wire::ServerState;

Notification vote(std::int64_t leader, ServerState state = ServerState::kLooking) {
  return {state, Sid(leader), Zxid(0), ElectionRound(1), PeerEpoch(0), 1, std::nullopt};
}

// Server 3 of a capture against server 1, in the same numbers.
struct LiveComparisonTest : testing::Test {
  LiveComparisonTest() {
    script.peer = Sid(3);
    script.counterpart = Sid(1);
    script.standing.leader = target.standing.leader = Sid(1);
    script.standing.round = target.standing.round = ElectionRound(1);
    target.sid = Sid(1);
  }
  void captured(std::initializer_list<std::int64_t> leaders) {
    for (const std::int64_t leader : leaders) {
      script.words.push_back({Duration(0), 7, vote(leader), NotificationForm::kBytes40, false});
    }
  }
  void said(std::int64_t leader, NotificationForm form = NotificationForm::kBytes40,
            ServerState state = ServerState::kLooking) {
    LiveSaid one;
    one.vote = vote(leader, state);
    one.form = form;
    one.first_on_link = live.empty();
    live.push_back(one);
  }
  void possible(std::initializer_list<std::int64_t> leaders) {
    for (const std::int64_t leader : leaders) alone.words.push_back(vote(leader));
  }
  std::vector<LiveComparison> compare() {
    return compare_words(script, LiveAdaptation(script, target, Sid(3), true), alone, live);
  }
  std::string verdicts() {
    std::string text;
    for (const LiveComparison& one : compare()) {
      text += (text.empty() ? "" : " ") + std::string(to_string(one.verdict));
    }
    return text;
  }

  LiveScript script;
  LiveTarget target;
  AloneWords alone;
  std::vector<LiveSaid> live;
};

TEST_F(LiveComparisonTest, EqualWordsAgree) {
  captured({1, 3});
  possible({1, 3});
  said(1), said(3);
  EXPECT_EQ(verdicts(), "agrees agrees");
}

TEST_F(LiveComparisonTest, AnotherFormIsADifferenceOfThatField) {
  captured({1, 3});
  possible({1, 3});
  said(1, NotificationForm::kConfig), said(3, NotificationForm::kConfig);
  const auto compared = compare();
  ASSERT_EQ(compared.size(), 2U);
  for (const LiveComparison& one : compared) {
    EXPECT_EQ(one.verdict, LiveVerdict::kDiffers);
    ASSERT_EQ(one.fields.size(), 1U);
    EXPECT_EQ(one.fields[0].field, "format");
    EXPECT_EQ(one.fields[0].captured, "40");
    EXPECT_EQ(one.fields[0].live, "v2");
  }
}

TEST_F(LiveComparisonTest, AnotherVoteIsADifferenceOfItsFields) {
  captured({3});
  possible({3});
  said(2, NotificationForm::kBytes40, ServerState::kFollowing);
  const auto compared = compare();
  ASSERT_EQ(compared.size(), 1U);
  ASSERT_EQ(compared[0].fields.size(), 2U);
  EXPECT_EQ(compared[0].fields[0].field, "state");
  EXPECT_EQ(compared[0].fields[1].field, "leader");
}

// In the capture server 2 had told server 1 of itself.
TEST_F(LiveComparisonTest, WhatOthersBroughtIsExplained) {
  captured({2, 3});
  possible({1, 3});
  said(1), said(3);
  EXPECT_EQ(verdicts(), "explained explained agrees");
}

TEST_F(LiveComparisonTest, AFirstWordOnALinkMayBeAnOldOne) {
  captured({1});
  possible({1});
  said(5), said(1);
  EXPECT_EQ(verdicts(), "explained agrees");
}

TEST_F(LiveComparisonTest, SilenceDiffers) {
  captured({1, 3});
  possible({1, 3});
  said(1);
  EXPECT_EQ(verdicts(), "agrees differs");
  EXPECT_EQ(compare()[1].explanation, "the target did not say it");
  live.clear();
  EXPECT_EQ(verdicts(), "differs differs");
}

TEST_F(LiveComparisonTest, AWordThatNothingLeadsToDiffers) {
  captured({1});
  possible({1});
  said(1), said(9);
  EXPECT_EQ(verdicts(), "agrees differs");
}

TEST_F(LiveComparisonTest, BytesThatAreNoVoteDiffer) {
  captured({1});
  possible({1});
  live.emplace_back();
  live.back().unreadable = "expected at least 28 bytes, found 2";
  EXPECT_EQ(verdicts(), "differs");
}

TEST_F(LiveComparisonTest, OneOfTwentyEightBytesHasNoEpochToCompare) {
  captured({1});
  possible({1});
  said(1, NotificationForm::kBytes28);
  live[0].vote.peer_epoch = PeerEpoch(9);
  const auto compared = compare();
  ASSERT_EQ(compared[0].fields.size(), 1U);
  EXPECT_EQ(compared[0].fields[0].field, "format");
}

TEST_F(LiveComparisonTest, TheDecisionIsComparedByStateAndLeader) {
  const LiveAdaptation adapt(script, target, Sid(3), true);
  EXPECT_FALSE(compare_decision(script, adapt, alone, vote(3)));
  script.decision = LiveDecision{Duration(0), 9, ServerState::kFollowing, Sid(3)};
  alone.decision = script.decision;
  const auto same = compare_decision(script, adapt, alone, vote(3, ServerState::kFollowing));
  EXPECT_EQ(same->verdict, LiveVerdict::kAgrees);
  const auto other = compare_decision(script, adapt, alone, vote(1));
  EXPECT_EQ(other->verdict, LiveVerdict::kDiffers);
  EXPECT_EQ(other->fields.size(), 2U);
  alone.decision.reset();
  EXPECT_EQ(compare_decision(script, adapt, alone, vote(1))->verdict, LiveVerdict::kExplained);
  alone.counted = false;
  EXPECT_NE(compare_decision(script, adapt, alone, vote(1))->explanation.find("no member"),
            std::string::npos);
}

}  // namespace
}  // namespace zkprobe::analysis
