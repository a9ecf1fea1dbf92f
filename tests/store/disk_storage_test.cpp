#include "store/disk_storage.hpp"

#include <condition_variable>
#include <future>
#include <mutex>

#include "store/directory_fixture.hpp"
#include "store/faulty_file_system.hpp"
#include "store/seat_files.hpp"

namespace zkprobe::store {
namespace {

using peer::StorageDone;
using peer::StorageLane;

// What was completed, in order; waits for it.
class Completions {
 public:
  void add(std::vector<StorageDone> done) {
    const std::lock_guard lock(mutex_);
    for (StorageDone& one : done) all_.push_back(std::move(one));
    changed_.notify_all();
  }
  std::vector<StorageDone> wait(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return all_.size() >= count; });
    return all_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<StorageDone> all_;
};

class Disk : public DirectoryFixture {
 protected:
  // Opens, loads and starts.
  void begin(FileSystem& files) {
    storage.reset();
    completions = std::make_unique<Completions>();
    submitted = 0;
    StorageSettings settings;
    settings.log.preallocate = 4096;
    auto opened = DiskStorage::open(files, paths, settings);
    ASSERT_TRUE(opened) << to_string(opened.error());
    storage = std::move(*opened);
    peer::LoadSink sink;
    const auto loaded = storage->load(sink);
    ASSERT_TRUE(loaded) << to_string(loaded.error());
    last = loaded->last_zxid;
    storage->start([this](auto done) { completions->add(std::move(done)); });
  }
  void submit(peer::StorageOperation operation, StorageLane lane = StorageLane::kLog) {
    ASSERT_TRUE(storage->submit(lane, ++submitted, std::move(operation)));
    storage->begin();
  }
  void submit_snapshot(Zxid zxid, std::int64_t sessions, StorageLane lane) {
    submit(peer::BeginSnapshot{zxid, lane == StorageLane::kLog, ""}, lane);
    const Bytes body = snapshot_body(sessions);
    for (std::size_t at = 0; at < body.size(); at += 20) {
      const BytesView part =
          BytesView(body).subspan(at, std::min<std::size_t>(20, body.size() - at));
      submit(peer::SnapshotChunk{Bytes(part.begin(), part.end())}, lane);
    }
    submit(peer::FinishSnapshot{}, lane);
  }
  std::vector<StorageDone> wait() { return completions->wait(submitted); }
  std::optional<StorageError> first_error() {
    for (const StorageDone& done : wait()) {
      if (done.error) return done.error;
    }
    return std::nullopt;
  }
  Loaded loaded() {
    peer::LoadSink sink;
    auto result = read_directory(disk, paths, {}, sink);
    if (!result) throw std::runtime_error(to_string(result.error()));
    return *result;
  }

  std::unique_ptr<Completions> completions;
  std::unique_ptr<DiskStorage> storage;
  peer::StorageTicket submitted = 0;
  Zxid last;
};

TEST_F(Disk, CompletionsComeInOrderAndAppendsShareTheirSync) {
  put("snapshot.0", snapshot_bytes(0));
  FaultyFileSystem counted;
  begin(counted);
  // The disk is slow: all the others have come when its first synchronisation ends.
  std::promise<void> all_submitted;
  const std::shared_future<void> gate = all_submitted.get_future().share();
  counted.on_sync = [gate] { gate.wait(); };
  for (std::int64_t i = 1; i <= 5000; ++i) submit(peer::AppendTxn{txn_payload(zx(1, i))});
  submit(peer::WriteEpoch{peer::WriteEpoch::Which::kCurrent, PeerEpoch(1)});
  submit(peer::SyncLog{});
  all_submitted.set_value();
  const auto done = wait();
  for (std::size_t i = 0; i < done.size(); ++i) {
    EXPECT_EQ(done[i].ticket, i + 1);
    EXPECT_FALSE(done[i].error);
  }
  EXPECT_LE(counted.syncs, 10u);
  EXPECT_EQ(loaded().last_zxid, zx(1, 5000));
  EXPECT_EQ(to_text(get("currentEpoch")), "1");
  EXPECT_EQ(storage->queued_bytes(StorageLane::kLog), 0u);
}

TEST_F(Disk, ADirectoryBelongsToOneStorage) {
  begin(disk);
  const auto second = DiskStorage::open(disk, paths, {});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, StorageError::Kind::kBusy);
  storage.reset();
  EXPECT_TRUE(DiskStorage::open(disk, paths, {}));
}

TEST_F(Disk, SnapshotsAndLogsInEachOthersDirectoryAreRefused) {
  DataPaths apart{root + "/data", root + "/log"};
  ASSERT_TRUE(DiskStorage::open(disk, apart, {}));
  ASSERT_TRUE(disk.open(apart.logs() + "/snapshot.0", OpenMode::kCreate));
  const auto refused = DiskStorage::open(disk, apart, {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, StorageError::Kind::kRefused);
}

TEST_F(Disk, WithoutASnapshotNothingIsAppended) {
  begin(disk);
  submit(peer::AppendTxn{txn_payload(zx(1, 1))});
  EXPECT_EQ(first_error()->kind, StorageError::Kind::kRefused);
  begin(disk);
  submit_snapshot(Zxid(0), 0, StorageLane::kLog);
  submit(peer::AppendTxn{txn_payload(zx(1, 1))});
  EXPECT_FALSE(first_error());
  EXPECT_EQ(loaded().last_zxid, zx(1, 1));
}

TEST_F(Disk, AnInstalledSnapshotTakesThePlaceOfTheLog) {
  put("snapshot.0", snapshot_bytes(0));
  put("log.100000001", log_bytes({zx(1, 1), zx(1, 2), zx(1, 3)}));
  begin(disk);
  EXPECT_EQ(last, zx(1, 3));
  submit(peer::PrepareCurrentEpoch{PeerEpoch(2)});
  submit_snapshot(zx(1, 2), 5, StorageLane::kLog);
  submit(peer::AppendTxn{txn_payload(zx(1, 3))});
  submit(peer::AppendTxn{txn_payload(zx(2, 1))});
  submit(peer::WriteEpoch{peer::WriteEpoch::Which::kCurrent, PeerEpoch(2)});
  EXPECT_FALSE(first_error());
  EXPECT_EQ(loaded().last_zxid, zx(2, 1));
  EXPECT_EQ(loaded().counts.sessions, 5u);
}

TEST_F(Disk, ASnapshotOfOnesOwnIsWrittenBesideTheLog) {
  put("snapshot.0", snapshot_bytes(0));
  begin(disk);
  submit(peer::AppendTxn{txn_payload(zx(1, 1))});
  submit(peer::RollLog{});
  submit_snapshot(zx(1, 1), 3, StorageLane::kSnapshot);
  submit(peer::AppendTxn{txn_payload(zx(1, 2))});
  submit(peer::PurgeOld{3}, StorageLane::kSnapshot);
  EXPECT_FALSE(first_error());
  EXPECT_EQ(loaded().snapshot->zxid, zx(1, 1));
  EXPECT_EQ(loaded().last_zxid, zx(1, 2));
  EXPECT_TRUE(has("log.100000002"));
}

// Ours was 1:1, 2:1; the leader's history ends at 1:9. What is left of both must not be voted with.
TEST_F(Disk, WhoDiesWhileAHistoryIsReplacedHasNoVote) {
  for (std::size_t call = 1;; ++call) {
    SCOPED_TRACE(call);
    storage.reset();
    std::filesystem::remove_all(root);
    ASSERT_TRUE(disk.make_directory(paths.logs()));
    put("snapshot.0", snapshot_bytes(0));
    put("log.100000001", log_bytes({zx(1, 1), zx(2, 1)}));
    FaultyFileSystem faulty;
    begin(faulty);
    faulty.changes = 0;
    faulty.fail_at = call;
    submit(peer::BeginSnapshot{zx(1, 9), true, "zkprobe.replaced.200000001"});
    submit(peer::SnapshotChunk{snapshot_body(3)});
    submit(peer::FinishSnapshot{});
    const auto error = first_error();
    const bool votes = seat_state(disk, paths).value() == SeatState::kHolds;
    const Zxid end = loaded().last_zxid;
    if (votes) {
      EXPECT_EQ(has("snapshot.100000009"), !has("snapshot.0")) << "one history";
      EXPECT_EQ(end, has("snapshot.0") ? zx(2, 1) : zx(1, 9));
    }
    if (error) continue;
    EXPECT_TRUE(votes);
    EXPECT_EQ(names(), (std::vector<std::string>{"snapshot.100000009"}));
    EXPECT_GT(call, 10u);
    return;
  }
}

TEST_F(Disk, AnAbortedSnapshotLeavesNothing) {
  put("snapshot.0", snapshot_bytes(0));
  begin(disk);
  submit(peer::BeginSnapshot{zx(1, 1), false, ""}, StorageLane::kSnapshot);
  submit(peer::AbortSnapshot{}, StorageLane::kSnapshot);
  EXPECT_FALSE(first_error());
  EXPECT_EQ(names(), (std::vector<std::string>{"snapshot.0"}));
}

TEST_F(Disk, ATruncationIsFollowedByALoadAndByWhatTheLeaderSends) {
  put("snapshot.0", snapshot_bytes(0));
  put("log.100000001", log_bytes({zx(1, 1), zx(1, 2), zx(1, 3)}));
  begin(disk);
  submit(peer::TruncateLog{zx(1, 9)});  // refused, and the storage goes on
  submit(peer::TruncateLog{zx(1, 2)});
  submit(peer::LoadStore{std::make_shared<peer::LoadSink>()});
  submit(peer::AppendTxn{txn_payload(zx(2, 1))});
  const auto done = wait();
  EXPECT_EQ(done[0].error->kind, StorageError::Kind::kRefused);
  for (std::size_t i = 1; i < done.size(); ++i) EXPECT_FALSE(done[i].error);
  EXPECT_EQ(done[2].last_zxid, zx(1, 2));
  EXPECT_EQ(loaded().last_zxid, zx(2, 1));
}

TEST_F(Disk, WhatComesOnTheWrongLaneIsRefused) {
  put("snapshot.0", snapshot_bytes(0));
  const std::pair<StorageLane, peer::StorageOperation> wrong[] = {
      {StorageLane::kSnapshot, peer::AppendTxn{txn_payload(zx(1, 1))}},
      {StorageLane::kSnapshot, peer::TruncateLog{Zxid(0)}},
      {StorageLane::kSnapshot, peer::WriteEpoch{}},
      {StorageLane::kSnapshot, peer::PrepareCurrentEpoch{}},
      {StorageLane::kSnapshot, peer::RollLog{}},
      {StorageLane::kSnapshot, peer::LoadStore{}},
      {StorageLane::kSnapshot, peer::BeginSnapshot{zx(1, 1), true, ""}},
      {StorageLane::kSnapshot, peer::SnapshotChunk{}},
      {StorageLane::kLog, peer::BeginSnapshot{zx(1, 1), false, ""}},
      {StorageLane::kLog, peer::FinishSnapshot{}},
      {StorageLane::kLog, peer::PurgeOld{3}}};
  for (const auto& [lane, operation] : wrong) {
    begin(disk);
    submit(operation, lane);
    ASSERT_TRUE(first_error());
    EXPECT_EQ(first_error()->kind, StorageError::Kind::kRefused);
  }
}

// One voter's day, and the disk fills at every call of it in turn: everything that was completed
// is there, everything later has the same error, and the directory loads and can be gone on with.
TEST_F(Disk, AFailureAtAnyCallLosesNothingThatWasCompleted) {
  for (std::size_t at = 1;; ++at) {
    storage.reset();
    for (const std::string& name : names()) ASSERT_TRUE(disk.remove(path(name)));
    put("snapshot.0", snapshot_bytes(0));
    put("currentEpoch", as_bytes("1"));
    put("acceptedEpoch", as_bytes("1"));
    FaultyFileSystem faulty;
    begin(faulty);
    faulty.changes = 0;
    faulty.fail_at = at;
    submit(peer::AppendTxn{txn_payload(zx(1, 1))});
    submit(peer::AppendTxn{txn_payload(zx(1, 2))});
    submit(peer::TruncateLog{zx(1, 1)});
    submit(peer::WriteEpoch{peer::WriteEpoch::Which::kAccepted, PeerEpoch(2)});
    submit(peer::PrepareCurrentEpoch{PeerEpoch(2)});
    submit_snapshot(zx(2, 4), 1, StorageLane::kLog);
    const std::size_t after_snapshot = submitted;
    submit(peer::AppendTxn{txn_payload(zx(2, 5))});
    submit(peer::WriteEpoch{peer::WriteEpoch::Which::kCurrent, PeerEpoch(2)});
    const auto done = wait();
    storage.reset();
    std::size_t completed = 0;
    while (completed < done.size() && !done[completed].error) ++completed;
    for (std::size_t i = completed; i < done.size(); ++i) {
      EXPECT_EQ(done[i].error, done[completed].error) << at;
    }
    const Zxid end = loaded().last_zxid;
    EXPECT_TRUE(completed < 1 || end >= zx(1, 1)) << at;
    EXPECT_TRUE(completed < after_snapshot || end >= zx(2, 4)) << at;
    EXPECT_TRUE(completed <= after_snapshot || end == zx(2, 5)) << at;
    begin(disk);
    ASSERT_TRUE(storage->load_epochs()) << at << " " << to_string(storage->load_epochs().error());
    submit(peer::AppendTxn{txn_payload(Zxid(last.value == 0 ? zx(1, 1).value : last.value + 1))});
    EXPECT_FALSE(first_error());
    if (completed == done.size()) {
      EXPECT_GT(at, 20u);
      break;
    }
  }
}

}  // namespace
}  // namespace zkprobe::store
