#include "store/disk_storage.hpp"

#include "store/log_cut.hpp"
#include "store/purge.hpp"
#include "store/seat_files.hpp"

namespace zkprobe::store {
namespace {

using peer::StorageLane;

// LogDirContentCheckException, SnapDirContentCheckException.
Stored<void> check_apart(FileSystem& files, const DataPaths& paths) {
  if (paths.snapshots() == paths.logs()) return {};
  const auto check = [&files](const std::string& directory, FileKind wrong,
                              const char* text) -> Stored<void> {
    const auto found = list_files(files, directory, wrong);
    if (!found) return StorageFailure(found.error());
    if (!found->empty()) return refused(found->front().path, text);
    return {};
  };
  auto result = check(paths.logs(), FileKind::kSnapshot,
                      "a snapshot in the directory of the logs: check dataDir and dataLogDir");
  if (result) {
    result = check(paths.snapshots(), FileKind::kLog,
                   "a log in the directory of the snapshots: check dataDir and dataLogDir");
  }
  return result;
}

// Snapshots, and a dataLogDir that no server has ever written to: it is not mounted, or a new disk.
// Marked before its folder is made, or the next start would take the directory for a whole one.
Stored<void> mark_if_log_is_lost(FileSystem& files, const DataPaths& paths) {
  if (paths.snapshots() == paths.logs()) return {};
  const auto made = files.exists(paths.logs());
  if (!made) return StorageFailure(made.error());
  const auto snapshots = list_files(files, paths.snapshots(), FileKind::kSnapshot);
  if (!snapshots) return StorageFailure(snapshots.error());
  return *made || snapshots->empty() ? Stored<void>() : mark_filling(files, paths);
}

}  // namespace

Stored<std::unique_ptr<DiskStorage>> DiskStorage::open(FileSystem& files, DataPaths paths,
                                                       StorageSettings settings) {
  std::unique_ptr<DiskStorage> storage(new DiskStorage(files, std::move(paths), settings));
  const DataPaths& at = storage->paths_;
  std::vector<std::string> directories{at.snapshots()};
  if (at.logs() != at.snapshots()) directories.push_back(at.logs());
  for (const std::string& directory : directories) {
    auto made = directory == at.snapshots() ? Stored<void>() : mark_if_log_is_lost(files, at);
    if (made) made = files.make_directory(directory);
    if (!made) return StorageFailure(made.error());
    auto lock = files.lock(directory);
    if (!lock) return StorageFailure(lock.error());
    storage->locks_.push_back(std::move(*lock));
  }
  auto ready = check_apart(files, at);
  if (ready) ready = remove_unfinished(files, at);
  if (!ready) return StorageFailure(ready.error());
  return storage;
}

DiskStorage::~DiskStorage() {
  log_lane_.reset();
  snapshot_lane_.reset();
}

Stored<Loaded> DiskStorage::load(peer::LoadSink& sink) {
  auto loaded = read_directory(files_, paths_, settings_.load, sink);
  if (loaded) {
    last_zxid_ = loaded->last_zxid;
    has_snapshot_ = loaded->snapshot.has_value();
  }
  return loaded;
}

Stored<Epochs> DiskStorage::load_epochs() {
  return store::load_epochs(files_, paths_.snapshots(), last_zxid_);
}

void DiskStorage::start(std::function<void(Done)> post) {
  post_ = std::move(post);
  log_.emplace(files_, paths_.logs(), last_zxid_, settings_.log);
  const auto lane = [this](Worker& worker) {
    return std::make_unique<Lane>(
        [this, &worker](std::vector<Lane::Item> batch) { work(worker, std::move(batch)); },
        settings_.max_queued, [this, &worker] { this->post(worker); });
  };
  log_lane_ = lane(log_worker_);
  snapshot_lane_ = lane(snapshot_worker_);
}

bool DiskStorage::submit(StorageLane lane, peer::StorageTicket ticket,
                         peer::StorageOperation operation) {
  Lane& to = lane == StorageLane::kLog ? *log_lane_ : *snapshot_lane_;
  return to.push({ticket, std::move(operation), 0});
}

void DiskStorage::begin() {
  log_lane_->begin();
  snapshot_lane_->begin();
}

std::size_t DiskStorage::queued_bytes(StorageLane lane) const {
  return (lane == StorageLane::kLog ? log_lane_ : snapshot_lane_)->bytes();
}

void DiskStorage::work(Worker& worker, std::vector<Lane::Item> batch) {
  for (Lane::Item& item : batch) run(worker, item);
  complete_appended(worker);
}

// When queued_bytes() no longer counts the batch: who waits for room looks there now, and is not
// told again.
void DiskStorage::post(Worker& worker) {
  if (worker.done.empty()) return;
  Done done;
  done.swap(worker.done);
  post_(std::move(done));
}

void DiskStorage::run(Worker& worker, Lane::Item& item) {
  const bool append = std::holds_alternative<peer::AppendTxn>(item.operation);
  const bool forgiven = std::holds_alternative<peer::PurgeOld>(item.operation);
  const bool truncate = std::holds_alternative<peer::TruncateLog>(item.operation);
  // What was appended before comes first: on the disk, and in the order of completions.
  if (!append) complete_appended(worker);
  peer::StorageDone done;
  done.lane = worker.lane;
  done.ticket = item.ticket;
  if (worker.failure) {
    done.error = worker.failure;
  } else if (const auto result = perform(worker, done, item.operation); !result) {
    if (append) complete_appended(worker);
    const bool refusal = truncate && result.error().kind == StorageError::Kind::kRefused;
    if (!forgiven && !refusal && !worker.failure) worker.failure = result.error();
    done.error = result.error();
  } else if (append) {
    worker.appended.push_back(item.ticket);
    return;
  }
  worker.done.push_back(std::move(done));
}

// One fsync for all that was appended since the last one.
void DiskStorage::complete_appended(Worker& worker) {
  if (worker.appended.empty()) return;
  const auto synced = log_->sync();
  if (!synced && !worker.failure) worker.failure = synced.error();
  for (const peer::StorageTicket ticket : worker.appended) {
    peer::StorageDone done;
    done.lane = worker.lane;
    done.ticket = ticket;
    if (!synced) done.error = synced.error();
    worker.done.push_back(std::move(done));
  }
  worker.appended.clear();
}

Stored<void> DiskStorage::perform(Worker& worker, peer::StorageDone& done,
                                  peer::StorageOperation& operation) {
  return std::visit([&](auto& alternative) { return on(worker, done, alternative); }, operation);
}

Stored<void> DiskStorage::on(Worker& worker, peer::StorageDone&, peer::AppendTxn& append) {
  if (worker.lane != StorageLane::kLog) return refused(paths_.logs(), "append: the other lane");
  if (!has_snapshot_) {
    return refused(paths_.snapshots(),
                   "no snapshot yet: no server since 3.5.3 starts on a log alone; write one first");
  }
  return log_->append(append.payload);
}

// The appends before it were completed, or failed, already.
Stored<void> DiskStorage::on(Worker&, peer::StorageDone&, peer::SyncLog&) { return {}; }

Stored<void> DiskStorage::on(Worker& worker, peer::StorageDone&, peer::RollLog&) {
  if (worker.lane != StorageLane::kLog) return refused(paths_.logs(), "roll: the other lane");
  return log_->roll();
}

Stored<void> DiskStorage::on(Worker& worker, peer::StorageDone&, peer::WriteEpoch& write) {
  if (worker.lane != StorageLane::kLog) return refused(paths_.logs(), "epoch: the other lane");
  const bool accepted = write.which == peer::WriteEpoch::Which::kAccepted;
  return epochs_.write(accepted ? EpochKind::kAccepted : EpochKind::kCurrent, write.epoch);
}

Stored<void> DiskStorage::on(Worker& worker, peer::StorageDone&,
                             peer::PrepareCurrentEpoch& prepare) {
  if (worker.lane != StorageLane::kLog) return refused(paths_.logs(), "epoch: the other lane");
  return epochs_.prepare_current(prepare.epoch);
}

Stored<void> DiskStorage::on(Worker& worker, peer::StorageDone&, peer::BeginSnapshot& begin) {
  if (begin.installs != (worker.lane == StorageLane::kLog)) {
    return refused(paths_.snapshots(), "snapshot: the other lane");
  }
  worker.snapshot.reset();
  auto writer = SnapshotWriter::create(files_, paths_.snapshots(), begin.zxid);
  if (!writer) return StorageFailure(writer.error());
  worker.snapshot = std::move(*writer);
  worker.installs = begin.installs;
  worker.sets_aside = begin.sets_aside;
  if (!begin.installs) own_snapshot_ = true;
  return {};
}

Stored<void> DiskStorage::on(Worker& worker, peer::StorageDone&, peer::SnapshotChunk& chunk) {
  if (!worker.snapshot) return refused(paths_.snapshots(), "a chunk of no snapshot");
  return worker.snapshot->write(chunk.bytes);
}

Stored<void> DiskStorage::on(Worker& worker, peer::StorageDone&, peer::FinishSnapshot& finish) {
  if (!worker.snapshot) return refused(paths_.snapshots(), "the end of no snapshot");
  if (worker.installs && own_snapshot_) {
    return refused(paths_.snapshots(), "install while a snapshot is written: abort it first");
  }
  const std::lock_guard lock(old_files_);
  const std::unique_ptr<SnapshotWriter> writer = std::move(worker.snapshot);
  if (worker.installs && !worker.sets_aside.empty()) {
    return install_aside(*writer, finish.sections, worker.sets_aside);
  }
  if (!worker.installs) own_snapshot_ = false;
  const auto path = writer->finish(finish.sections);
  if (!path) return StorageFailure(path.error());
  has_snapshot_ = true;
  if (!worker.installs) return {};
  // The snapshot first: a server that dies in between has what it had before.
  log_->restart(writer->zxid());
  return cut_after(files_, paths_, writer->zxid(), settings_.log.max_payload);
}

// In between two histories stand in one directory, which may even look like one: whoever dies there
// has no vote, and is filled.
Stored<void> DiskStorage::install_aside(SnapshotWriter& writer,
                                        const wire::SnapshotSections& sections,
                                        const std::string& name) {
  const auto filling = files_.exists(join(paths_.data_dir, kFillingName));
  if (!filling) return StorageFailure(filling.error());
  auto result = *filling ? Stored<void>() : mark_filling(files_, paths_);
  if (!result) return result;
  const auto path = writer.finish(sections);
  if (!path) return StorageFailure(path.error());
  has_snapshot_ = true;
  log_->restart(writer.zxid());
  result = set_aside(files_, paths_, writer.zxid(), name);
  return result && !*filling ? mark_filled(files_, paths_) : result;
}

Stored<void> DiskStorage::on(Worker& worker, peer::StorageDone&, peer::AbortSnapshot&) {
  worker.snapshot.reset();
  if (worker.lane == StorageLane::kSnapshot) own_snapshot_ = false;
  return {};
}

Stored<void> DiskStorage::on(Worker& worker, peer::StorageDone& done, peer::TruncateLog& truncate) {
  if (worker.lane != StorageLane::kLog || own_snapshot_) {
    return refused(paths_.logs(), "truncate while a snapshot is written: abort it first");
  }
  const std::lock_guard lock(old_files_);
  const auto result = store::truncate(files_, paths_, truncate.zxid, settings_.log.max_payload);
  if (!result) return result;
  log_->restart(truncate.zxid);
  done.last_zxid = truncate.zxid;
  return {};
}

Stored<void> DiskStorage::on(Worker& worker, peer::StorageDone& done, peer::LoadStore& load) {
  if (worker.lane != StorageLane::kLog) return refused(paths_.logs(), "load: the other lane");
  const std::lock_guard lock(old_files_);
  auto loaded = read_directory(files_, paths_, settings_.load, *load.sink);
  if (!loaded) return StorageFailure(loaded.error());
  done.last_zxid = loaded->last_zxid;
  done.notes = std::move(loaded->notes);
  return {};
}

Stored<void> DiskStorage::on(Worker& worker, peer::StorageDone& done, peer::PurgeOld& purge) {
  if (worker.lane != StorageLane::kSnapshot) {
    return refused(paths_.snapshots(), "purge: the other lane");
  }
  const std::lock_guard lock(old_files_);
  auto removed = store::purge(files_, paths_, purge.retain);
  if (!removed) return StorageFailure(removed.error());
  done.notes = std::move(*removed);
  return {};
}

}  // namespace zkprobe::store
