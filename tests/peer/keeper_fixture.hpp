// A storage that does nothing until it is told to, and a keeper over it.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <string>
#include <vector>

#include "peer/keeper.hpp"
#include "support/fixtures.hpp"
#include "wire/txn.hpp"

namespace zkprobe::peer::test {

// "append 0x100000001", "epoch accepted 5", ...
std::string describe(const StorageOperation& operation);

class SlowStorage : public Storage {
 public:
  struct Waiting {
    StorageTicket ticket = 0;
    StorageOperation operation;
  };

  bool submit(StorageLane lane, StorageTicket ticket, StorageOperation operation) override {
    log.push_back((lane == StorageLane::kLog ? "" : "beside: ") + describe(operation));
    (lane == StorageLane::kLog ? log_lane : snapshot_lane)
        .push_back({ticket, std::move(operation)});
    return !full;
  }
  void begin() override {}
  std::size_t queued_bytes(StorageLane lane) const override {
    return lane == StorageLane::kLog ? log_bytes : snapshot_bytes;
  }
  std::size_t high_water() const override { return 1000; }

  // What was submitted, one line each, and forgotten.
  std::vector<std::string> take_log() { return std::exchange(log, {}); }

  std::vector<std::string> log;
  std::deque<Waiting> log_lane;
  std::deque<Waiting> snapshot_lane;
  std::size_t log_bytes = 0;
  std::size_t snapshot_bytes = 0;
  bool full = false;
};

wire::Txn create_txn(std::int64_t zxid, const std::string& path);

class KeeperTest : public testing::Test {
 protected:
  explicit KeeperTest(bool has_snapshot = true, std::int64_t last = 0x100000002) {
    Kept kept;
    kept.tree.set_last_zxid(Zxid(last));
    kept.last_zxid = Zxid(last);
    kept.accepted_epoch = PeerEpoch(1);
    kept.current_epoch = PeerEpoch(1);
    kept.has_snapshot = has_snapshot;
    begin(std::move(kept));
  }
  void begin(Kept kept, std::int64_t snap_count = SnapshotSchedule::kSnapCount) {
    Keeper::Settings settings;
    settings.snap_count = snap_count;
    settings.retain = 3;
    keeper.emplace(settings, storage, std::move(kept));
  }

  Keeper::Outcome take(const learner::Effect& effect) { return collect(keeper->take(effect)); }
  // The oldest operation of the lane has been done.
  Keeper::Outcome complete(StorageLane lane = StorageLane::kLog, StorageDone done = {});
  void complete_all();
  // As a PROPOSAL in broadcast: seen, logged, acknowledged.
  void propose(std::int64_t zxid, const std::string& path);
  void commit(std::int64_t zxid, const std::string& path);

  // Zxids of the packets that went out, in order, and forgotten.
  std::vector<std::string> take_sent() { return std::exchange(sent, {}); }

  SlowStorage storage;
  std::optional<Keeper> keeper;
  std::vector<std::string> sent;
  std::vector<std::string> failures;
  std::vector<std::string> leaves;

 private:
  Keeper::Outcome collect(Keeper::Outcome outcome);
};

}  // namespace zkprobe::peer::test
