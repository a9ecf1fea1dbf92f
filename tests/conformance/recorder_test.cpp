#include "conformance/recorder.hpp"

#include <gtest/gtest.h>

#include "conformance/runner.hpp"
#include "fake_endpoint.hpp"

namespace zkprobe::conformance {
namespace {

using What = Recorder::Recorded::What;

const Bytes kHello = {1, 2, 3};

std::vector<What> what(const Recorder& recorder) {
  std::vector<What> all;
  for (const auto& one : recorder.events()) all.push_back(one.what);
  return all;
}

TEST(Recorder, WhatGoesOverALinkIsKeptAndHandedOn) {
  FakeEndpoint server;
  server.say({7});
  Recorder recorder(server);
  const auto link = recorder.dial(Place(), Duration(0));
  ASSERT_TRUE(link);
  recorder.write(*link, kHello);
  EXPECT_EQ(server.written, kHello);
  EXPECT_EQ(recorder.wait(*link, Duration(0)).bytes, Bytes{7});
  EXPECT_EQ(recorder.wait(*link, Duration(0)).what, Endpoint::Event::What::kNothing);
  server.closes = true;
  EXPECT_EQ(recorder.wait(*link, Duration(0)).what, Endpoint::Event::What::kClosed);
  recorder.close(*link);
  // What was there before the write is kept before it.
  EXPECT_EQ(what(recorder),
            (std::vector{What::kOpened, What::kRead, What::kWritten, What::kEnded}));
}

TEST(Recorder, WhatNobodyTookIsKeptWhenTheLinkIsLeft) {
  FakeEndpoint server;
  Recorder recorder(server);
  const auto link = recorder.dial(Place(), Duration(0));
  server.say({7});
  recorder.close(*link);
  EXPECT_EQ(what(recorder), (std::vector{What::kOpened, What::kRead, What::kLeft}));
  EXPECT_EQ(server.closed, 1);
}

TEST(Recorder, LinksToOtherMembersAreHandedOnAlone) {
  FakeEndpoint server;
  server.say({7});
  Recorder recorder(server);
  const auto link = recorder.dial({Place::Port::kElection, Sid(2)}, Duration(0));
  recorder.write(*link, kHello);
  EXPECT_EQ(recorder.wait(*link, Duration(0)).bytes, Bytes{7});
  recorder.close(*link);
  EXPECT_TRUE(recorder.events().empty());
}

TEST(Recorder, EachEventBelongsToItsLineAndItsLinkToAPeer) {
  FakeEndpoint server;
  Recorder recorder(server);
  const auto scenario =
      parse_scenario("s",
                     "title t\nclass safe\nneeds following\na dial\na vote\nb listen learner of=3\n"
                     "server expect answer within=1s\nb expect learner within=1s\n");
  ASSERT_TRUE(scenario) << scenario.error();
  recorder.at(scenario->directives[0]);
  recorder.dial(Place(), Duration(0));
  EXPECT_EQ(recorder.links().at(1).peer, "a");
  EXPECT_FALSE(recorder.links().at(1).asks);
  recorder.at(scenario->directives[3]);
  recorder.dial(Place(), Duration(0));
  ASSERT_EQ(recorder.events().size(), 2U);
  EXPECT_EQ(recorder.events()[0].line, 4);
  EXPECT_EQ(recorder.links().at(1).peer, "server");
  EXPECT_TRUE(recorder.links().at(1).asks);

  recorder.listen_at("b", {Place::Port::kLearner, Sid(3)});
  recorder.at(scenario->directives[4]);
  const auto call = recorder.accept("b", Duration(0));
  const Recorder::Known& known = recorder.links().at(*call);
  EXPECT_EQ(known.peer, "b");
  EXPECT_EQ(known.port, Place::Port::kLearner);
  EXPECT_TRUE(known.called);
}

TEST(Recorder, MoreThanTheBoundIsNotKept) {
  FakeEndpoint server;
  Recorder recorder(server);
  const auto link = recorder.dial(Place(), Duration(0));
  server.say(Bytes(Recorder::kMostBytes / 2));
  server.say(Bytes(Recorder::kMostBytes));
  server.say(kHello);  // would fit, and follow a gap
  EXPECT_EQ(recorder.wait(*link, Duration(0)).bytes.size(),
            Recorder::kMostBytes + Recorder::kMostBytes / 2 + kHello.size());
  EXPECT_TRUE(recorder.cut());
  EXPECT_EQ(what(recorder), (std::vector{What::kOpened, What::kRead}));
}

}  // namespace
}  // namespace zkprobe::conformance
