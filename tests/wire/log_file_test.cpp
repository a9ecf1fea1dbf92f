#include "wire/log_file.hpp"

#include <gtest/gtest.h>

#include "support/fixtures.hpp"
#include "wire/txn.hpp"

namespace zkprobe::wire {
namespace {

const Bytes kPayload{'s', 'o', 'm', 'e', 't', 'h', 'i', 'n', 'g'};

Bytes one_entry() {
  Writer writer;
  write_log_entry(writer, kPayload);
  return writer.take();
}

TEST(LogFile, TheGoldenLogIsReadAndWrittenBackByteForByte) {
  const Bytes bytes = test::read_golden("store/log.100000001.hex");
  const auto header = decode_log_header(bytes);
  ASSERT_TRUE(header) << to_string(header.error());
  EXPECT_EQ(*header, (LogHeader{2, 0}));
  Writer again;
  write_log_header(again, *header);
  BytesView rest = BytesView(bytes).subspan(kLogHeaderSize);
  std::size_t entries = 0;
  for (Zxid expected(0x100000001); !rest.empty(); ++expected.value, ++entries) {
    const auto head = decode_log_entry_head(rest);
    ASSERT_TRUE(head && head->entry_size() <= rest.size());
    const test::ExactBuffer exact(rest.first(head->entry_size()));
    const auto payload = read_log_payload(*head, exact.view());
    ASSERT_TRUE(payload && *payload);
    EXPECT_EQ(zxid_of_payload(**payload), expected);
    const auto txn = decode_txn(**payload);
    ASSERT_TRUE(txn);
    write_log_entry(again, encode_txn(*txn));
    rest = rest.subspan(head->entry_size());
  }
  EXPECT_EQ(entries, 29u);
  EXPECT_EQ(hex_encode(again.bytes()), hex_encode(bytes));
}

TEST(LogFile, EveryProperPrefixOfTheHeaderIsTruncated) {
  Writer writer;
  write_log_header(writer);
  for (std::size_t n = 0; n < kLogHeaderSize; ++n) {
    const test::ExactBuffer cut(BytesView(writer.bytes()).first(n));
    const auto header = decode_log_header(cut.view());
    ASSERT_FALSE(header);
    EXPECT_EQ(header.error().fault, DecodeFault::kTruncated);
  }
}

TEST(LogFile, AnotherMagicIsRefused) {
  Bytes bytes = test::read_golden("store/snapshot.3.9.6.hex");
  EXPECT_EQ(to_string(decode_log_header(bytes).error()),
            "magic at byte 0: expected 5a4b4c47 (ZKLG), found 5a4b534e");
}

TEST(LogFile, HostileLengthsAreOutOfRange) {
  for (const std::int32_t length : {-1, -2147483647 - 1, kJuteMaxField + 1, 2147483647}) {
    Writer writer;
    writer.i64(1);
    writer.i32(length);
    const auto head = decode_log_entry_head(writer.bytes(), kJuteMaxField, 100);
    ASSERT_FALSE(head);
    EXPECT_EQ(head.error().fault, DecodeFault::kOutOfRange);
    EXPECT_EQ(head.error().offset, 108u);
  }
}

TEST(LogFile, EveryProperPrefixOfAnEntryIsTruncated) {
  const Bytes bytes = one_entry();
  const auto head = decode_log_entry_head(bytes);
  ASSERT_TRUE(head);
  EXPECT_EQ(head->entry_size(), bytes.size());
  for (std::size_t n = 0; n < bytes.size(); ++n) {
    const test::ExactBuffer cut(BytesView(bytes).first(n));
    const auto payload = read_log_payload(*head, cut.view());
    ASSERT_FALSE(payload);
    EXPECT_EQ(payload.error().fault, DecodeFault::kTruncated);
    EXPECT_EQ(decode_log_entry_head(cut.view()).has_value(), n >= kLogEntryHeadSize);
  }
}

TEST(LogFile, AnyOtherEndByteMeansThatTheEntryIsNotWhole) {
  Bytes bytes = one_entry();
  bytes.back() = 0;
  const auto payload = read_log_payload(*decode_log_entry_head(bytes), bytes);
  ASSERT_TRUE(payload);
  EXPECT_FALSE(*payload);
}

TEST(LogFile, EveryFlippedBitOfThePayloadFailsTheChecksum) {
  const Bytes whole = one_entry();
  for (std::size_t bit = 0; bit < kPayload.size() * 8; ++bit) {
    Bytes bytes = whole;
    bytes[kLogEntryHeadSize + bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
    const auto payload = read_log_payload(*decode_log_entry_head(bytes), bytes, 50);
    ASSERT_FALSE(payload) << bit;
    EXPECT_EQ(payload.error().field, "checksum");
    EXPECT_EQ(payload.error().offset, 50u);
  }
}

TEST(LogFile, APayloadWithoutAWholeHeaderHasNoZxid) {
  EXPECT_EQ(zxid_of_payload(Bytes(kTxnHeaderSize - 1)), std::nullopt);
  EXPECT_EQ(zxid_of_payload(Bytes(kTxnHeaderSize)), Zxid(0));
}

}  // namespace
}  // namespace zkprobe::wire
