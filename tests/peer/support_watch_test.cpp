#include "peer/support_watch.hpp"

#include <gtest/gtest.h>

namespace zkprobe::peer {
namespace {

using Verdict = SupportWatch::Verdict;

constexpr Instant at(int ms) { return Instant{std::chrono::milliseconds(ms)}; }

quorum::QuorumVerifier three_voters() {
  return quorum::QuorumVerifier(
      wire::parse_quorum_config(
          "server.1=a:1:2:participant\nserver.2=b:1:2:participant\nserver.3=c:1:2:participant\n"
          "server.4=d:1:2:observer\nversion=0")
          .value());
}

// Ticks of a second; ten for the first quorum, five later.
SupportWatch watch() { return SupportWatch(at(0), Sid(3), 1s, 10s, 5s); }

TEST(SupportWatch, AQuestionIsLookingInRoundZero) {
  wire::Notification notification;
  EXPECT_TRUE(is_question(notification));
  notification.election_epoch = ElectionRound(1);
  EXPECT_FALSE(is_question(notification)) << "a vote";
  notification.election_epoch = ElectionRound(0);
  notification.state = wire::ServerState::kFollowing;
  EXPECT_FALSE(is_question(notification));
}

TEST(SupportWatch, AQuorumIsTheLeaderAndWhoAskedLately) {
  SupportWatch support = watch();
  const auto verifier = three_voters();
  EXPECT_FALSE(support.has_quorum(at(0), verifier));
  support.asked(at(100), Sid(4));
  EXPECT_FALSE(support.has_quorum(at(100), verifier)) << "an observer has no voice";
  support.asked(at(200), Sid(1));
  EXPECT_TRUE(support.has_quorum(at(5199), verifier));
  EXPECT_FALSE(support.has_quorum(at(5200), verifier));
}

TEST(SupportWatch, TheFirstQuorumHasInitLimitTicks) {
  SupportWatch support = watch();
  const auto verifier = three_voters();
  EXPECT_EQ(support.time_passed(at(500), verifier), Verdict::kWaits);
  EXPECT_EQ(support.time_passed(at(1000), verifier), Verdict::kWaits);
  EXPECT_EQ(support.deadline(), at(2000));
  EXPECT_EQ(support.time_passed(at(9500), verifier), Verdict::kWaits);
  EXPECT_EQ(support.time_passed(at(10500), verifier), Verdict::kLost);
}

TEST(SupportWatch, AnEstablishedLeaderIsLostWithItsQuorum) {
  SupportWatch support = watch();
  const auto verifier = three_voters();
  support.asked(at(100), Sid(2));
  support.establish();
  EXPECT_EQ(support.time_passed(at(1000), verifier), Verdict::kStands);
  EXPECT_EQ(support.time_passed(at(5200), verifier), Verdict::kLost);
}

}  // namespace
}  // namespace zkprobe::peer
