#include "decode_filter.hpp"

#include <gtest/gtest.h>

namespace zkprobe::tool {
namespace {

using capture::CaptureTime;
using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(DecodeFilter, ATimeIsAMomentOrSinceTheFirstPacket) {
  const CaptureTime start = seconds(1'000);
  EXPECT_EQ(parse_capture_point("1500ms")->at(start), start + milliseconds(1'500));
  EXPECT_EQ(parse_capture_point("2m")->at(start), start + seconds(120));
  EXPECT_EQ(parse_capture_point("60.46s")->at(start), start + milliseconds(60'460));
  EXPECT_EQ(parse_capture_point("0.000000001s")->at(start), start + CaptureTime(1));
  EXPECT_EQ(parse_capture_point("1970-01-02T00:00:00Z")->at(start), seconds(86'400));
  EXPECT_EQ(parse_capture_point("1970-01-01T00:00:01.5Z")->at(start), milliseconds(1'500));
  EXPECT_EQ(parse_capture_point("1970-01-01T00:00:00.000000001Z")->at(start), CaptureTime(1));
  for (const char* wrong :
       {"", "5", "yesterday", "1970-01-02T00:00:00", "1970-13-02T00:00:00Z",
        "1970-01-01T00:00:00.Z", "1970-01-01T00:00:00.1234567891Z", "1970-01-01T00:00:00.5xZ",
        "-5s", "1.5", "1.s", ".5s", "1.5ms", "1.5m", "-1.5s"}) {
    EXPECT_FALSE(parse_capture_point(wrong)) << wrong;
  }
}

TEST(DecodeFilter, AKindIsARecordsOrAPacketsTypeInEitherCase) {
  EXPECT_EQ(parse_kind("notification"), "notification");
  EXPECT_EQ(parse_kind("gap"), "gap");
  EXPECT_EQ(parse_kind("uptodate"), "UPTODATE");
  EXPECT_EQ(parse_kind("Ping"), "PING");
  EXPECT_EQ(parse_kind("UNKNOWN"), std::nullopt);
  EXPECT_EQ(parse_kind(""), std::nullopt);
}

TEST(DecodeFilter, EachConditionMustHold) {
  capture::StreamInfo stream;
  capture::Conversation conversation;
  conversation.stream = &stream;
  conversation.sids[0] = Sid(3);
  capture::SeenPacket packet;
  packet.packet.type = wire::PacketType::kAck;
  const capture::MessageBody body = packet;
  const capture::Message message{conversation, capture::Side::kDialler, {7, seconds(15)}, 0, {},
                                 body};
  const CaptureTime start = seconds(10);
  DecodeFilter filter;
  EXPECT_TRUE(filter.passes(message, start));
  filter.servers = {1, 3};
  filter.kinds = {"ACK", "initial"};
  filter.from = parse_capture_point("5s");
  filter.to = parse_capture_point("5s");
  EXPECT_TRUE(filter.passes(message, start));
  const DecodeFilter all = filter;
  filter.servers = {1};
  EXPECT_FALSE(filter.passes(message, start));
  filter = all;
  filter.kinds = {"PING"};
  EXPECT_FALSE(filter.passes(message, start));
  filter.kinds = {"quorum_packet"};
  EXPECT_TRUE(filter.passes(message, start));
  filter.from = parse_capture_point("5001ms");
  EXPECT_FALSE(filter.passes(message, start));
  filter = all;
  filter.to = parse_capture_point("4999ms");
  EXPECT_FALSE(filter.passes(message, start));
}

}  // namespace
}  // namespace zkprobe::tool
