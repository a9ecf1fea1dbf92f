// Every golden packet's line is compared in quorum_packet_test.cpp; here is what none of them has.
#include <gtest/gtest.h>

#include "support/fixtures.hpp"
#include "wire/describe.hpp"

namespace zkprobe::wire {
namespace {

TEST(DescribePacket, APayloadThatCannotBeReadIsSaidSo) {
  QuorumPacket packet{PacketType::kProposal, Zxid(1), Bytes(31), std::nullopt};
  EXPECT_EQ(describe(packet),
            "PROPOSAL zxid=0x1 malformed (31 bytes): type at byte 28: expected 4 bytes, found 3");
  packet = {PacketType::kLeaderInfo, Zxid(1), std::nullopt, std::nullopt};
  EXPECT_EQ(describe(packet),
            "LEADERINFO zxid=0x1 malformed (0 bytes): protocol at byte 0: expected 4 bytes, "
            "found 0 bytes");
}

TEST(DescribePacket, AReconfigForAnObserverNamesTheLeaderAndTheTransaction) {
  Writer data;
  data.i64(2);
  data.raw(test::read_golden("txn/reconfig.hex"));
  const QuorumPacket packet{PacketType::kInformAndActivate, Zxid(0x10000001c), data.take(),
                            std::nullopt};
  EXPECT_EQ(describe(packet),
            "INFORMANDACTIVATE zxid=0x10000001c leader=2 reconfig /zookeeper/config data=191 "
            "version=-1 session=0x20000473cd20000 cxid=20 digest=0x431d86d8d");
}

TEST(DescribePacket, EveryPayloadThatIsCutIsSaidSo) {
  for (int type = 1; type <= 19; ++type) {
    for (const std::size_t size : {1u, 3u, 7u}) {
      const QuorumPacket packet{static_cast<PacketType>(type), Zxid(0), Bytes(size), std::nullopt};
      const std::string text = describe(packet);
      const bool has_payload = text.find(" data=") == std::string::npos;
      EXPECT_EQ(text.find(" malformed (") != std::string::npos, has_payload) << text;
    }
  }
}

}  // namespace
}  // namespace zkprobe::wire
