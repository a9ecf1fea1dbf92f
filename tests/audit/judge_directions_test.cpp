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

TEST(Directions, NoCallBackIsAProblem) {
  DialBack none;
  none.text = "no call within 5 s";
  EXPECT_EQ(judge_one(none), Ids{"no_dial_back"});
  none.outcome = DialBack::Outcome::kNoGreeting;
  EXPECT_EQ(judge_one(none), Ids{"strange_dial_back"});
  none.outcome = DialBack::Outcome::kUntestable;
  EXPECT_EQ(judge_one(none), Ids{});
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
