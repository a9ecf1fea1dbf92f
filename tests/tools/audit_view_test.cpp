// What an audit shows to people.
#include "audit_view.hpp"

#include <gtest/gtest.h>

namespace zkprobe::tool {
namespace {

audit::Sighting seen(const std::string& host, std::int64_t leader, wire::ServerState state) {
  audit::Sighting sighting;
  sighting.address = {host, 3888};
  sighting.remote = host + ":3888";
  peer::VoteAnswer answer;
  answer.notification.state = state;
  answer.notification.leader = Sid(leader);
  answer.config = *wire::parse_quorum_config(
      "server.1=10.0.0.1:2888:3888:participant\nserver.2=10.0.0.2:2888:3888:participant\n"
      "version=0");
  answer.form = wire::NotificationForm::kConfig;
  sighting.result = answer;
  return sighting;
}

std::string show(const std::vector<audit::View>& views) {
  const audit::Roster roster(views);
  return audit_text(roster, audit::judge(roster), Style(false));
}

audit::View view(const std::string& host, const std::string& local) {
  audit::View one;
  one.host = host;
  one.local = {local};
  one.sightings = {seen("10.0.0.1", 2, wire::ServerState::kFollowing),
                   seen("10.0.0.2", 2, wire::ServerState::kLeading)};
  return one;
}

TEST(AuditView, ATableAndASentence) {
  const std::string text = show({view("here", "10.0.0.9")});
  EXPECT_NE(
      text.find("\n1       10.0.0.1:3888  FOLLOWING  2       0x0    0x0    0x0     3.5 or later\n"),
      std::string::npos)
      << text;
  EXPECT_NE(text.find("Configuration: 2 participants (1 2), majority, version 0x0, held by 2\n"),
            std::string::npos);
  EXPECT_NE(text.find("2 of 2 servers answered; the ensemble is healthy.\n"), std::string::npos);
  EXPECT_EQ(text.find("FROM"), std::string::npos);
}

TEST(AuditView, SeveralHostsMakeAMatrixWithTheServersThatTheyAre) {
  audit::View one = view("a", "10.0.0.1");
  audit::View two = view("b", "10.0.0.2");
  one.sightings[1].dial_back = audit::DialBack{audit::DialBack::Outcome::kNone, {}, {}, "", {}, {}};
  two.sightings[0].result = tl::unexpected<peer::QueryFailure>(
      peer::QueryFailure{peer::QueryFailure::Kind::kUnreachable, "Connection refused"});
  const std::string text = show({one, two});
  EXPECT_NE(text.find("FROM \\ TO     1        2\n"), std::string::npos) << text;
  EXPECT_NE(text.find("a (server 1)  ok       ok, no call\n"), std::string::npos) << text;
  EXPECT_NE(text.find("b (server 2)  refused  ok\n"), std::string::npos) << text;
}

TEST(AuditView, WhyAServerWasNotTestedIsShown) {
  audit::View one = view("here", "10.0.0.9");
  one.directions = true;
  for (audit::Sighting& sighting : one.sightings) {
    sighting.dial_back.emplace();
    sighting.dial_back->outcome = audit::DialBack::Outcome::kUntestable;
    sighting.dial_back->text = "no port to wait at";
  }
  const std::string text = show({one});
  EXPECT_NE(text.find("untestable  -"), std::string::npos) << text;
  EXPECT_NE(text.find("here and server 2 (10.0.0.2:3888): no port to wait at\n"),
            std::string::npos);
  EXPECT_EQ(text.find("healthy"), std::string::npos);
}

TEST(AuditView, WhatAServerSentCannotDriveATerminal) {
  audit::View one = view("here", "10.0.0.9");
  (*one.sightings[0].result)->config.reset();
  (*one.sightings[0].result)->config_error = "\x1b[2J";
  EXPECT_EQ(show({one}).find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace zkprobe::tool
