#include "wire/quorum_packet.hpp"

#include <gtest/gtest.h>

#include "support/fixtures.hpp"
#include "wire/describe.hpp"
#include "wire/golden_line.hpp"
#include "wire/jute.hpp"

namespace zkprobe::wire {
namespace {

std::vector<std::string> packets() {
  std::vector<std::string> names;
  for (const std::string& name : test::list_fixtures("wire")) {
    if (name.starts_with("wire/qp.")) names.push_back(name);
  }
  return names;
}

class GoldenPacket : public testing::TestWithParam<std::string> {};

TEST_P(GoldenPacket, IsReadWhole) {
  const test::ExactBuffer bytes(test::read_golden(GetParam()));
  const auto decoded = decode_packet(bytes.view());
  ASSERT_TRUE(decoded) << to_string(decoded.error());
  ASSERT_TRUE(*decoded);
  EXPECT_EQ((*decoded)->size, bytes.view().size());
}

TEST_P(GoldenPacket, IsWrittenByteForByte) {
  const Bytes bytes = test::read_golden(GetParam());
  EXPECT_EQ(hex_encode(encode((*decode_packet(bytes))->packet)), hex_encode(bytes));
}

TEST_P(GoldenPacket, IsDescribedInOneLine) {
  const Bytes bytes = test::read_golden(GetParam());
  EXPECT_EQ(describe((*decode_packet(bytes))->packet), test::golden_line(GetParam()));
}

TEST_P(GoldenPacket, NeedsMoreBytesAtEveryTruncation) {
  const Bytes bytes = test::read_golden(GetParam());
  for (std::size_t n = 0; n < bytes.size(); ++n) {
    const test::ExactBuffer cut(BytesView(bytes).first(n));
    const auto decoded = decode_packet(cut.view());
    ASSERT_TRUE(decoded) << n << ": " << to_string(decoded.error());
    EXPECT_FALSE(*decoded) << n;
  }
}

TEST_P(GoldenPacket, LeavesTheByteAfterItAlone) {
  Bytes bytes = test::read_golden(GetParam());
  const std::size_t size = bytes.size();
  bytes.push_back(0xff);
  const test::ExactBuffer longer(bytes);
  EXPECT_EQ((*decode_packet(longer.view()))->size, size);
}

INSTANTIATE_TEST_SUITE_P(Fixtures, GoldenPacket, testing::ValuesIn(packets()),
                         [](const testing::TestParamInfo<std::string>& param) {
                           std::string name = param.param.substr(8, param.param.size() - 12);
                           for (char& c : name) {
                             if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
                           }
                           return name;
                         });

// type zxid, then what is given.
Bytes packet_with(std::string_view tail) {
  return *hex_decode("00000002 0000000100000001" + std::string(tail));
}

TEST(QuorumPacket, ADataLengthOutsideTheLimitEndsTheStream) {
  for (const char* length : {"fffffffe", "80000000", "001fffff", "7fffffff"}) {
    const test::ExactBuffer bytes(packet_with(length));
    const auto decoded = decode_packet(bytes.view());
    ASSERT_FALSE(decoded) << length;
    EXPECT_EQ(decoded.error().fault, DecodeFault::kOutOfRange);
    EXPECT_EQ(decoded.error().field, "data");
    EXPECT_EQ(decoded.error().offset, 12u);
  }
}

TEST(QuorumPacket, TheLargestDataIsWaitedFor) {
  const test::ExactBuffer bytes(packet_with("001ffffe"));
  const auto decoded = decode_packet(bytes.view());
  ASSERT_TRUE(decoded);
  EXPECT_FALSE(*decoded);
}

TEST(QuorumPacket, MoreIdentitiesThanTheLimitEndTheStream) {
  const test::ExactBuffer bytes(packet_with("ffffffff 00000401"));
  const auto decoded = decode_packet(bytes.view());
  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.error().field, "authinfo");
  EXPECT_EQ(decoded.error().offset, 16u);
}

TEST(QuorumPacket, IdentitiesWithoutEndEndTheStream) {
  // Two identities of the largest size are within their own limits, but not both together.
  Writer writer;
  writer.raw(packet_with("ffffffff 00000400"));
  for (int i = 0; i < 3; ++i) {
    writer.i32(kJuteMaxField);
    writer.raw(Bytes(kJuteMaxField));
  }
  const test::ExactBuffer bytes(writer.bytes());
  const auto decoded = decode_packet(bytes.view());
  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.error().field, "packet");
  EXPECT_TRUE(decode_packet(bytes.view().first(kMaxPacket - 1)));
}

TEST(QuorumPacket, AnEmptyListOfIdentitiesIsNotNull) {
  const Bytes bytes = packet_with("ffffffff 00000000");
  const auto decoded = decode_packet(bytes);
  EXPECT_EQ((*decoded)->packet.authinfo, std::vector<AuthId>{});
  EXPECT_EQ(encode((*decoded)->packet), bytes);
}

TEST(QuorumPacket, ANumberThatNoConstantNamesIsKept) {
  const auto decoded = decode_packet(*hex_decode("00000063 0000000000000000 ffffffff ffffffff"));
  ASSERT_TRUE(*decoded);
  EXPECT_EQ(to_string((*decoded)->packet.type), "UNKNOWN");
  EXPECT_EQ(describe((*decoded)->packet), "UNKNOWN(99) zxid=0x0");
}

}  // namespace
}  // namespace zkprobe::wire
