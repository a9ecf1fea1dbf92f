#include "analysis/replay.hpp"

#include <gtest/gtest.h>

#include "replay_fixture.hpp"

namespace zkprobe::analysis {
namespace {

// Every server of seven releases decides as our election does.
TEST(Replay, NoRealDifferenceStandsInTheFixtures) {
  for (const std::string& path : zkprobe::test::list_fixtures("pcap")) {
    const std::size_t end = path.rfind(".pcap");
    if (end == std::string::npos) continue;
    const std::string name = path.substr(5, end - 5);
    for (const ServerReplay& server : replay(test::tape_of(name), {})) {
      EXPECT_TRUE(server.agrees()) << name << " server " << server.self.value;
      EXPECT_EQ(server.unknown_sender, 0U) << name;
      std::size_t compared = 0;
      for (const ReplayTally& tally : server.tally) compared += tally.compared;
      EXPECT_GT(compared, 0U) << name << " server " << server.self.value;
    }
  }
}

TEST(Replay, ACaptureThatBeginsInTheMiddleIsReplayedFromThere) {
  Tape tape = test::tape_of("3.4.13+3.8.0+3.9.6-g-mixed");
  tape.events.erase(tape.events.begin(),
                    tape.events.begin() + static_cast<std::ptrdiff_t>(tape.events.size() / 2));
  for (const ServerReplay& server : replay(tape, {})) {
    EXPECT_TRUE(server.agrees()) << server.self.value;
  }
}

TEST(Replay, AServerThatVotesForNobodyWeKnowDiffersForReal) {
  Tape tape = test::tape_of("3.9.3-a-cold");
  std::size_t changed = 0;
  for (TapeEvent& event : tape.events) {
    if (event.kind != TapeEvent::Kind::kVote || tape.src(event) != Sid(3)) continue;
    if (++changed == 2) event.vote.leader = Sid(1);
  }
  ReplayOptions options;
  options.servers = {Sid(3)};
  const auto servers = replay(tape, options);
  ASSERT_EQ(servers.size(), 1U);
  EXPECT_FALSE(servers[0].agrees());
}

TEST(Replay, ADifferenceWhoseOrdersWereNotTriedSaysSo) {
  Tape tape = test::tape_of("3.9.3-a-cold");
  std::size_t changed = 0;
  for (TapeEvent& event : tape.events) {
    if (event.kind != TapeEvent::Kind::kVote || tape.src(event) != Sid(3)) continue;
    if (++changed == 2) event.vote.leader = Sid(1);
  }
  ReplayOptions options;
  options.servers = {Sid(3)};
  options.work = 0;
  const auto servers = replay(tape, options);
  ASSERT_EQ(servers.size(), 1U);
  EXPECT_FALSE(servers[0].agrees());
  EXPECT_EQ(servers[0].untried, servers[0].differences.size());
  EXPECT_EQ(servers[0].differences[0].explanation,
            "not every order of the events of that moment was tried");
}

TEST(Replay, WhoOnlyAsksForVotesIsNamedAndNotReplayed) {
  const auto servers = replay(test::tape_of("outages/asked"), {});
  ASSERT_EQ(servers.size(), 4U);
  EXPECT_TRUE(servers[3].asker);
  EXPECT_EQ(servers[3].questions, 14U);
  EXPECT_TRUE(servers[3].agrees());
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_FALSE(servers[i].asker);
    EXPECT_TRUE(servers[i].agrees()) << servers[i].self.value;
    EXPECT_EQ(servers[i].config, "3 participants (1 2 3), majority, version 0x0");
  }
}

// After a reconfig Java's clock is that of a new election object, and who has no vote is told it.
TEST(Replay, RoundZeroAfterAReconfigIsTheClockOfTheNewElection) {
  Tape tape = test::tape_of("outages/asked");
  std::size_t changed = 0;
  for (TapeEvent& event : tape.events) {
    const bool answer = event.kind == TapeEvent::Kind::kVote &&
                        event.vote.state != wire::ServerState::kLooking && tape.dst(event) &&
                        *tape.dst(event) > Sid(3);
    if (!answer) continue;
    event.vote.election_epoch = ElectionRound(0);
    ++changed;
  }
  ASSERT_GT(changed, 0U);
  for (const bool reconfigured : {false, true}) {
    tape.reconfigured = reconfigured;
    std::size_t real = 0;
    for (const ServerReplay& server : replay(tape, {})) real += server.agrees() ? 0 : 1;
    EXPECT_EQ(real == 0, reconfigured);
  }
}

// The votes that changed server 1's mind are lost: what it does then is put down to that.
TEST(Replay, WhatAGapMayHaveCausedIsExplainedByLoss) {
  Tape tape = test::tape_of("3.9.3-a-cold");
  std::size_t gaps = 0;
  for (TapeEvent& event : tape.events) {
    if (event.kind != TapeEvent::Kind::kVote || tape.src(event) != Sid(3)) continue;
    if (tape.dst(event) != Sid(1)) continue;
    event.kind = TapeEvent::Kind::kGap;  // 1 is not told of 3 by 3 itself
    ++gaps;
  }
  // Nor by 2, who heard of it.
  for (TapeEvent& event : tape.events) {
    if (event.kind != TapeEvent::Kind::kVote || tape.src(event) != Sid(2)) continue;
    if (tape.dst(event) == Sid(1)) event.kind = TapeEvent::Kind::kGap, ++gaps;
  }
  ASSERT_GE(gaps, 2U);
  ReplayOptions options;
  options.servers = {Sid(1)};
  const auto servers = replay(tape, options);
  ASSERT_EQ(servers.size(), 1U);
  EXPECT_TRUE(servers[0].agrees());
  ASSERT_FALSE(servers[0].differences.empty());
  for (const ReplayDifference& difference : servers[0].differences) {
    EXPECT_EQ(difference.cause, Cause::kLoss) << difference.server;
    EXPECT_EQ(difference.explanation, "the capture lacks bytes from or to this server before it");
  }
}

}  // namespace
}  // namespace zkprobe::analysis
