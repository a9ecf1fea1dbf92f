#include "store/log_file_reader.hpp"

#include "store/directory_fixture.hpp"
#include "wire/txn.hpp"

namespace zkprobe::store {
namespace {

struct Read {
  std::vector<Zxid> zxids;
  std::uint64_t end = 0;
  bool torn = false;
  std::optional<StorageError> error;
};

class LogFile : public DirectoryFixture {
 protected:
  Read read(BytesView bytes) {
    put("log.1", bytes);
    Read result;
    auto reader = LogFileReader::open(disk, path("log.1"));
    if (!reader) {
      result.error = reader.error();
      return result;
    }
    while (true) {
      const auto entry = reader->next();
      if (!entry) {
        result.error = entry.error();
        return result;
      }
      if (!*entry) break;
      result.zxids.push_back((*entry)->zxid);
    }
    result.end = reader->end_offset();
    result.torn = reader->torn();
    return result;
  }
};

const std::vector<Zxid> kThree{Zxid(1), Zxid(2), Zxid(3)};

TEST_F(LogFile, ThatAServerWroteIsReadWithItsPadding) {
  const Bytes golden = test::read_golden("store/log.100000001.hex");
  const Read result = read(joined(golden, Bytes(300'000)));
  EXPECT_FALSE(result.error);
  EXPECT_EQ(result.zxids.size(), 29u);
  EXPECT_EQ(result.zxids.back(), Zxid(0x10000001d));
  EXPECT_EQ(result.end, golden.size());
  EXPECT_FALSE(result.torn);
}

// The server died while it wrote: every length that the last entry can have got.
TEST_F(LogFile, EveryTornTailIsTheEnd) {
  const Bytes whole = log_bytes(kThree);
  const std::size_t two = log_bytes({Zxid(1), Zxid(2)}).size();
  for (std::size_t n = two; n < whole.size(); ++n) {
    for (const std::size_t zeros : {0u, 5000u}) {
      const Read result =
          read(joined(Bytes(whole.begin(), whole.begin() + static_cast<int>(n)), Bytes(zeros)));
      ASSERT_FALSE(result.error) << n << ": " << to_string(*result.error);
      EXPECT_EQ(result.zxids.size(), 2u);
      EXPECT_EQ(result.end, two);
    }
  }
}

TEST_F(LogFile, WithoutAWholeHeaderHasNoEntries) {
  const Bytes whole = log_bytes({});
  for (std::size_t n = 0; n < whole.size(); ++n) {
    const Read result = read(BytesView(whole).first(n));
    EXPECT_FALSE(result.error);
    EXPECT_TRUE(result.torn);
  }
  EXPECT_FALSE(read(whole).torn);
}

TEST_F(LogFile, OfAnotherKindIsRefused) {
  const Read result = read(snapshot_bytes(0));
  ASSERT_TRUE(result.error);
  EXPECT_EQ(to_string(*result.error),
            path("log.1") + " at byte 0: magic: expected 5a4b4c47 (ZKLG), found 5a4b534e");
}

TEST_F(LogFile, AWrongChecksumIsRefusedWithItsPlace) {
  Bytes bytes = log_bytes(kThree, 100);
  const std::size_t second = log_bytes({Zxid(1)}).size();
  bytes[second + 20] ^= 1;
  const Read result = read(bytes);
  ASSERT_TRUE(result.error);
  EXPECT_EQ(result.error->kind, StorageError::Kind::kCorrupt);
  EXPECT_EQ(result.error->offset, second);
  EXPECT_EQ(result.zxids.size(), 1u);
}

// Java takes this for the end of the file and goes on without what follows.
TEST_F(LogFile, AWrongEndByteInFrontOfAWholeEntryIsRefused) {
  Bytes bytes = log_bytes(kThree, 100);
  const std::size_t second = log_bytes({Zxid(1)}).size();
  bytes[log_bytes({Zxid(1), Zxid(2)}).size() - 1] = 0;
  const Read result = read(bytes);
  ASSERT_TRUE(result.error);
  EXPECT_EQ(result.error->offset, second);
  EXPECT_NE(result.error->text.find("a whole entry follows"), std::string::npos);
}

TEST_F(LogFile, DataBehindZerosIsRefused) {
  Bytes bytes = log_bytes(kThree, 600'000);
  bytes[bytes.size() - 7] = 1;
  const Read result = read(bytes);
  ASSERT_TRUE(result.error);
  EXPECT_EQ(result.error->offset, bytes.size() - 7);
  // An entry that was zeroed, with another behind it.
  Bytes hole = log_bytes(kThree);
  const std::size_t one = log_bytes({Zxid(1)}).size();
  std::fill(hole.begin() + static_cast<int>(one),
            hole.begin() + static_cast<int>(log_bytes({Zxid(1), Zxid(2)}).size()), std::uint8_t{0});
  EXPECT_TRUE(read(hole).error);
}

TEST_F(LogFile, HostileLengthsAreRefused) {
  for (const std::int32_t length : {-1, wire::kJuteMaxField + 1, 0x7fffffff}) {
    Writer writer;
    writer.raw(log_bytes({Zxid(1)}));
    writer.i64(5);
    writer.i32(length);
    writer.raw(Bytes(100));
    const Read result = read(writer.bytes());
    ASSERT_TRUE(result.error);
    EXPECT_EQ(result.error->offset, log_bytes({Zxid(1)}).size() + 8);
  }
}

TEST_F(LogFile, AnEntryTooShortForAHeaderIsRefused) {
  Writer writer;
  wire::write_log_header(writer);
  wire::write_log_entry(writer, Bytes(31, 1));
  EXPECT_TRUE(read(writer.bytes()).error);
}

TEST_F(LogFile, EntriesLongerThanTheBufferAreReadWhole) {
  Writer writer;
  wire::write_log_header(writer);
  wire::write_log_entry(writer, txn_payload(Zxid(1), 700'000));
  wire::write_log_entry(writer, txn_payload(Zxid(2), 10));
  const Read result = read(writer.bytes());
  EXPECT_FALSE(result.error);
  EXPECT_EQ(result.zxids.size(), 2u);
}

}  // namespace
}  // namespace zkprobe::store
