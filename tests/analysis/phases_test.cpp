#include "analysis/phases.hpp"

#include "story_of.hpp"

namespace zkprobe::analysis {
namespace {

const Phase* phase(const Tale& tale, PhaseKind kind) {
  for (const Phase& one : tale.phases) {
    if (one.kind == kind) return &one;
  }
  return nullptr;
}

TEST(Phases, EveryServerDrainsForAtLeast200Milliseconds) {
  for (const char* name : {"3.4.13-a-cold.pcap", "3.5.10-a-cold.pcap", "3.9.3-a-cold.pcap"}) {
    const Story story = story_of(name);
    std::size_t drained = 0;
    for (const Tale& tale : story.elections.front().tales) {
      const Phase* const drain = phase(tale, PhaseKind::kDrain);
      if (drain == nullptr || !drain->to) continue;
      ++drained;
      EXPECT_GE(drain->to->time - drain->from.time, std::chrono::milliseconds(195)) << name;
    }
    EXPECT_GE(drained, 2U) << name;
  }
}

TEST(Phases, FollowOneAnotherUntilTheServerServes) {
  const Story story = story_of("3.9.3-a-cold.pcap");
  for (const Tale& tale : story.elections.front().tales) {
    ASSERT_EQ(tale.phases.size(), 4U) << tale.sid.value;
    for (std::size_t i = 0; i < 4; ++i) {
      EXPECT_EQ(tale.phases[i].kind, static_cast<PhaseKind>(i));
      ASSERT_TRUE(tale.phases[i].to);
      EXPECT_LE(tale.phases[i].from.time, tale.phases[i].to->time);
      if (i == 0) continue;
      EXPECT_LE(tale.phases[i - 1].from.time, tale.phases[i].from.time);
    }
  }
}

TEST(Phases, ALearnerKnowsItsLeaderAndHowItWasSynchronised) {
  const Recording recording = recording_of("3.4.13-a-cold.pcap");
  const std::vector<Learning> learnings = learnings_of(recording);
  ASSERT_EQ(learnings.size(), 2U);
  for (const Learning& one : learnings) {
    EXPECT_EQ(one.leader, Sid(3));
    EXPECT_TRUE(one.complete());
    EXPECT_EQ(one.kind, wire::PacketType::kDiff);
    EXPECT_FALSE(one.observer);
  }
}

}  // namespace
}  // namespace zkprobe::analysis
