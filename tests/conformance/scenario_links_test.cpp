// Who is used has dialled, and who is named has a name.
#include "conformance/scenario_links.hpp"

#include <gtest/gtest.h>

namespace zkprobe::conformance {
namespace {

std::string error_of(const std::string& lines) {
  const auto scenario = parse_scenario(
      "f", "title t\nclass destructive\nneeds learner-port following members\n" + lines);
  return scenario ? "" : scenario.error();
}

TEST(ScenarioLinks, APeerHasDialledBeforeItIsUsed) {
  EXPECT_EQ(error_of("a dial\nb vote\n"), "f:5: expected 'b dial' before it, found 'b vote'");
  for (const char* line :
       {"b greet bare", "b expect closed", "b bytes 00", "b frame 1", "b close", "b drain 1s",
        "b expect vote", "b expect silence", "b expect open", "b expect snapshot"}) {
    EXPECT_NE(error_of(std::string(line) + "\n").find("expected 'b dial"), std::string::npos)
        << line;
  }
  EXPECT_EQ(error_of("a dial\na close\na vote\n"),
            "f:6: expected 'a dial' before it, found 'a vote'");
  EXPECT_EQ(error_of("a dial\na expect open\ndefect [3.4-] X a expect packet SNAP\n"),
            "f:5: expected 'a dial learner' before it, found 'a expect open'");
}

TEST(ScenarioLinks, PacketsNeedALearnerPortAndVotesAnElectionPort) {
  EXPECT_EQ(error_of("a dial\na send ACK\n"),
            "f:5: expected 'a dial learner' before it, found 'a send ACK'");
  EXPECT_EQ(error_of("a dial learner\na expect vote\n"),
            "f:5: expected 'a dial' before it, found 'a expect vote'");
  EXPECT_EQ(error_of("m listen learner of=3\nm expect learner\nm send ACK\n"), "");
  EXPECT_EQ(error_of("m expect learner\n"),
            "f:4: expected 'm listen learner of=ID' before it, found 'm expect learner'");
}

TEST(ScenarioLinks, ACallComesToWhoListens) {
  EXPECT_EQ(error_of("a dial\na greet v1 address=listener\na expect call\na vote\n"), "");
  EXPECT_EQ(error_of("a listen\na expect nocall\n"), "");
  EXPECT_EQ(error_of("a dial\na expect call\n"),
            "f:5: expected 'a listen' or 'address=listener' before it, found 'a expect call'");
  EXPECT_EQ(error_of("a dial\na greet v1\na rest\n"),
            "f:6: expected 'a greet ... cut=N' before it, found 'a rest'");
}

TEST(ScenarioLinks, WhatIsForSomeReleasesMayHaveBeenPlayed) {
  EXPECT_EQ(error_of("[-3.4] a dial\na vote\n"), "");
  EXPECT_EQ(error_of("a dial\n[-3.4] a close\na vote\n"), "");
}

TEST(ScenarioLinks, WhoIsNamedHasThatName) {
  EXPECT_EQ(error_of("e kill leader as=first\ne start first\ne expect answer of=first\n"), "");
  EXPECT_EQ(error_of("e kill leader as=first\ne start frist\n"),
            "f:5: expected an id, leader, follower, own or a name that 'as' gave, found 'frist'");
  EXPECT_NE(error_of("e expect answer of=nobody\n"), "");
}

}  // namespace
}  // namespace zkprobe::conformance
