#include "learner/types.hpp"

#include <gtest/gtest.h>

namespace zkprobe::learner {
namespace {

TEST(Types, TheTimeoutsCountTicks) {
  Settings settings;
  EXPECT_EQ(settings.init_timeout(), std::chrono::seconds(20));
  EXPECT_EQ(settings.sync_timeout(), std::chrono::seconds(10));
}

TEST(Types, AnErrorNamesPacketPlaceAndWhatWasExpected) {
  const Incoming diff{{wire::PacketType::kDiff, Zxid(1), std::nullopt, std::nullopt}, 120, 20};
  EXPECT_EQ(out_of_order(diff, "INFORM").text,
            "DIFF at byte 120 of the leader's stream: expected INFORM");
  const Leave left = malformed(diff, {DecodeFault::kTruncated, "zxid", 12, "8 bytes", "3"});
  EXPECT_EQ(left.why, Leave::Why::kMalformed);
  EXPECT_EQ(left.text,
            "DIFF at byte 120 of the leader's stream: zxid at byte 12: expected 8 bytes, found 3");
}

TEST(Types, PhasesHaveZookeepersNames) {
  EXPECT_EQ(to_string(Phase::kSynchronization), "SYNCHRONIZATION");
  EXPECT_EQ(to_string(SyncKind::kTrunc), "TRUNC");
}

}  // namespace
}  // namespace zkprobe::learner
