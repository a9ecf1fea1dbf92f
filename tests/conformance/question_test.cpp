#include "conformance/question.hpp"

#include <gtest/gtest.h>

#include "fake_endpoint.hpp"
#include "wire/framer.hpp"

namespace zkprobe::conformance {
namespace {

constexpr Duration kLong = std::chrono::seconds(10);

Bytes vote_for(std::int64_t leader) {
  wire::Notification vote;
  vote.leader = Sid(leader);
  return wire::frame(wire::encode(vote, wire::NotificationForm::kBytes40));
}

TEST(Question, TheSecondAnswerIsTakenForTheFirstMayBeOld) {
  FakeEndpoint server;
  server.say(vote_for(1));
  server.say(vote_for(2));
  const auto answer = ask_once(server, Place(), kLong);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->vote.leader, Sid(2));
  EXPECT_EQ(answer->form, wire::NotificationForm::kBytes40);
  EXPECT_EQ(server.closed, 1);
}

TEST(Question, ASilentServerIsAskedAgainUntilTheTimeIsOver) {
  FakeEndpoint server;
  const auto answer = ask_once(server, Place(), kLong);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error(), "");
  EXPECT_GE(server.written.size(), 8 + 10 * 44U);
  EXPECT_EQ(server.now(), Instant{kLong});
}

TEST(Question, WhatIsNoAnswerIsTold) {
  FakeEndpoint server;
  server.closes = true;
  EXPECT_EQ(ask_once(server, Place(), kLong).error(), "closed without an answer");
  server.say(Bytes{0xff, 0xff, 0xff, 0xff});
  EXPECT_TRUE(ask_once(server, Place(), kLong).error().starts_with("no vote: "));
  server.refuses = true;
  EXPECT_EQ(ask_once(server, Place(), kLong).error(), "no connection to ask on");
}

}  // namespace
}  // namespace zkprobe::conformance
