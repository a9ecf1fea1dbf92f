#include "election/describe.hpp"

#include <gtest/gtest.h>

#include "election/machine.hpp"

namespace zkprobe::election {
namespace {

TEST(DescribeElection, VotesWriteLongMinValueAsMin) {
  EXPECT_EQ("leader=3 zxid=0x100000002 peerEpoch=0x1",
            describe(quorum::Vote{PeerEpoch(1), make_zxid(PeerEpoch(1), 2), Sid(3)}));
  EXPECT_EQ("leader=min zxid=min peerEpoch=min",
            describe(quorum::Vote{PeerEpoch::min(), Zxid::min(), Sid::min()}));
}

TEST(DescribeElection, EffectsAreOneLineEach) {
  wire::Notification message;
  message.leader = Sid(3);
  message.election_epoch = ElectionRound(1);
  const std::string told =
      "notification LOOKING leader=3 zxid=0x0 round=0x1 peerEpoch=0x0 version=0";
  EXPECT_EQ("send 2: " + told, describe(Effect(Send{Sid(2), message, {}})));
  EXPECT_EQ("heard 2: " + told, describe(Effect(Heard{Sid(2), message})));
  EXPECT_EQ("connect all", describe(Effect(ConnectAll{})));
  const quorum::Vote vote{PeerEpoch(1), Zxid(2), Sid(3)};
  EXPECT_EQ("decided LEADING leader=3 zxid=0x2 peerEpoch=0x1 round=0x4",
            describe(Effect(Decided{wire::ServerState::kLeading, {vote, ElectionRound(4)}})));
  EXPECT_EQ("adopt 2 participants (1 2), majority, version 0x5, persist, restart",
            describe(Effect(AdoptConfig{test::voters({1, 2}, 5), true, true})));
  EXPECT_EQ("report ignored 2: why",
            describe(Effect(Report{Report::Kind::kIgnored, Sid(2), "why"})));
}

TEST(DescribeElection, KindsHaveNames) {
  using Kind = Report::Kind;
  const std::pair<Kind, const char*> names[] = {
      {Kind::kRound, "round"},       {Kind::kProposal, "proposal"}, {Kind::kAnswer, "answer"},
      {Kind::kIgnored, "ignored"},   {Kind::kQuorum, "quorum"},     {Kind::kDecided, "decided"},
      {Kind::kDeclined, "declined"}, {Kind::kConfig, "config"},     {Kind::kBytes, "bytes"}};
  for (const auto& [kind, name] : names) EXPECT_EQ(name, to_string(kind));
}

}  // namespace
}  // namespace zkprobe::election
