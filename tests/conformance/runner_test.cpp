// Every scenario of the catalogue against our own election machine: where Java has a known defect,
// ours does what is right.
#include "conformance/runner.hpp"

#include <gtest/gtest.h>

#include "conformance/catalogue.hpp"
#include "conformance/machine_endpoint.hpp"
#include "conformance/recorder.hpp"
#include "fake_endpoint.hpp"
#include "machine_ensemble.hpp"

namespace zkprobe::conformance {
namespace {

wire::QuorumConfig three() {
  return *wire::parse_quorum_config(
      "server.1=127.0.0.1:2881:3881:participant\nserver.2=127.0.0.1:2882:3882:participant\n"
      "server.3=127.0.0.1:2883:3883:participant\nversion=0");
}

Target ours() {
  Target target;
  target.release = {kNewestRelease, kNewestRelease};
  target.sid = Sid(1);
  target.ours = true;
  target.lacks = MachineEndpoint::lacks();
  return target;
}

Result play(const std::string& text, const Target& target = ours()) {
  const auto scenario = parse_scenario("s", "title t\nclass safe\n" + text);
  EXPECT_TRUE(scenario.has_value()) << scenario.error();
  MachineEndpoint endpoint(Sid(1), three());
  return Runner(endpoint, target).run(*scenario);
}

TEST(Runner, OurOwnPeerPassesEveryScenario) {
  for (const Scenario& scenario : catalogue()) {
    SCOPED_TRACE(scenario.id);
    MachineEndpoint endpoint(Sid(1), three());
    const Result result = Runner(endpoint, ours()).run(scenario);
    const bool needs_data = !scenario.needs.empty() && scenario.needs != std::set{Need::kCandidacy};
    EXPECT_EQ(to_string(result.verdict), needs_data ? "skip" : "pass")
        << scenario.id << ".txt:" << result.line << ": expected " << result.expected << ", found "
        << result.observed;
  }
}

TEST(Runner, TheSameRunTwiceIsTheSame) {
  const auto bytes = [](const Scenario& scenario) {
    MachineEndpoint machine(Sid(1), three());
    Recorder recorder(machine);
    Runner(recorder, ours()).run(scenario);
    Bytes all;
    for (const Recorder::Recorded& one : recorder.events()) {
      all.push_back(static_cast<std::uint8_t>(one.what));
      all.insert(all.end(), one.bytes.begin(), one.bytes.end());
    }
    return all;
  };
  for (const Scenario& scenario : catalogue()) {
    EXPECT_EQ(bytes(scenario), bytes(scenario)) << scenario.id;
  }
}

TEST(Runner, AFailureSaysWhatWasExpectedAndSeen) {
  const Result result = play("a dial\na greet -65530\na expect open for=1s\n");
  EXPECT_EQ(result.verdict, Verdict::kFail);
  EXPECT_EQ(result.expected, "a: open for=1s");
  EXPECT_EQ(result.observed, "closed");
  EXPECT_EQ(result.line, 5);
}

TEST(Runner, AKnownDefectIsNeitherPassNorFailAndNoExcuseForOurs) {
  const std::string text =
      "a dial\na greet -65530\na expect open for=1s\ndefect [3.9-] ISSUE-1 a expect closed\n";
  Target java = ours();
  java.ours = false;
  const Result result = play(text, java);
  EXPECT_EQ(result.verdict, Verdict::kKnownDefect);
  EXPECT_EQ(result.issue, "ISSUE-1");
  EXPECT_EQ(play(text).verdict, Verdict::kFail);
  java.release = *parse_range("3.8.0");
  EXPECT_EQ(play(text, java).verdict, Verdict::kFail) << "the defect is not of this release";
}

TEST(Runner, WhatDependsOnAnUnknownReleaseIsSkipped) {
  Target java = ours();
  java.ours = false;
  java.release = *parse_range("3.6-");
  EXPECT_EQ(play("releases 3.8-\na dial\n", java).verdict, Verdict::kSkip);
  EXPECT_EQ(play("releases -3.5\na dial\n", java).observed, "for releases -3.5");
  EXPECT_EQ(play("[3.8-] a dial\n", java).verdict, Verdict::kSkip);
  EXPECT_EQ(play("a dial\na expect open for=0s\n", java).verdict, Verdict::kPass);
}

TEST(Runner, ScenariosOfMembersHoldOfOurOwn) {
  int played = 0;
  for (const Scenario& scenario : catalogue()) {
    if (scenario.needs != std::set{Need::kMembers}) continue;
    SCOPED_TRACE(scenario.id);
    MachineEnsemble ensemble(three());
    Target target = ours();
    target.lacks.erase(Need::kMembers);
    const Result result = Runner(ensemble, target, &ensemble).run(scenario);
    EXPECT_EQ(to_string(result.verdict), "pass")
        << result.line << ": expected " << result.expected << ", found " << result.observed;
    ++played;
  }
  EXPECT_GE(played, 3);
}

TEST(Runner, WhatAServerDoesNotOfferIsNotApplicable) {
  const Result result = play("needs learner-port\na dial learner\n");
  EXPECT_EQ(result.verdict, Verdict::kSkip);
  EXPECT_EQ(result.observed, "not applicable: an election machine has no learner port");
}

TEST(Runner, WhatIsNotKnownOfAServerIsNoFailureOfIt) {
  Target target = ours();
  target.sid.reset();
  const std::string unknown = "its id is not known: --sid names it";
  const Result result = play("a dial\na greet bare id=own\na expect closed\n", target);
  EXPECT_EQ(result.verdict, Verdict::kSkip);
  EXPECT_EQ(result.observed, unknown);
  EXPECT_EQ(play("a dial\n[-3.4] a greet bare id=own\na expect open\n", target).verdict,
            Verdict::kPass);
}

TEST(Runner, ALoneScenarioIsPlayedToServerOneWhereTheOthersDoNotRun) {
  const std::string lone = "class destructive\nbegins alone\na dial\na expect open\n";
  Target target = ours();
  EXPECT_EQ(play(lone, target).verdict, Verdict::kPass);
  target.not_alone = "the others must not run here";
  EXPECT_EQ(play(lone, target).observed, "the others must not run here");
  target.sid = Sid(2);
  const Result result = play(lone, target);
  EXPECT_EQ(result.verdict, Verdict::kSkip);
  EXPECT_EQ(result.observed, "it is played to server 1, this is server 2");
  target.sid.reset();
  EXPECT_EQ(play(lone, target).observed, "its id is not known: --sid names it");
}

TEST(Runner, PacketsAreSpokenOnTheLinkOfALearnerPort) {
  const std::string dialogue =
      "needs learner-port\na dial learner\na send OBSERVERINFO id=stranger\n"
      "a expect packet LEADERINFO epoch=3\na send ACK\na pings unanswered\n"
      "a snapshot\na expect silence for=1s\n";
  FakeEndpoint server;
  server.say(
      *hex_decode("00000011000000030000000000000004"
                  "00010000ffffffff"));
  Target target;
  const auto scenario = parse_scenario("s", "title t\nclass safe\n" + dialogue);
  ASSERT_TRUE(scenario) << scenario.error();
  const Result result = Runner(server, target).run(*scenario);
  EXPECT_EQ(result.verdict, Verdict::kPass) << result.observed;
  EXPECT_NE(hex_encode(server.written).find("000000030000000300000000ffffffffffffffff"),
            std::string::npos);
}

}  // namespace
}  // namespace zkprobe::conformance
