#include "analysis/replay_tape.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

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

TEST(ReplayTape, KnowsTheFormOfEachGreeting) {
  const auto forms = [](const char* name) {
    std::set<wire::GreetingForm> found;
    for (const TapeEvent& event : test::tape_of(name).events) {
      if (event.kind == TapeEvent::Kind::kGreeting) found.insert(event.greeting);
    }
    return found;
  };
  EXPECT_EQ(forms("3.4.13-a-cold"), std::set{wire::GreetingForm::kBareSid});
  EXPECT_EQ(forms("3.9.3-a-cold"), std::set{wire::GreetingForm::kV1});
  EXPECT_TRUE(forms("3.6.0-d-multi").contains(wire::GreetingForm::kV2));
}

}  // namespace
}  // namespace zkprobe::analysis
