#include "analysis/replay_repair.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "replay_fixture.hpp"

namespace zkprobe::analysis {
namespace {

// No order of events makes a vote for a zxid that nobody has.
TEST(ReplayRepair, ExplainsNoVoteThatNothingBrought) {
  Tape tape = test::tape_of("3.9.3-a-cold");
  const Script script = script_of(tape, Sid(3));
  RunSettings settings;
  settings.election.self = script.self;
  settings.capture_end = tape.events.back().at;
  std::size_t changed = 0;
  for (const ScriptStep& step : script.lives[0].steps) {
    if (step.kind != ScriptStep::Kind::kSend) continue;
    settings.config = *wire::parse_quorum_config(*tape.events[step.event].vote.config);
    if (++changed == 2) tape.events[step.event].vote.zxid = Zxid(0x77);
  }
  ASSERT_GE(changed, 2U);
  ReplayRun run(tape, script, script.lives[0], settings);
  const Repaired repaired = repair(run, tape, script.lives[0]);
  const auto told =
      std::find_if(repaired.left.begin(), repaired.left.end(), [](const Difference& difference) {
        return difference.server.find("zxid=0x77") != std::string::npos;
      });
  EXPECT_NE(told, repaired.left.end());
}

}  // namespace
}  // namespace zkprobe::analysis
