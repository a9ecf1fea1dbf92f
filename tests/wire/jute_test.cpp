#include "wire/jute.hpp"

#include <gtest/gtest.h>

#include "support/fixtures.hpp"

namespace zkprobe::wire {
namespace {

Bytes length_only(std::int32_t length) {
  Writer writer;
  writer.i32(length);
  return writer.take();
}

TEST(Jute, ABufferIsALengthAndItsBytes) {
  const test::ExactBuffer bytes(*hex_decode("00000003 010203 ffffffff 00000000"));
  Reader reader(bytes.view());
  EXPECT_EQ(read_buffer(reader, "a"), (Bytes{1, 2, 3}));
  EXPECT_EQ(read_buffer(reader, "b"), std::nullopt);
  EXPECT_EQ(read_buffer(reader, "c"), Bytes{});
  EXPECT_TRUE(reader.ok());
  EXPECT_EQ(reader.remaining(), 0u);
}

TEST(Jute, AStringMayBeNull) {
  const test::ExactBuffer bytes(*hex_decode("00000002 6869 ffffffff"));
  Reader reader(bytes.view());
  EXPECT_EQ(read_ustring(reader, "a"), "hi");
  EXPECT_EQ(read_ustring(reader, "b"), std::nullopt);
  EXPECT_TRUE(reader.ok());
}

TEST(Jute, EveryTruncationOfAStringIsTruncated) {
  const Bytes whole = *hex_decode("00000003 616263");
  for (std::size_t n = 0; n < whole.size(); ++n) {
    const test::ExactBuffer cut(BytesView(whole).first(n));
    Reader reader(cut.view());
    read_ustring(reader, "text");
    ASSERT_FALSE(reader.ok()) << n;
    EXPECT_EQ(reader.error()->fault, DecodeFault::kTruncated) << n;
  }
}

TEST(Jute, LengthsOutsideTheLimitAreRefusedBeforeAnythingIsRead) {
  for (const std::int32_t length : {-2, std::numeric_limits<std::int32_t>::min(), 11,
                                    std::numeric_limits<std::int32_t>::max()}) {
    const test::ExactBuffer bytes(length_only(length));
    Reader reader(bytes.view(), 100);
    EXPECT_EQ(read_buffer(reader, "data", 10), std::nullopt);
    ASSERT_FALSE(reader.ok());
    EXPECT_EQ(reader.error()->fault, DecodeFault::kOutOfRange);
    EXPECT_EQ(reader.error()->offset, 100u);
    EXPECT_EQ(reader.error()->expected, "-1..10");
  }
}

TEST(Jute, TheDefaultLimitIsThatOfJuteMaxBufferAndItsExtraSize) {
  const test::ExactBuffer most(length_only(kJuteMaxField));
  Reader reader(most.view());
  read_buffer(reader, "data");
  EXPECT_EQ(reader.error()->fault, DecodeFault::kTruncated);
  const test::ExactBuffer more(length_only(kJuteMaxField + 1));
  Reader refused(more.view());
  read_buffer(refused, "data");
  EXPECT_EQ(refused.error()->fault, DecodeFault::kOutOfRange);
}

TEST(Jute, AVectorCountThatCannotFitIsRefused) {
  const test::ExactBuffer bytes(*hex_decode("00000003 0000000000000000"));
  Reader fits(bytes.view());
  EXPECT_EQ(read_vector_count(fits, "list", 2), 3);
  Reader too_many(bytes.view());
  EXPECT_EQ(read_vector_count(too_many, "list", 4), 0);
  EXPECT_EQ(too_many.error()->fault, DecodeFault::kOutOfRange);
}

TEST(Jute, AVectorCountOfZeroOrLessIsEmpty) {
  for (const std::int32_t count : {0, -1, -2, std::numeric_limits<std::int32_t>::min()}) {
    const test::ExactBuffer bytes(length_only(count));
    Reader reader(bytes.view());
    EXPECT_EQ(read_vector_count(reader, "list", 4), 0);
    EXPECT_TRUE(reader.ok());
  }
}

TEST(Jute, WhatIsWrittenIsWhatJavaWrites) {
  Writer writer;
  write_bool(writer, true);
  write_bool(writer, false);
  write_buffer(writer, Bytes{7});
  write_buffer(writer, std::nullopt);
  write_ustring(writer, "hi");
  write_ustring(writer, std::nullopt);
  EXPECT_EQ(hex_encode(writer.bytes()), "01000000000107ffffffff000000026869ffffffff");
}

TEST(Jute, AnyByteButZeroIsTrue) {
  const test::ExactBuffer bytes(Bytes{0, 1, 2});
  Reader reader(bytes.view());
  EXPECT_FALSE(read_bool(reader, "a"));
  EXPECT_TRUE(read_bool(reader, "b"));
  EXPECT_TRUE(read_bool(reader, "c"));
}

}  // namespace
}  // namespace zkprobe::wire
