#include "analysis/replay_run.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "replay_fixture.hpp"

namespace zkprobe::analysis {
namespace {

RunSettings settings_of(const Tape& tape, const Script& script) {
  RunSettings settings;
  settings.election.self = script.self;
  for (const TapeEvent& event : tape.events) {
    if (event.kind != TapeEvent::Kind::kVote || !event.vote.config) continue;
    settings.config = *wire::parse_quorum_config(*event.vote.config);
    break;
  }
  settings.capture_end = tape.events.back().at;
  return settings;
}

TEST(ReplayRun, AgreesWithAServerMessageByMessage) {
  const Tape tape = test::tape_of("3.9.3-a-cold");
  const Script script = script_of(tape, Sid(2));
  ReplayRun run(tape, script, script.lives[0], settings_of(tape, script));
  const RunResult result = run.run({}, {});
  EXPECT_TRUE(result.differences.empty());
  EXPECT_GT(result.compared[static_cast<std::size_t>(ItemKind::kProposal)], 0U);
  EXPECT_EQ(result.compared[static_cast<std::size_t>(ItemKind::kDecision)], 1U);
}

// A server that told something else than it did: each such vote is a difference.
TEST(ReplayRun, SeesAVoteThatTheServerShouldNotHaveSent) {
  Tape tape = test::tape_of("3.9.3-a-cold");
  const Script script = script_of(tape, Sid(2));
  const auto sent =
      std::find_if(script.lives[0].steps.begin(), script.lives[0].steps.end(),
                   [](const ScriptStep& step) { return step.kind == ScriptStep::Kind::kSend; });
  ASSERT_NE(sent, script.lives[0].steps.end());
  tape.events[sent->event].vote.zxid = Zxid(0x77);
  ReplayRun run(tape, script, script.lives[0], settings_of(tape, script));
  const RunResult result = run.run({}, {});
  ASSERT_FALSE(result.differences.empty());
  EXPECT_EQ(result.differences[0].kind, ItemKind::kProposal);
  EXPECT_NE(result.differences[0].server.find("zxid=0x77"), std::string::npos);
}

}  // namespace
}  // namespace zkprobe::analysis
