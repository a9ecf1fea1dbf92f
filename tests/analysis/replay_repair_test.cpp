#include "analysis/replay_repair.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "replay_fixture.hpp"

namespace zkprobe::analysis {
namespace {

struct Spoilt {  // server 3 says a zxid that nobody has
  Tape tape = test::tape_of("3.9.3-a-cold");
  Script script = script_of(tape, Sid(3));
  RunSettings settings;
  std::size_t changed = 0;
  Spoilt() {
    settings.election.self = script.self;
    settings.capture_end = tape.events.back().at;
    for (const ScriptStep& step : script.lives[0].steps) {
      if (step.kind != ScriptStep::Kind::kSend) continue;
      settings.config = *wire::parse_quorum_config(*tape.events[step.event].vote.config);
      if (++changed == 2) tape.events[step.event].vote.zxid = Zxid(0x77);
    }
  }
};

// No order of events makes a vote for a zxid that nobody has.
TEST(ReplayRepair, ExplainsNoVoteThatNothingBrought) {
  const Spoilt spoilt;
  ASSERT_GE(spoilt.changed, 2U);
  const Life& life = spoilt.script.lives[0];
  ReplayRun run(spoilt.tape, spoilt.script, life, spoilt.settings);
  std::uint64_t work = kWorkOfCapture;
  const Repaired repaired = repair(run, spoilt.tape, life, work);
  const auto told =
      std::find_if(repaired.left.begin(), repaired.left.end(), [](const Difference& difference) {
        return difference.server.find("zxid=0x77") != std::string::npos;
      });
  ASSERT_NE(told, repaired.left.end());
  EXPECT_FALSE(told->untried);
  EXPECT_LT(work, kWorkOfCapture);
}

TEST(ReplayRepair, TriesNoMoreThanItMayAndSaysSo) {
  const Spoilt spoilt;
  const Life& life = spoilt.script.lives[0];
  ReplayRun run(spoilt.tape, spoilt.script, life, spoilt.settings);
  std::uint64_t work = 50;
  const Repaired repaired = repair(run, spoilt.tape, life, work);
  EXPECT_EQ(work, 0U);
  EXPECT_LE(run.work(), 50 + 3 * life.steps.size());
  ASSERT_FALSE(repaired.left.empty());
  EXPECT_TRUE(repaired.left.back().untried);
  EXPECT_TRUE(repaired.repairs.empty());
}

}  // namespace
}  // namespace zkprobe::analysis
