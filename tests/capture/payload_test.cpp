#include "capture/payload.hpp"

#include <gtest/gtest.h>

#include "build.hpp"

namespace zkprobe::capture {
namespace {

wire::QuorumPacket packet(wire::PacketType type, std::string_view data) {
  wire::QuorumPacket result;
  result.type = type;
  result.data = hex(data);
  return result;
}

TEST(Payload, IsReadByTheTypeOfItsPacket) {
  using wire::PacketType;
  const auto info = decode_payload(packet(PacketType::kFollowerInfo, "000000000000000300010000"));
  EXPECT_EQ(std::get<wire::LearnerInfo>(*info).sid, Sid(3));
  EXPECT_EQ(std::get<LeaderInfo>(*decode_payload(packet(PacketType::kLeaderInfo, "00010000")))
                .protocol_version,
            0x10000);
  EXPECT_EQ(
      std::get<AckEpoch>(*decode_payload(packet(PacketType::kAckEpoch, "ffffffff"))).current_epoch,
      -1);
  EXPECT_EQ(std::get<Activation>(
                *decode_payload(packet(PacketType::kCommitAndActivate, "0000000000000002")))
                .designated_leader,
            Sid(2));
  EXPECT_TRUE(std::get<Sessions>(*decode_payload(packet(PacketType::kPing, ""))).sessions.empty());
  EXPECT_TRUE(std::get<wire::RevalidateAnswer>(
                  *decode_payload(packet(PacketType::kRevalidate, "000000000000000101")))
                  .valid);
  EXPECT_EQ(std::get<wire::SessionTouch>(
                *decode_payload(packet(PacketType::kRevalidate, "000000000000000100007530")))
                .timeout_ms,
            30'000);
}

TEST(Payload, NothingWhereThereIsNoData) {
  wire::QuorumPacket ping;
  EXPECT_TRUE(std::holds_alternative<std::monostate>(*decode_payload(ping)));
  wire::QuorumPacket leader;
  leader.type = wire::PacketType::kNewLeader;
  EXPECT_TRUE(std::holds_alternative<std::monostate>(*decode_payload(leader)));
}

TEST(Payload, SaysWhereItStopsMakingSense) {
  using wire::PacketType;
  for (const PacketType type :
       {PacketType::kProposal, PacketType::kInform, PacketType::kInformAndActivate,
        PacketType::kFollowerInfo, PacketType::kLeaderInfo, PacketType::kAckEpoch,
        PacketType::kCommitAndActivate, PacketType::kPing, PacketType::kRevalidate,
        PacketType::kRequest}) {
    const auto payload = decode_payload(packet(type, "0102030405"));
    ASSERT_FALSE(payload) << wire::to_string(type);
    EXPECT_FALSE(payload.error().expected.empty()) << wire::to_string(type);
  }
}

}  // namespace
}  // namespace zkprobe::capture
