#include "analysis/recording.hpp"

#include <gtest/gtest.h>

namespace zkprobe::analysis {
namespace {

Record packet(wire::PacketType type, Zxid zxid = Zxid()) {
  Record record;
  record.what = What::kPacket;
  record.type = type;
  record.vote.zxid = zxid;
  return record;
}

TEST(Recording, AnAckOfNewLeaderIsNoBroadcast) {
  EXPECT_FALSE(is_broadcast(packet(wire::PacketType::kAck, make_zxid(PeerEpoch(3), 0))));
  EXPECT_TRUE(is_broadcast(packet(wire::PacketType::kAck, make_zxid(PeerEpoch(3), 1))));
  EXPECT_TRUE(is_broadcast(packet(wire::PacketType::kPing)));
  EXPECT_FALSE(is_broadcast(packet(wire::PacketType::kSnap)));
  EXPECT_FALSE(is_broadcast(Record()));
}

TEST(Recording, ARecordWithoutATextHasAnEmptyOne) {
  Recording recording;
  recording.texts = {"one"};
  Record record;
  EXPECT_EQ(recording.text_of(record), "");
  record.text = 0;
  EXPECT_EQ(recording.text_of(record), "one");
}

}  // namespace
}  // namespace zkprobe::analysis
