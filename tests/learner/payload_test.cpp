#include "learner/payload.hpp"

#include <gtest/gtest.h>

#include "learner/script.hpp"

namespace zkprobe::learner::test {
namespace {

Incoming incoming(PacketType type, Bytes data) {
  return {packet(type, 0x10000001c, std::move(data)), 0, 0};
}

TEST(Payload, AnActivationIsALeaderAndATransaction) {
  Writer data;
  data.i64(2);
  data.raw(zkprobe::test::read_golden("txn/reconfig.hex"));
  Effects out;
  const auto informed = read_informed(incoming(PacketType::kInformAndActivate, data.take()), out);
  ASSERT_TRUE(informed);
  EXPECT_EQ(informed->designated_leader, Sid(2));
  EXPECT_EQ(informed->txn.header.zxid, Zxid(0x10000001c));
  EXPECT_TRUE(out.empty());
}

TEST(Payload, WhatIsCutIsALeave) {
  const Bytes whole = txn(1);
  for (std::size_t n = 0; n < whole.size(); ++n) {
    Effects out;
    EXPECT_FALSE(read_informed(
        incoming(PacketType::kInform, Bytes(whole.begin(), whole.begin() + static_cast<long>(n))),
        out));
    ASSERT_EQ(out.size(), 1u) << n;
    EXPECT_EQ(std::get<Leave>(out[0]).why, Leave::Why::kMalformed);
  }
}

TEST(Payload, OnlyAReconfigReportsAConfiguration) {
  Effects out;
  report_reconfig(*wire::decode_txn(txn(1)), ConfigSeen::From::kCommitted, std::nullopt, out);
  EXPECT_TRUE(out.empty());
  report_reconfig(*wire::decode_txn(zkprobe::test::read_golden("txn/reconfig.hex")),
                  ConfigSeen::From::kProposal, std::nullopt, out);
  ASSERT_EQ(out.size(), 1u);
  EXPECT_EQ(std::get<ConfigSeen>(out[0]).config->version, ConfigVersion(0x10000001c));
}

}  // namespace
}  // namespace zkprobe::learner::test
