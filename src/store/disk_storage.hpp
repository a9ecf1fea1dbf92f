// peer::Storage in ZooKeeper's own files, on two threads: the log's and the snapshot's.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "peer/storage.hpp"
#include "store/directory_reader.hpp"
#include "store/epoch_files.hpp"
#include "store/lane.hpp"
#include "store/log_writer.hpp"
#include "store/snapshot_writer.hpp"

namespace zkprobe::store {

struct StorageSettings {
  LogSettings log;
  LoadOptions load;
  std::size_t high_water = 16 * 1'048'576;
  std::size_t max_queued = 128 * 1'048'576;  // of a lane
};

class DiskStorage : public peer::Storage {
 public:
  using Done = std::vector<peer::StorageDone>;
  // Makes the directories, takes their lock and removes what was left unfinished. kBusy where
  // another process has them; kRefused where snapshots and logs lie in each other's directory, as
  // in Java (ZOOKEEPER-2967).
  static Stored<std::unique_ptr<DiskStorage>> open(FileSystem& files, DataPaths paths,
                                                   StorageSettings settings);
  ~DiskStorage() override;
  DiskStorage(const DiskStorage&) = delete;
  DiskStorage& operator=(const DiskStorage&) = delete;

  // Before start(), on the caller's thread: what is there, and with which epochs to begin.
  Stored<Loaded> load(peer::LoadSink& sink);
  Stored<Epochs> load_epochs();
  // `post` is called on one of the two threads with what was completed, and must not call back.
  void start(std::function<void(Done)> post);

  bool submit(peer::StorageLane lane, peer::StorageTicket ticket,
              peer::StorageOperation operation) override;
  void begin() override;
  std::size_t queued_bytes(peer::StorageLane lane) const override;
  std::size_t high_water() const override { return settings_.high_water; }

 private:
  // What one lane's thread alone touches.
  struct Worker {
    peer::StorageLane lane = peer::StorageLane::kLog;
    std::optional<StorageError> failure;
    std::unique_ptr<SnapshotWriter> snapshot;
    bool installs = false;
    std::string sets_aside;
    std::vector<peer::StorageTicket> appended;  // not yet synced
    Done done;                                  // not yet posted
  };

  DiskStorage(FileSystem& files, DataPaths paths, StorageSettings settings)
      : files_(files),
        paths_(std::move(paths)),
        settings_(settings),
        epochs_(files, paths_.snapshots()) {}

  void work(Worker& worker, std::vector<Lane::Item> batch);
  void post(Worker& worker);
  void run(Worker& worker, Lane::Item& item);
  void complete_appended(Worker& worker);
  Stored<void> perform(Worker& worker, peer::StorageDone& done, peer::StorageOperation& operation);

  Stored<void> on(Worker& worker, peer::StorageDone& done, peer::AppendTxn& append);
  Stored<void> on(Worker& worker, peer::StorageDone& done, peer::SyncLog& sync);
  Stored<void> on(Worker& worker, peer::StorageDone& done, peer::RollLog& roll);
  Stored<void> on(Worker& worker, peer::StorageDone& done, peer::WriteEpoch& write);
  Stored<void> on(Worker& worker, peer::StorageDone& done, peer::PrepareCurrentEpoch& prepare);
  Stored<void> on(Worker& worker, peer::StorageDone& done, peer::BeginSnapshot& begin);
  Stored<void> on(Worker& worker, peer::StorageDone& done, peer::SnapshotChunk& chunk);
  Stored<void> on(Worker& worker, peer::StorageDone& done, peer::FinishSnapshot& finish);
  Stored<void> install_aside(SnapshotWriter& writer, const wire::SnapshotSections& sections,
                             const std::string& name);
  Stored<void> on(Worker& worker, peer::StorageDone& done, peer::AbortSnapshot& abort);
  Stored<void> on(Worker& worker, peer::StorageDone& done, peer::TruncateLog& truncate);
  Stored<void> on(Worker& worker, peer::StorageDone& done, peer::LoadStore& load);
  Stored<void> on(Worker& worker, peer::StorageDone& done, peer::PurgeOld& purge);

  FileSystem& files_;
  const DataPaths paths_;
  const StorageSettings settings_;
  std::vector<std::unique_ptr<DirectoryLock>> locks_;
  EpochFiles epochs_;
  std::optional<LogWriter> log_;  // the log's thread, once started
  Zxid last_zxid_;                // before start()
  std::atomic<bool> has_snapshot_{false};
  std::atomic<bool> own_snapshot_{false};  // one's own is being written
  std::mutex old_files_;  // of truncating, installing and purging one at a time does its work
  std::function<void(Done)> post_;
  Worker log_worker_{peer::StorageLane::kLog, {}, {}, false, {}, {}, {}};
  Worker snapshot_worker_{peer::StorageLane::kSnapshot, {}, {}, false, {}, {}, {}};
  std::unique_ptr<Lane> log_lane_;
  std::unique_ptr<Lane> snapshot_lane_;
};

}  // namespace zkprobe::store
