#include "event_teller.hpp"

#include <gtest/gtest.h>

namespace zkprobe::tool {
namespace {

using What = net::LinkEvent::What;
using Lines = std::vector<std::string>;

struct EventTellerTest : testing::Test {
  EventTeller teller;
  EventTeller::Time now{std::chrono::hours(1)};

  Lines tell(const net::PeerEvent& event) { return teller.tell(event, now); }
  Lines refused(std::int64_t sid, const std::string& why) {
    return tell(net::LinkEvent{Sid(sid), What::kRefuse, why, ""});
  }
  Lines garbage(std::int64_t sid, const std::string& why, const std::string& remote) {
    return tell(net::LinkEvent{Sid(sid), What::kClose, why, remote, true});
  }
  Lines bytes(std::int64_t sid, const std::string& text) {
    return tell(peer::Report{peer::Report::Kind::kBytes, Sid(sid), text});
  }
  Lines open(std::int64_t sid) { return tell(net::LinkEvent{Sid(sid), What::kOpen, "", ""}); }
};

TEST_F(EventTellerTest, ALinkThatIsRefusedAgainForTheSameReasonIsToldOnce) {
  EXPECT_EQ(refused(2, "down"), Lines{"no link with server 2: down"});
  EXPECT_EQ(refused(3, "down"), Lines{"no link with server 3: down"});
  EXPECT_EQ(refused(2, "down"), Lines{});
  EXPECT_EQ(refused(2, "timed out"), Lines{"no link with server 2: timed out"});
  EXPECT_EQ(open(2), Lines{});
  EXPECT_EQ(refused(2, "timed out"), Lines{"no link with server 2: timed out"}) << "it was open";
  EXPECT_FALSE(teller.left_out()) << "a server that is down is no news";
}

TEST_F(EventTellerTest, TwentyThousandBadFramesOfOneIdAreOneLineAndACount) {
  EXPECT_EQ(bytes(9, "x").size(), 1u);
  for (int i = 1; i < 20'000; ++i) {
    now += std::chrono::milliseconds(1);
    if (i % 100 == 0) open(9);  // on a new link
    EXPECT_EQ(bytes(9, "x"), Lines{});
  }
  EXPECT_EQ(teller.left_out(), "19999 lines about links and bytes of others left out");
  EXPECT_FALSE(teller.left_out());
}

TEST_F(EventTellerTest, GarbageFromAnotherPortOfTheSameIdIsToldOnce) {
  EXPECT_EQ(garbage(9, "length", "h:1"), Lines{"link with server 9 at h:1 is closed: length"});
  EXPECT_EQ(garbage(9, "length", "h:2"), Lines{});
  EXPECT_EQ(teller.left_out(), "1 line about links and bytes of others left out");
}

TEST_F(EventTellerTest, ManyIdsAreWithinTheBudgetAndWhatWasLeftOutIsSaidOnceASecond) {
  std::size_t lines = 0;
  for (int i = 0; i < 20'000; ++i) lines += bytes(i, "x").size();
  EXPECT_EQ(lines, net::LogBudget::kLinesPerSecond);
  now += std::chrono::seconds(1);
  EXPECT_EQ(bytes(-1, "x"), (Lines{"19950 lines about links and bytes of others left out",
                                   "server -1 sent no notification: x"}));
  EXPECT_FALSE(teller.left_out());
}

TEST_F(EventTellerTest, StrangersWithoutAnIdAreWithinTheBudgetToo) {
  std::size_t lines = 0;
  for (int i = 0; i < 1000; ++i) {
    lines += tell(net::LinkEvent{std::nullopt, What::kRefuse, "no greeting", "h:1"}).size();
  }
  EXPECT_EQ(lines, net::LogBudget::kLinesPerSecond);
}

TEST_F(EventTellerTest, WhatThePeerItselfDoesIsAlwaysTold) {
  for (int i = 0; i < 1000; ++i) bytes(i, "x");
  EXPECT_FALSE(tell(peer::StateChanged{}).empty());
  EXPECT_EQ(tell(peer::Report{peer::Report::Kind::kQuorum, Sid(1), "agrees"}), Lines{"agrees"});
}

}  // namespace
}  // namespace zkprobe::tool
