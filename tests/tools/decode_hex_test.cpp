#include "decode_hex.hpp"

#include <gtest/gtest.h>

#include "capture/build.hpp"

namespace zkprobe::tool {
namespace {

using capture::hex;
using capture::Malformed;
using capture::SeenNotification;
using capture::SeenPacket;

TEST(DecodeHex, TellsTheMessagesApart) {
  EXPECT_EQ(std::get<wire::InitialMessage>(*decode_one(hex("0000000000000003"))).sid, Sid(3));
  const Bytes framed = capture::vote(2);
  EXPECT_EQ(std::get<SeenNotification>(*decode_one(framed)).notification.leader, Sid(2));
  const Bytes bare(framed.begin() + 4, framed.end());
  EXPECT_EQ(std::get<SeenNotification>(*decode_one(bare)).notification.leader, Sid(2));
  EXPECT_EQ(std::get<SeenPacket>(*decode_one(capture::ping(5))).packet.zxid, Zxid(5));
}

TEST(DecodeHex, WhatIsNearlyAMessageSaysWhatItLacks) {
  Bytes packet = capture::ping();
  packet.pop_back();
  const auto cut = decode_one(packet);
  ASSERT_TRUE(cut) << cut.error();
  EXPECT_EQ(std::get<Malformed>(*cut).what, "packet");
  const auto longer = decode_one(capture::joined(capture::ping(), hex("00")));
  ASSERT_TRUE(longer) << longer.error();
  EXPECT_EQ(std::get<Malformed>(*longer).error.offset, 20U);
}

TEST(DecodeHex, WhatIsLikeNoMessageIsRefused) {
  const auto nothing = decode_one(hex("ff"));
  ASSERT_FALSE(nothing);
  EXPECT_EQ(nothing.error().find("1 bytes: expected one greeting"), 0U);
}

}  // namespace
}  // namespace zkprobe::tool
