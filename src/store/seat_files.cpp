#include "store/seat_files.hpp"

#include <algorithm>

#include "peer/storage.hpp"
#include "store/epoch_files.hpp"
#include "store/snapshot_writer.hpp"

namespace zkprobe::store {
namespace {

// A snapshot whose log is gone: dataLogDir may not be mounted, or its disk is a new one. Every
// server makes a folder for its log before its first snapshot; a file comes with the first
// transaction, so beside snapshot.0 there may be none, but not for sure once the server was in an
// epoch. There is none where what a snapshot replaced was set aside in it; the log begins with the
// next one then.
Stored<bool> log_is_gone(FileSystem& files, const DataPaths& paths, Zxid snapshot) {
  const auto made = files.exists(paths.logs());
  if (!made) return StorageFailure(made.error());
  if (!*made) return true;
  if (snapshot <= Zxid(0)) {
    const auto epoch = EpochFiles(files, paths.snapshots()).read(EpochKind::kCurrent);
    if (!epoch) return StorageFailure(epoch.error());
    if (epoch->value_or(PeerEpoch(0)) <= PeerEpoch(0)) return false;
  }
  const auto logs = list_files(files, paths.logs(), FileKind::kLog);
  if (!logs) return StorageFailure(logs.error());
  if (!logs->empty()) return false;
  const auto names = files.list(paths.data_log_dir);
  if (!names) return StorageFailure(names.error());
  return std::none_of(names->begin(), names->end(), [](const std::string& name) {
    return name.starts_with(peer::kSetAsidePrefix);
  });
}

}  // namespace

Stored<SeatState> seat_state(FileSystem& files, const DataPaths& paths) {
  const auto filling = files.exists(join(paths.data_dir, kFillingName));
  if (!filling) return StorageFailure(filling.error());
  if (*filling) return SeatState::kFilling;
  for (const auto& [directory, kind] : {std::pair(paths.snapshots(), FileKind::kSnapshot),
                                        std::pair(paths.logs(), FileKind::kLog)}) {
    const auto there = files.exists(directory);
    if (!there) return StorageFailure(there.error());
    if (!*there) continue;
    const auto found = list_files(files, directory, kind);
    if (!found) return StorageFailure(found.error());
    if (found->empty()) continue;
    const bool apart = paths.snapshots() != paths.logs();
    if (kind == FileKind::kSnapshot && apart) {
      const auto gone = log_is_gone(files, paths, found->back().zxid);
      if (!gone) return StorageFailure(gone.error());
      if (*gone) return SeatState::kFilling;
    }
    return SeatState::kHolds;
  }
  const auto initialize = files.exists(join(paths.data_log_dir, kInitializeName));
  if (!initialize) return StorageFailure(initialize.error());
  return *initialize ? SeatState::kNew : SeatState::kEmpty;
}

Stored<void> begin_new(FileSystem& files, const DataPaths& paths, BytesView body,
                       const wire::SnapshotSections& sections) {
  auto made = files.make_directory(paths.snapshots());
  if (!made) return made;
  auto writer = SnapshotWriter::create(files, paths.snapshots(), Zxid(0));
  if (!writer) return StorageFailure(writer.error());
  auto written = (*writer)->write(body);
  if (!written) return written;
  const auto path = (*writer)->finish(sections);
  if (!path) return StorageFailure(path.error());
  auto removed = files.remove(join(paths.data_log_dir, kInitializeName));
  if (!removed) return removed;
  return files.sync_directory(paths.data_log_dir);
}

Stored<void> mark_filling(FileSystem& files, const DataPaths& paths) {
  auto made = files.make_directory(paths.data_dir);
  if (!made) return made;
  auto file = files.open(join(paths.data_dir, kFillingName), OpenMode::kCreate);
  if (!file) return StorageFailure(file.error());
  auto synced = (*file)->sync();
  if (!synced) return synced;
  return files.sync_directory(paths.data_dir);
}

Stored<void> forget_initialize(FileSystem& files, const DataPaths& paths) {
  const std::string path = join(paths.data_log_dir, kInitializeName);
  const auto there = files.exists(path);
  if (!there) return StorageFailure(there.error());
  return *there ? files.remove(path) : Stored<void>();
}

Stored<void> mark_filled(FileSystem& files, const DataPaths& paths) {
  auto removed = files.remove(join(paths.data_dir, kFillingName));
  if (!removed) return removed;
  return files.sync_directory(paths.data_dir);
}

}  // namespace zkprobe::store
