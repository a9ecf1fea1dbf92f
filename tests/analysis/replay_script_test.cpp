#include "analysis/replay_script.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "replay_fixture.hpp"

namespace zkprobe::analysis {
namespace {

std::size_t count(const Life& life, ScriptStep::Kind kind) {
  return static_cast<std::size_t>(
      std::count_if(life.steps.begin(), life.steps.end(),
                    [kind](const ScriptStep& step) { return step.kind == kind; }));
}

TEST(ReplayScript, AServerThatWasKilledAndStartedAgainHasTwoLives) {
  const Tape tape = test::tape_of("3.4.13+3.8.0+3.9.6-g-mixed");
  const Script killed = script_of(tape, Sid(2));
  ASSERT_EQ(killed.lives.size(), 2U);
  EXPECT_EQ(count(killed.lives[0], ScriptStep::Kind::kLook), 1U);
  EXPECT_EQ(count(killed.lives[1], ScriptStep::Kind::kLook), 1U);
  const Script other = script_of(tape, Sid(3));
  ASSERT_EQ(other.lives.size(), 1U);
  EXPECT_EQ(count(other.lives[0], ScriptStep::Kind::kLook), 2U);
}

TEST(ReplayScript, KnowsObserversByTheirVotes) {
  const Tape tape = test::tape_of("3.4.5-c-observer");
  EXPECT_FALSE(script_of(tape, Sid(1)).observer);
  EXPECT_TRUE(script_of(tape, Sid(4)).observer);
}

}  // namespace
}  // namespace zkprobe::analysis
