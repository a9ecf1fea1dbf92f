#include "analysis/replay_tape.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "replay_fixture.hpp"

namespace zkprobe::analysis {
namespace {

TEST(ReplayTape, HoldsEveryVoteWithItsPayload) {
  const Tape tape = test::tape_of("3.9.3-a-cold");
  const auto votes = std::count_if(tape.events.begin(), tape.events.end(), [](const auto& event) {
    return event.kind == TapeEvent::Kind::kVote;
  });
  EXPECT_EQ(votes, 8);
  EXPECT_EQ(tape.left_out, 0U);
  for (const TapeEvent& event : tape.events) {
    if (event.kind != TapeEvent::Kind::kVote) continue;
    EXPECT_EQ(event.payload, wire::encode(event.vote, event.form));
  }
}

}  // namespace
}  // namespace zkprobe::analysis
