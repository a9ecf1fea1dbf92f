#include "store/log_cut.hpp"

#include "store/directory_fixture.hpp"
#include "store/directory_reader.hpp"
#include "store/faulty_file_system.hpp"

namespace zkprobe::store {
namespace {

class Cutting : public DirectoryFixture {
 protected:
  void fill() {
    for (const std::string& name : names()) ASSERT_TRUE(disk.remove(path(name)));
    put("snapshot.0", snapshot_bytes(1));
    put("log.100000001", log_bytes({zx(1, 1), zx(1, 2), zx(1, 3)}, 500));
    put("log.100000004", log_bytes({zx(1, 4), zx(1, 5)}, 500));
    put("snapshot.100000004", snapshot_bytes(2));
    put("log.200000001", log_bytes({zx(2, 1)}, 500));
    put("snapshot.200000001", snapshot_bytes(3));
  }
  Zxid last() {
    peer::LoadSink sink;
    const auto loaded = read_directory(disk, paths, {}, sink);
    EXPECT_TRUE(loaded) << to_string(loaded.error());
    return loaded ? loaded->last_zxid : Zxid(-1);
  }
};

TEST_F(Cutting, TheStoreEndsAtEveryZxidOfTheLog) {
  for (const Zxid zxid : {zx(1, 1), zx(1, 2), zx(1, 3), zx(1, 4), zx(1, 5), zx(2, 1)}) {
    fill();
    ASSERT_TRUE(truncate(disk, paths, zxid));
    EXPECT_EQ(last(), zxid);
  }
}

TEST_F(Cutting, AnEmptyLogIsWhatIsLeftAtZero) {
  fill();
  ASSERT_TRUE(truncate(disk, paths, Zxid(0)));
  EXPECT_EQ(last(), Zxid(0));
  EXPECT_EQ(names(), (std::vector<std::string>{"snapshot.0"}));
}

TEST_F(Cutting, AtASnapshotWhoseLogIsGone) {
  fill();
  ASSERT_TRUE(disk.remove(path("log.100000001")));
  put("log.100000004", log_bytes({zx(1, 5)}));
  ASSERT_TRUE(truncate(disk, paths, zx(1, 4)));
  EXPECT_EQ(last(), zx(1, 4));
}

TEST_F(Cutting, AZxidThatIsNotThereIsRefusedAndNothingChanges) {
  fill();
  const auto before = names();
  for (const Zxid zxid : {zx(1, 9), zx(2, 7), zx(1, 0)}) {
    const auto refused = truncate(disk, paths, zxid);
    ASSERT_FALSE(refused) << to_hex(zxid);
    EXPECT_EQ(refused.error().kind, StorageError::Kind::kRefused);
  }
  EXPECT_EQ(names(), before);
  EXPECT_EQ(last(), zx(2, 1));
}

TEST_F(Cutting, WithoutAnOlderSnapshotItIsRefused) {
  fill();
  ASSERT_TRUE(disk.remove(path("snapshot.0")));
  const auto refused = truncate(disk, paths, zx(1, 2));
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().text.find("no snapshot at or before it"), std::string::npos);
  EXPECT_EQ(last(), zx(2, 1));
}

TEST_F(Cutting, AFailureAtAnyCallLeavesAPrefixThatLoads) {
  for (std::size_t at = 1;; ++at) {
    fill();
    FaultyFileSystem faulty;
    faulty.fail_at = at;
    const auto result = truncate(faulty, paths, zx(1, 2));
    const Zxid end = last();
    EXPECT_TRUE(end == zx(2, 1) || end == zx(1, 5) || end == zx(1, 3) || end == zx(1, 2))
        << at << " " << to_hex(end);
    if (result) {
      EXPECT_EQ(end, zx(1, 2));
      EXPECT_GE(at, 8u);
      break;
    }
    // And it can be done again.
    ASSERT_TRUE(truncate(disk, paths, zx(1, 2)));
    EXPECT_EQ(last(), zx(1, 2));
  }
}

// Java repeats what it had (TxnLogReader::next), and began a file in the middle of that.
TEST_F(Cutting, ALogWithRepeatsEndsWhereItShould) {
  for (std::uint32_t last_counter = 1; last_counter <= 12; ++last_counter) {
    for (const std::string& name : names()) ASSERT_TRUE(disk.remove(path(name)));
    put("snapshot.0", snapshot_bytes(1));
    put("log.100000001", log_bytes({zx(1, 1), zx(1, 2), zx(1, 3), zx(1, 4), zx(1, 5), zx(1, 6),
                                    zx(1, 7), zx(1, 8), zx(1, 3), zx(1, 4)},
                                   500));
    put("log.100000005", log_bytes({zx(1, 5), zx(1, 6), zx(1, 7), zx(1, 8), zx(1, 9), zx(1, 10)}));
    put("log.10000000b", log_bytes({zx(1, 11), zx(1, 12)}, 90));
    ASSERT_TRUE(truncate(disk, paths, zx(1, last_counter)));
    EXPECT_EQ(last(), zx(1, last_counter));
  }
}

TEST_F(Cutting, BehindAnInstalledSnapshotNothingIsLeft) {
  fill();
  put("snapshot.100000002", snapshot_bytes(4));
  ASSERT_TRUE(cut_after(disk, paths, zx(1, 2)));
  EXPECT_EQ(last(), zx(1, 2));
  // One whose zxid the log jumps over: the log keeps what is before it.
  fill();
  put("snapshot.100000009", snapshot_bytes(4));
  ASSERT_TRUE(cut_after(disk, paths, zx(1, 9)));
  EXPECT_EQ(last(), zx(1, 9));
  EXPECT_TRUE(has("log.100000004"));
  EXPECT_FALSE(has("log.200000001"));
}

// A store that began with a snapshot, and one of a leader whose history ends before it.
TEST_F(Cutting, BehindAnOlderSnapshotAFailureAtAnyCallLeavesAPrefixThatLoads) {
  for (std::size_t at = 1;; ++at) {
    for (const std::string& name : names()) ASSERT_TRUE(disk.remove(path(name)));
    put("snapshot.100000005", snapshot_bytes(1));
    put("log.100000006", log_bytes({zx(1, 6), zx(1, 7)}, 500));
    put("log.100000008", log_bytes({zx(1, 8)}, 500));
    put("snapshot.100000002", snapshot_bytes(2));
    FaultyFileSystem faulty;
    faulty.fail_at = at;
    const auto result = cut_after(faulty, paths, zx(1, 2));
    const Zxid end = last();
    EXPECT_TRUE(end == zx(1, 8) || end == zx(1, 7) || end == zx(1, 5) || end == zx(1, 2))
        << at << " " << to_hex(end);
    if (!result) continue;
    EXPECT_EQ(names(), (std::vector<std::string>{"snapshot.100000002"}));
    EXPECT_GE(at, 5u);
    return;
  }
}

TEST_F(Cutting, WhatIsSetAsideIsADirectoryLikeAnyOther) {
  for (std::size_t at = 1;; ++at) {
    fill();
    std::filesystem::remove_all(join(paths.data_dir, "aside"));
    put("snapshot.100000002", snapshot_bytes(4));
    FaultyFileSystem faulty;
    faulty.fail_at = at;
    const auto result = set_aside(faulty, paths, zx(1, 2), "aside");
    const Zxid end = last();
    EXPECT_TRUE(end == zx(2, 1) || end == zx(1, 4) || end == zx(1, 2)) << at << to_hex(end);
    if (!result) continue;
    EXPECT_EQ(names(), (std::vector<std::string>{"snapshot.100000002"}));
    peer::LoadSink sink;
    const auto aside = read_directory(disk, DataPaths::in(join(paths.data_dir, "aside")), {}, sink);
    ASSERT_TRUE(aside) << to_string(aside.error());
    EXPECT_EQ(aside->last_zxid, zx(2, 1));
    EXPECT_GE(at, 11u);
    return;
  }
}

}  // namespace
}  // namespace zkprobe::store
