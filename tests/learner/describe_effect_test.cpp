// Most lines are compared by the conversations of the other tests; here are those that none has.
#include <gtest/gtest.h>

#include "learner/types.hpp"

namespace zkprobe::learner {
namespace {

TEST(DescribeEffect, EveryEffectIsOneLine) {
  EXPECT_EQ(describe(PacketSeen{wire::PacketType::kSnap, Zxid(5), 20}),
            "packet SNAP zxid=0x5 bytes=20");
  EXPECT_EQ(describe(PersistEpoch{PersistEpoch::Which::kCurrent, PeerEpoch(3)}),
            "persist currentEpoch 3");
  EXPECT_EQ(describe(Revalidated{0x10, false}), "revalidated 0x10 expired");
  EXPECT_EQ(describe(ConfigSeen{}), "config with NEWLEADER: unreadable");
  wire::SnapshotCounts counts;
  counts.nodes = 3;
  counts.bytes = 99;
  EXPECT_EQ(describe(SnapshotProgress{counts, false}), "snapshot nodes=3 bytes=99");
}

}  // namespace
}  // namespace zkprobe::learner
