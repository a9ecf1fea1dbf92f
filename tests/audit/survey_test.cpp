#include "audit/survey.hpp"

#include <gtest/gtest.h>

namespace zkprobe::audit {
namespace {

TEST(Survey, FailuresAreToldApartByWhatHasToBeLookedAt) {
  const auto of = [](const char* text) { return silence_of_connection(text); };
  EXPECT_EQ(of("127.0.0.1:1: Connection refused"), Silence::kRefused);
  EXPECT_EQ(of("127.0.0.1:1: connected to itself: nobody listens"), Silence::kRefused);
  EXPECT_EQ(of("zk1:3888: Host not found (authoritative)"), Silence::kUnresolved);
  EXPECT_EQ(of("zk1:3888: Host not found (non-authoritative), try again later"),
            Silence::kUnresolved);
  EXPECT_EQ(of("10.0.0.1:1: No route to host"), Silence::kNoRoute);
  EXPECT_EQ(of("10.0.0.1:1: Network is unreachable"), Silence::kNoRoute);
  EXPECT_EQ(of("10.0.0.1:1: timed out"), Silence::kNoReply);
  EXPECT_EQ(of("10.0.0.1:1: Connection timed out"), Silence::kNoReply);
  EXPECT_EQ(of("no connection within 5 s"), Silence::kNoReply);
  EXPECT_EQ(of("something else"), Silence::kOther);

  using Kind = peer::QueryFailure::Kind;
  EXPECT_EQ(silence_of({Kind::kSilent, "x"}), Silence::kMute);
  EXPECT_EQ(silence_of({Kind::kClosed, "Connection refused"}), Silence::kCloses);
  EXPECT_EQ(silence_of({Kind::kNoVote, "x"}), Silence::kNoVote);
  EXPECT_EQ(silence_of({Kind::kAskerIsMember, "x"}), Silence::kMember);
  EXPECT_EQ(silence_of({Kind::kUnreachable, "Connection refused"}), Silence::kRefused);
}

TEST(Survey, EverySilenceAndOutcomeHasAWord) {
  for (int i = 0; i <= static_cast<int>(Silence::kOther); ++i) {
    EXPECT_FALSE(to_string(static_cast<Silence>(i)).empty());
  }
  EXPECT_EQ(to_string(DialBack::Outcome::kNoGreeting), "no greeting");
  EXPECT_EQ(to_string(DialBack::Outcome::kUntestable), "untestable");
}

TEST(Survey, LoopbackAndHostsAreReadFromText) {
  for (const char* host : {"localhost", "127.0.0.1", "127.3.2.1", "::1", "0:0:0:0:0:0:0:1"}) {
    EXPECT_TRUE(is_loopback(host)) << host;
  }
  for (const char* host : {"zk1", "10.0.0.1", "::2", ""}) EXPECT_FALSE(is_loopback(host)) << host;
  EXPECT_EQ(host_of("10.0.0.1:3888"), "10.0.0.1");
  EXPECT_EQ(host_of("[::1]:3888"), "::1");
  EXPECT_EQ(host_of(""), "");
}

}  // namespace
}  // namespace zkprobe::audit
