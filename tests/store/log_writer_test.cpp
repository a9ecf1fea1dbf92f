#include "store/log_writer.hpp"

#include "store/directory_fixture.hpp"
#include "store/faulty_file_system.hpp"
#include "store/txn_log_reader.hpp"

namespace zkprobe::store {
namespace {

class Writing : public DirectoryFixture {
 protected:
  Stored<std::vector<Zxid>> logged() {
    auto reader = TxnLogReader::open(disk, paths.logs(), Zxid(0));
    if (!reader) return StorageFailure(reader.error());
    std::vector<Zxid> zxids;
    while (true) {
      const auto entry = reader->next();
      if (!entry) return StorageFailure(entry.error());
      if (!*entry) return zxids;
      zxids.push_back((*entry)->zxid);
    }
  }
  std::vector<Zxid> up_to(std::int64_t last) {
    std::vector<Zxid> zxids;
    for (std::int64_t i = 1; i <= last; ++i) zxids.push_back(zx(1, i));
    return zxids;
  }
};

// The payloads of a server's log, appended one by one, come to the same file, padding counted.
TEST_F(Writing, AServersLogIsWrittenByteForByte) {
  const Bytes golden = test::read_golden("store/log.100000001.hex");
  LogWriter writer(disk, paths.logs(), Zxid(0));
  BytesView rest = BytesView(golden).subspan(wire::kLogHeaderSize);
  while (!rest.empty()) {
    const auto head = wire::decode_log_entry_head(rest);
    ASSERT_TRUE(writer.append(rest.subspan(wire::kLogEntryHeadSize, head->length)));
    ASSERT_TRUE(writer.sync());
    rest = rest.subspan(head->entry_size());
  }
  EXPECT_EQ(names(), (std::vector<std::string>{"log.100000001"}));
  auto file = disk.open(path("log.100000001"), OpenMode::kRead);
  EXPECT_EQ((*file)->size(), 67'108'880u);  // as the server's
  Bytes front(golden.size() + 4096);
  ASSERT_EQ((*file)->read_at(0, front), front.size());
  EXPECT_EQ(hex_encode(front), hex_encode(joined(golden, Bytes(4096))));
  EXPECT_EQ(logged()->size(), 29u);
}

TEST(Padding, GrowsAsInJava) {
  EXPECT_EQ(padded_size(16, 16, 65536), 65552u);
  EXPECT_EQ(padded_size(1000, 65552, 65536), 65552u);
  EXPECT_EQ(padded_size(61456, 65552, 65536), 131088u);
  EXPECT_EQ(padded_size(70000, 65552, 65536), 131072u);
  EXPECT_EQ(padded_size(70000, 65552, 0), 65552u);
}

TEST_F(Writing, NothingIsThereBeforeTheSyncAndAllOfItAfter) {
  LogWriter writer(disk, paths.logs(), Zxid(0), {.preallocate = 65536});
  for (std::int64_t i = 1; i <= 20; ++i) ASSERT_TRUE(writer.append(txn_payload(zx(1, i), 9000)));
  EXPECT_EQ(logged().value(), std::vector<Zxid>());
  EXPECT_EQ(writer.last_appended(), zx(1, 20));
  EXPECT_EQ(writer.last_synced(), Zxid(0));
  EXPECT_GT(writer.unsynced_bytes(), 180'000u);
  ASSERT_TRUE(writer.sync());
  EXPECT_EQ(logged().value(), up_to(20));
  EXPECT_EQ(writer.last_synced(), zx(1, 20));
  EXPECT_EQ(writer.unsynced_bytes(), 0u);
}

TEST_F(Writing, ManyAppendsShareOneSync) {
  FaultyFileSystem counted;
  LogWriter writer(counted, paths.logs(), Zxid(0));
  ASSERT_TRUE(writer.append(txn_payload(zx(1, 1))));
  ASSERT_TRUE(writer.sync());
  const std::size_t before = counted.syncs;
  for (std::int64_t i = 2; i <= 1000; ++i) ASSERT_TRUE(writer.append(txn_payload(zx(1, i))));
  ASSERT_TRUE(writer.sync());
  EXPECT_EQ(counted.syncs, before + 1);
  ASSERT_TRUE(writer.sync());
  EXPECT_EQ(counted.syncs, before + 1);
}

TEST_F(Writing, AnEntryLongerThanThePaddingIsReadBack) {
  LogWriter writer(disk, paths.logs(), Zxid(0), {.preallocate = 4096});
  ASSERT_TRUE(writer.append(txn_payload(zx(1, 1), 1'500'000)));
  ASSERT_TRUE(writer.append(txn_payload(zx(1, 2), 10)));
  ASSERT_TRUE(writer.sync());
  EXPECT_EQ(logged().value(), up_to(2));
}

TEST_F(Writing, RollsOnRequestAndAtTheSizeLimit) {
  LogWriter writer(disk, paths.logs(), Zxid(0), {.preallocate = 0, .size_limit = 300});
  ASSERT_TRUE(writer.append(txn_payload(zx(1, 1))));
  ASSERT_TRUE(writer.roll());
  for (std::int64_t i = 2; i <= 3; ++i) {
    ASSERT_TRUE(writer.append(txn_payload(zx(1, i), 300)));
    ASSERT_TRUE(writer.sync());
  }
  EXPECT_EQ(names(), (std::vector<std::string>{"log.100000001", "log.100000002", "log.100000003"}));
  EXPECT_EQ(logged().value(), up_to(3));
}

TEST_F(Writing, AStartNeverWritesToWhatIsThere) {
  put("log.100000001", log_bytes({zx(1, 1), zx(1, 2)}));
  LogWriter writer(disk, paths.logs(), zx(1, 2), {.preallocate = 4096});
  ASSERT_TRUE(writer.append(txn_payload(zx(1, 3))));
  ASSERT_TRUE(writer.sync());
  EXPECT_TRUE(has("log.100000003"));
  EXPECT_EQ(logged().value(), up_to(3));
}

TEST_F(Writing, WhatDoesNotFollowIsRefusedAndNothingElseChanges) {
  LogWriter writer(disk, paths.logs(), zx(1, 4));
  for (const Zxid zxid : {zx(1, 4), zx(1, 6), zx(0, 5), zx(2, 2)}) {
    const auto refused = writer.append(txn_payload(zxid));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, StorageError::Kind::kRefused);
  }
  EXPECT_FALSE(writer.append(Bytes(31)));
  EXPECT_FALSE(writer.append(Bytes(wire::kJuteMaxField + 1)));
  EXPECT_FALSE(writer.failed());
  EXPECT_TRUE(writer.append(txn_payload(zx(1, 5))));
  EXPECT_TRUE(writer.append(txn_payload(zx(2, 1))));
  LogWriter lax(disk, paths.logs(), zx(1, 4), {.allow_gaps = true});
  EXPECT_TRUE(lax.append(txn_payload(zx(1, 9))));
  EXPECT_FALSE(lax.append(txn_payload(zx(1, 9))));
}

// The disk fills, or breaks, at every call in turn: what was synced is there, what is there is a
// prefix of what was appended, and the next start goes on from it.
TEST_F(Writing, AFailureAtAnyCallLosesNothingThatWasSynced) {
  for (const bool once : {false, true}) {
    for (std::size_t at = 1;; ++at) {
      for (const std::string& name : names()) ASSERT_TRUE(disk.remove(path(name)));
      FaultyFileSystem faulty;
      faulty.fail_at = at;
      faulty.once = once;
      std::optional<StorageError> error;
      std::int64_t synced = 0;
      {
        LogWriter writer(faulty, paths.logs(), Zxid(0), {.preallocate = 4096});
        for (std::int64_t i = 1; i <= 9 && !error; ++i) {
          auto result = writer.append(txn_payload(zx(1, i), 1000));
          if (result && i % 3 == 0) {
            result = i == 6 ? writer.roll() : writer.sync();
            if (result) synced = i;
          }
          if (!result) error = result.error();
        }
        EXPECT_EQ(writer.failed(), error.has_value());
        if (error) {
          EXPECT_EQ(writer.append(txn_payload(zx(1, 50))).error(), *error);
          EXPECT_EQ(writer.sync().error(), *error);
          EXPECT_EQ(counter_of(writer.last_synced()), synced);
        }
      }
      const auto found = logged();
      ASSERT_TRUE(found) << at << " " << faulty.failed_call << ": " << to_string(found.error());
      ASSERT_GE(static_cast<std::int64_t>(found->size()), synced) << at;
      EXPECT_EQ(*found, up_to(static_cast<std::int64_t>(found->size())));
      // Java takes no file without a header.
      for (const std::string& name : names()) {
        EXPECT_TRUE(!name.starts_with("log.") || get(name).size() >= wire::kLogHeaderSize);
      }
      const Zxid last = found->empty() ? Zxid(0) : found->back();
      LogWriter next(disk, paths.logs(), last, {.preallocate = 4096});
      ASSERT_TRUE(next.append(txn_payload(zx(1, counter_of(last) + 1))));
      ASSERT_TRUE(next.sync());
      EXPECT_EQ(logged()->size(), found->size() + 1);
      if (!error) {
        EXPECT_GT(at, 15u);
        break;
      }
      EXPECT_FALSE(error->file.empty());
    }
  }
}

}  // namespace
}  // namespace zkprobe::store
