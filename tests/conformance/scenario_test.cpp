// The language: what a file may say, and how a mistake is told.
#include "conformance/scenario.hpp"

#include <gtest/gtest.h>

namespace zkprobe::conformance {
namespace {

std::string error_of(const std::string& text) {
  const auto scenario = parse_scenario("x/y.txt", text);
  return scenario ? "" : scenario.error();
}

TEST(Scenario, AFileIsRead) {
  const auto scenario = parse_scenario(
      "fixtures/scenario/own.txt",
      "# A story\n#  in two lines.\ntitle it holds\nclass intrusive\ncovers P01, check 2\n"
      "releases 3.5-\n\na dial\n[3.6.1-] a greet v1 id=own\na expect closed within=2s\n"
      "defect [3.5-3.8] ISSUE a expect open for=0s\n");
  ASSERT_TRUE(scenario.has_value()) << scenario.error();
  EXPECT_EQ(scenario->id, "own");
  EXPECT_EQ(scenario->why, "A story in two lines.");
  EXPECT_EQ(scenario->danger, Class::kIntrusive);
  EXPECT_EQ(scenario->covers, "P01, check 2");
  EXPECT_TRUE(scenario->depends_on_release());
  ASSERT_EQ(scenario->directives.size(), 3U);
  EXPECT_EQ(scenario->directives[1].only, parse_range("3.6.1-"));
  EXPECT_EQ(scenario->directives[1].options.at("id"), "own");
  EXPECT_EQ(scenario->directives[1].line, 9);
  ASSERT_EQ(scenario->directives[2].defects.size(), 1U);
  EXPECT_EQ(scenario->directives[2].defects[0].issue, "ISSUE");
}

TEST(Scenario, AMistakeIsToldWithFileLineAndWhatWasExpected) {
  EXPECT_EQ(error_of("title t\n\na jump\n").substr(0, 21), "x/y.txt:3: expected o");
  EXPECT_EQ(error_of("title t\na expect rain\n"),
            "x/y.txt:2: expected vote, open, closed, silence, call, nocall, answer, packet, "
            "snapshot, learner or leader, found 'rain'");
  EXPECT_EQ(error_of("title t\na expect open for=long\n"),
            "x/y.txt:2: expected a duration such as 400ms, found 'for=long'");
  EXPECT_EQ(error_of("title t\na expect open fro=1s\n"),
            "x/y.txt:2: expected for= behind expect open, found 'fro='");
  EXPECT_EQ(error_of("title t\n[4 a dial\n"),
            "x/y.txt:2: expected a range of releases such as [3.4.6-3.9.6], found '[4'");
  EXPECT_EQ(error_of("title t\na vote leader=1 leader=2\n"),
            "x/y.txt:2: expected each option once, found 'leader=2'");
  EXPECT_EQ(error_of("title t\nclass mild\na dial\n"),
            "x/y.txt:2: expected safe, intrusive or destructive, found 'mild'");
  EXPECT_EQ(error_of("title t\ndefect [3.5-] X a expect open\n"),
            "x/y.txt:2: expected a defect behind what the same peer expects, found 'a expect'");
  EXPECT_EQ(error_of("title t\na pause long\n"),
            "x/y.txt:2: expected a duration such as 400ms, found 'long'");
  EXPECT_EQ(error_of("a dial\n"), "x/y.txt:1: expected a title, found 'none'");
  EXPECT_EQ(error_of("title t\n"), "x/y.txt:1: expected directives, found 'none'");
  EXPECT_EQ(error_of("title t\na dial\n"),
            "x/y.txt:2: expected 'class safe', 'class intrusive' or 'class destructive', found "
            "'none'");
  EXPECT_EQ(error_of("title t\na\n"), "x/y.txt:2: expected PEER VERB, found 'a'");
}

TEST(Scenario, WhatItNeedsIsSaidOnTopAndNotForgotten) {
  const auto scenario =
      parse_scenario("s",
                     "title t\nclass safe\nneeds learner-port following\na dial learner\n"
                     "a expect packet DIFF|SNAP zxid=1:1\nb listen learner of=3\n");
  ASSERT_TRUE(scenario.has_value()) << scenario.error();
  EXPECT_EQ(scenario->needs, (std::set<Need>{Need::kLearnerPort, Need::kFollowing}));
  EXPECT_EQ(scenario->directives[1].words, (std::vector<std::string>{"packet", "DIFF|SNAP"}));
  EXPECT_EQ(error_of("title t\nclass safe\na dial learner\n"),
            "x/y.txt:3: expected 'needs learner-port', found 'a dial learner'");
  EXPECT_EQ(error_of("title t\nclass safe\nneeds leadership\na listen learner of=3\n"),
            "x/y.txt:4: expected 'needs following', found 'a listen learner of=3'");
  EXPECT_EQ(error_of("title t\nneeds\na dial\n"),
            "x/y.txt:2: expected what is needed, found 'nothing'");
  EXPECT_EQ(error_of("title t\nneeds luck\na dial\n"),
            "x/y.txt:2: expected learner-port, candidacy, leadership, following or members, found "
            "'luck'");
}

TEST(Scenario, WhatIsDoneToMembersNeedsThem) {
  const auto scenario =
      parse_scenario("s",
                     "title t\nclass destructive\nneeds members\nbegins together\n"
                     "e kill leader as=first\n"
                     "e expect leader within=30s\ne expect answer of=first state=FOLLOWING\n");
  ASSERT_TRUE(scenario.has_value()) << scenario.error();
  EXPECT_EQ(scenario->begins, Beginning::kTogether);
  EXPECT_TRUE(is_deed("blackhole"));
  EXPECT_FALSE(is_deed("dial"));
  EXPECT_EQ(error_of("title t\nclass safe\nneeds members\ne kill 3\n"),
            "x/y.txt:4: expected 'class destructive', found 'e kill 3'");
  EXPECT_EQ(error_of("title t\nclass safe\nbegins alone\na dial\n"),
            "x/y.txt:4: expected 'class destructive', found ''begins', which ends servers'");
  EXPECT_EQ(error_of("title t\nclass destructive\ne kill 3\n"),
            "x/y.txt:3: expected 'needs members', found 'e kill 3'");
  EXPECT_EQ(error_of("title t\nclass safe\ne expect leader\n"),
            "x/y.txt:3: expected 'needs members', found 'e expect leader'");
  EXPECT_EQ(error_of("title t\nneeds members\ne kill\n"),
            "x/y.txt:3: expected whom, found 'nothing'");
  EXPECT_EQ(error_of("title t\nbegins late\na dial\n"),
            "x/y.txt:2: expected alone or together, found 'late'");
}

TEST(Scenario, WordsOfALearnerPortAreChecked) {
  EXPECT_EQ(error_of("title t\na dial client\n"),
            "x/y.txt:2: expected dial or dial learner, found 'client'");
  EXPECT_EQ(error_of("title t\na listen learner\n"),
            "x/y.txt:2: expected listen or listen learner of=ID, found 'learner'");
  EXPECT_EQ(error_of("title t\na pings maybe\n"),
            "x/y.txt:2: expected answered or unanswered, found 'maybe'");
  EXPECT_EQ(error_of("title t\na send\n"),
            "x/y.txt:2: expected the type of a packet, found 'nothing'");
  EXPECT_EQ(error_of("title t\na expect packet\n"),
            "x/y.txt:2: expected the types of the packet, such as DIFF|SNAP, found 'nothing'");
  EXPECT_EQ(error_of("title t\na expect vote DIFF\n"),
            "x/y.txt:2: expected options behind vote, found 'DIFF'");
}

TEST(Scenario, RangesAreReadAndPrinted) {
  for (const char* text : {"3.4.6-3.9.6", "3.5.1-", "-3.4.5", "3.5.0"}) {
    ASSERT_TRUE(parse_range(text).has_value()) << text;
    EXPECT_EQ(to_string(*parse_range(text)), text);
  }
  EXPECT_EQ(to_string(*parse_range("3.5")), "3.5.0-3.5");
  EXPECT_EQ(to_string(ReleaseRange{}), "all");
  for (const char* text : {"", "-", "3", "3.9-3.4", "3.5.x", "a", "3.5.1.2", "3.-5"}) {
    EXPECT_FALSE(parse_range(text).has_value()) << text;
  }
}

TEST(Scenario, ARangeAppliesDoesNotOrIsNotKnown) {
  const ReleaseRange server = *parse_range("3.6-3.8");
  EXPECT_EQ(applies(*parse_range("3.5-"), server), Applies::kYes);
  EXPECT_EQ(applies(*parse_range("3.9-"), server), Applies::kNo);
  EXPECT_EQ(applies(*parse_range("3.7-"), server), Applies::kUnknown);
  EXPECT_EQ(applies(ReleaseRange{}, server), Applies::kYes);
}

}  // namespace
}  // namespace zkprobe::conformance
