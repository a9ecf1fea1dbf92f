#include "base/bytes.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "support/fixtures.hpp"

namespace zkprobe {
namespace {

TEST(Reader, ReadsWhatTheWriterWrote) {
  Writer writer;
  writer.u8(0xfe);
  writer.i32(-2);
  writer.i64(std::numeric_limits<std::int64_t>::min());
  writer.text("abc");
  const test::ExactBuffer buffer(writer.bytes());
  Reader reader(buffer.view());
  EXPECT_EQ(reader.u8("a"), 0xfe);
  EXPECT_EQ(reader.i32("b"), -2);
  EXPECT_EQ(reader.i64("c"), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(reader.text(3, "d"), "abc");
  EXPECT_EQ(reader.remaining(), 0U);
  EXPECT_TRUE(reader.ok());
}

TEST(Reader, TheFirstFailureSticks) {
  const test::ExactBuffer buffer(*hex_decode("00000001 0002"));
  Reader reader(buffer.view(), 10);
  EXPECT_EQ(reader.i32("first"), 1);
  EXPECT_EQ(reader.i32("second"), 0);
  EXPECT_EQ(reader.u8("third"), 0);  // two bytes are left, but the reader has failed
  const auto result = reader.finish(5);
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error(), (DecodeError{DecodeFault::kTruncated, "second", 14, "4 bytes", "2"}));
  EXPECT_EQ(to_string(result.error()), "second at byte 14: expected 4 bytes, found 2");
}

TEST(Writer, PatchesALengthWrittenBefore) {
  Writer writer;
  writer.i32(0);
  writer.text("xy");
  writer.patch_i32(0, 2);
  EXPECT_EQ(hex_encode(writer.bytes()), "000000027879");
}

TEST(Hex, RoundTripsAndRefusesHalfBytes) {
  EXPECT_EQ(hex_encode(*hex_decode("00 ff\nAb")), "00ffab");
  EXPECT_FALSE(hex_decode("0").has_value());
  EXPECT_FALSE(hex_decode("0 0").has_value());
  EXPECT_FALSE(hex_decode("zz").has_value());
}

}  // namespace
}  // namespace zkprobe
