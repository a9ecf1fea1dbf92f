#include "store/seat_files.hpp"

#include "store/directory_fixture.hpp"
#include "store/directory_reader.hpp"
#include "store/disk_storage.hpp"
#include "store/faulty_file_system.hpp"
#include "store/log_cut.hpp"

namespace zkprobe::store {
namespace {

class Seat : public DirectoryFixture {
 protected:
  SeatState state() {
    const auto found = seat_state(disk, paths);
    EXPECT_TRUE(found) << to_string(found.error());
    return found.value_or(SeatState::kEmpty);
  }
  // In dataDir itself.
  void touch(const char* name) {
    auto file = disk.open(join(root, name), OpenMode::kCreate);
    ASSERT_TRUE(file);
  }
  bool there(const char* name) { return disk.exists(join(root, name)).value_or(false); }
};

TEST_F(Seat, AnEmptyDirectoryHasNoVote) {
  EXPECT_EQ(state(), SeatState::kEmpty);
  std::filesystem::remove_all(paths.snapshots());
  EXPECT_EQ(state(), SeatState::kEmpty);
}

TEST_F(Seat, InitializeSaysThatItIsNew) {
  touch("initialize");
  EXPECT_EQ(state(), SeatState::kNew);
}

TEST_F(Seat, AHistoryHasAVoteWhateverInitializeSays) {
  put("snapshot.0", snapshot_bytes(1));
  EXPECT_EQ(state(), SeatState::kHolds);
  touch("initialize");
  EXPECT_EQ(state(), SeatState::kHolds);
}

TEST_F(Seat, ALogAloneIsAHistory) {
  put("log.1", log_bytes({zx(0, 1)}));
  EXPECT_EQ(state(), SeatState::kHolds);
}

TEST_F(Seat, ALogDirectoryOfItsOwnThatIsGoneMakesTheHistoryDoubtful) {
  put("snapshot.100000005", snapshot_bytes(1));
  DataPaths apart = paths;
  apart.data_log_dir = join(root, "logs");
  EXPECT_EQ(seat_state(disk, apart).value(), SeatState::kFilling);
  ASSERT_TRUE(disk.make_directory(apart.logs()));
  EXPECT_EQ(seat_state(disk, apart).value(), SeatState::kFilling);
  EXPECT_EQ(state(), SeatState::kHolds);
  // It is there, and begins anew with the next transaction.
  ASSERT_TRUE(set_aside(disk, apart, zx(1, 5), "zkprobe.replaced.100000009"));
  EXPECT_EQ(seat_state(disk, apart).value(), SeatState::kHolds);
}

// A young ensemble has snapshot.0 and no transaction yet; but a folder for its log.
TEST_F(Seat, AYoungSeatWithoutTheFolderForItsLogHasNoVote) {
  put("snapshot.0", snapshot_bytes(1));
  DataPaths apart = paths;
  apart.data_log_dir = join(root, "logs");
  EXPECT_EQ(seat_state(disk, apart).value(), SeatState::kFilling);
  ASSERT_TRUE(disk.make_directory(apart.logs()));
  EXPECT_EQ(seat_state(disk, apart).value(), SeatState::kHolds);
  put("currentEpoch", as_bytes("1"));
  EXPECT_EQ(seat_state(disk, apart).value(), SeatState::kFilling);
  put("currentEpoch", as_bytes("0"));
  EXPECT_EQ(seat_state(disk, apart).value(), SeatState::kHolds);
  std::filesystem::remove_all(apart.data_log_dir);
  // Whoever opens it makes the folder: that must not be taken for the old one.
  { ASSERT_TRUE(DiskStorage::open(disk, apart, {})); }
  EXPECT_TRUE(disk.exists(apart.logs()).value());
  EXPECT_EQ(seat_state(disk, apart).value(), SeatState::kFilling);
}

TEST_F(Seat, InitializeIsForgottenWhereThereIsAHistory) {
  touch("initialize");
  ASSERT_TRUE(forget_initialize(disk, paths));
  EXPECT_FALSE(there("initialize"));
  EXPECT_TRUE(forget_initialize(disk, paths));
}

TEST_F(Seat, WhatIsBeingFilledHasNoVoteUntilItIsFilled) {
  ASSERT_TRUE(mark_filling(disk, paths));
  EXPECT_EQ(state(), SeatState::kFilling);
  put("snapshot.100000001", snapshot_bytes(1));
  EXPECT_EQ(state(), SeatState::kFilling);
  ASSERT_TRUE(mark_filled(disk, paths));
  EXPECT_EQ(state(), SeatState::kHolds);
}

TEST_F(Seat, ANewOneBeginsWithASnapshotAndThenForgetsInitialize) {
  touch("initialize");
  ASSERT_TRUE(begin_new(disk, paths, snapshot_body(0), {}));
  EXPECT_FALSE(there("initialize"));
  EXPECT_EQ(state(), SeatState::kHolds);
  peer::LoadSink sink;
  const auto loaded = read_directory(disk, paths, {}, sink);
  ASSERT_TRUE(loaded) << to_string(loaded.error());
  EXPECT_EQ(loaded->last_zxid, Zxid(0));
  EXPECT_TRUE(loaded->snapshot);
}

// Wherever it stops, the directory is new still, or holds its first snapshot.
TEST_F(Seat, AFailureAtAnyCallLeavesItNewOrBegun) {
  for (std::size_t call = 1;; ++call) {
    SCOPED_TRACE(call);
    std::filesystem::remove_all(paths.snapshots());
    touch("initialize");
    FaultyFileSystem faulty;
    faulty.fail_at = call;
    const auto begun = begin_new(faulty, paths, snapshot_body(0), {});
    const SeatState after = state();
    EXPECT_TRUE(after == SeatState::kNew || after == SeatState::kHolds);
    if (begun) {
      EXPECT_GT(call, 5u);
      return;
    }
  }
}

}  // namespace
}  // namespace zkprobe::store
