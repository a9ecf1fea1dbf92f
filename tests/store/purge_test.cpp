#include "store/purge.hpp"

#include "store/directory_fixture.hpp"
#include "store/directory_reader.hpp"
#include "store/faulty_file_system.hpp"

namespace zkprobe::store {
namespace {

class Purging : public DirectoryFixture {
 protected:
  // Snapshots at 0, 2, 4, 6 and 8; logs 1-3, 4-6, 7-9.
  void fill() {
    for (const std::string& name : names()) ASSERT_TRUE(disk.remove(path(name)));
    for (std::int64_t i = 0; i <= 8; i += 2) {
      put(file_name(FileKind::kSnapshot, i == 0 ? Zxid(0) : zx(1, i)), snapshot_bytes(i));
    }
    for (std::int64_t i = 1; i <= 7; i += 3) {
      put(file_name(FileKind::kLog, zx(1, i)), log_bytes({zx(1, i), zx(1, i + 1), zx(1, i + 2)}));
    }
    put("currentEpoch", as_bytes("1"));
  }
  // Loads from each kept snapshot to the end.
  void expect_loads() {
    while (true) {
      peer::LoadSink sink;
      const auto loaded = read_directory(disk, paths, {}, sink);
      if (!loaded) break;
      EXPECT_EQ(loaded->last_zxid, zx(1, 9));
      ASSERT_TRUE(disk.remove(loaded->snapshot->path));
      ++bases;
    }
  }
  int bases = 0;
};

TEST_F(Purging, KeepsTheLogsThatTheOldestKeptSnapshotNeeds) {
  fill();
  put("snapshot.100000007", BytesView(snapshot_bytes(1)).first(50));  // never finished
  const auto removed = purge(disk, paths, 3);
  ASSERT_TRUE(removed);
  EXPECT_EQ(*removed, (std::vector<std::string>{path("snapshot.0"), path("snapshot.100000002"),
                                                path("log.100000001")}));
  EXPECT_TRUE(has("currentEpoch"));
  expect_loads();
  EXPECT_EQ(bases, 3);
}

TEST_F(Purging, KeepsThreeWhateverIsAskedForAndAllWhenThereAreFewer) {
  fill();
  ASSERT_TRUE(purge(disk, paths, 0));
  expect_loads();
  EXPECT_EQ(bases, 3);
  fill();
  EXPECT_TRUE(purge(disk, paths, 9)->empty());
  EXPECT_EQ(names().size(), 9u);
}

TEST_F(Purging, AFailureAtAnyCallLeavesADirectoryThatLoads) {
  for (std::size_t at = 1;; ++at) {
    fill();
    FaultyFileSystem faulty;
    faulty.fail_at = at;
    const bool done = purge(faulty, paths, 3).has_value();
    bases = 0;
    expect_loads();
    EXPECT_GE(bases, 3) << at;
    if (done) break;
  }
}

TEST_F(Purging, WhatAnEarlierRunLeftUnfinishedIsRemoved) {
  fill();
  put("tmp.snapshot.9", {});
  put("tmp.log.9", {});
  put("tmp.other", {});
  ASSERT_TRUE(remove_unfinished(disk, paths));
  EXPECT_FALSE(has("tmp.snapshot.9"));
  EXPECT_FALSE(has("tmp.log.9"));
  EXPECT_TRUE(has("tmp.other"));
}

// As Java leaves it where the disk is full; behind a newer log it would not start any more.
TEST_F(Purging, AnEmptyLastLogIsRemoved) {
  fill();
  const auto before = names();
  put("log.900000001", {});
  ASSERT_TRUE(remove_unfinished(disk, paths));
  EXPECT_EQ(names(), before);
  put("log.900000001", BytesView(log_bytes({})).first(15));
  ASSERT_TRUE(remove_unfinished(disk, paths));
  EXPECT_EQ(names(), before);
  put("log.900000001", log_bytes({}));
  ASSERT_TRUE(remove_unfinished(disk, paths));
  EXPECT_TRUE(has("log.900000001"));
}

}  // namespace
}  // namespace zkprobe::store
