// Dial-backs and learner ports: P5, P6 and P9 of the incidents.
#include <gtest/gtest.h>

#include "survey_of.hpp"

namespace zkprobe::audit {
namespace {

DialBack came(std::int64_t sid, const std::string& announced) {
  DialBack test;
  test.outcome = DialBack::Outcome::kCame;
  test.greeting =
      wire::InitialMessage{wire::GreetingForm::kV1, Sid(sid), {*wire::parse_host_port(announced)}};
  test.listener = at(5000, "10.0.0.9");
  return test;
}

Ids judge_one(std::optional<DialBack> test, std::optional<PortTry> leader_port = std::nullopt,
              std::optional<PortTry> follower_port = std::nullopt) {
  Sighting follower = follows(101, 3);
  follower.dial_back = std::move(test);
  follower.learner_port = std::move(follower_port);
  Sighting leader = leads(103);
  leader.learner_port = std::move(leader_port);
  return Judged({follower, follows(102, 3), leader}).ids();
}

TEST(Directions, ACallBackIsFine) { EXPECT_EQ(judge_one(came(1, "h:101")), Ids{}); }

TEST(Directions, NoCallBackIsTold) {
  DialBack none;
  none.text = "no call within 5 s";
  EXPECT_EQ(judge_one(none), Ids{"no_dial_back"});
  none.outcome = DialBack::Outcome::kNoGreeting;
  EXPECT_EQ(judge_one(none), Ids{"strange_dial_back"});
}

Severity severity_of_no_call(Sighting server, bool closed, const std::string& local = "") {
  server.dial_back.emplace();
  if (closed) server.dial_back->closed = Duration(300);
  View view = view_of({server, follows(102, 3), leads(103)});
  view.local = {local};
  return Judged(std::vector<View>{view}).get("no_dial_back").severity;
}

// zkprobe's members call no strangers, and nothing on the wire tells that from a call that is lost.
TEST(Directions, NoCallBackIsAProblemWhereItKeepsAServerFromItsWork) {
  EXPECT_EQ(severity_of_no_call(follows(101, 3), true), Severity::kNote);
  EXPECT_EQ(severity_of_no_call(follows(101, 3), false), Severity::kProblem) << "reads no greeting";
  EXPECT_EQ(severity_of_no_call(looks(101), true), Severity::kProblem);
  EXPECT_EQ(severity_of_no_call(follows(101, 3), true, "10.0.0.1"), Severity::kProblem)
      << "to a member";
}

TEST(Directions, WhatWasNotTestedIsNotHealthy) {
  DialBack test;
  test.outcome = DialBack::Outcome::kUntestable;
  test.text = "no port to wait at";
  EXPECT_EQ(judge_one(test), Ids{"directions_untested"});
  Sighting tested = follows(101, 3);
  tested.dial_back = test;
  View view = view_of({tested, follows(102, 3), leads(103)});
  view.directions = true;  // and ended before the other two
  const Judged judged(std::vector<View>{view});
  EXPECT_EQ(judged.health(), Health::kFindings);
  EXPECT_EQ(judged.get("directions_untested").severity, Severity::kNote);
  EXPECT_EQ(judged.get("directions_untested").evidence,
            (Ids{"here and server 1 (h:101): no port to wait at",
                 "here and server 2 (h:102): the run ended before the test",
                 "here and server 3 (h:103): the run ended before the test"}));
}

TEST(Directions, TheGreetingShowsWhoItIsAndWhatItAnnounces) {
  EXPECT_EQ(judge_one(came(2, "h:101")), Ids{"dials_back_as_another"});
  EXPECT_EQ(judge_one(came(1, "0.0.0.0:101")), Ids{"greets_with_unusable_address"});
  EXPECT_EQ(judge_one(came(1, "127.0.0.1:101")), Ids{"greets_with_unusable_address"});
}

TEST(Directions, OnlyALeaderHasToListenForLearners) {
  const PortTry refused{at(203), "h:203: Connection refused"};
  const PortTry vanished{at(203), "h:203: timed out"};
  const PortTry open{at(203), std::nullopt};
  EXPECT_EQ(judge_one(std::nullopt, refused), Ids{"learner_port_closed"});
  EXPECT_EQ(judge_one(std::nullopt, open, refused), Ids{});
  EXPECT_EQ(judge_one(std::nullopt, open, vanished), Ids{"learner_port_cut_off"});
}

}  // namespace
}  // namespace zkprobe::audit
