#include "store/log_cut.hpp"

#include "store/snapshot_files.hpp"

namespace zkprobe::store {
namespace {

struct Cut {
  bool found = false;               // a transaction of this very zxid
  std::optional<std::string> file;  // the file that gets shorter
  std::uint64_t size = 0;
};

// Where the log ends if it ends at `zxid`. What is behind that is not read.
Stored<Cut> find_cut(FileSystem& files, const std::vector<DataFile>& logs, Zxid zxid,
                     std::int32_t max_payload) {
  Cut cut;
  const DataFile* last = nullptr;
  for (const DataFile& log : logs) {
    if (log.zxid <= zxid) last = &log;
  }
  if (last == nullptr) return cut;
  auto reader = LogFileReader::open(files, last->path, max_payload);
  if (!reader) return StorageFailure(reader.error());
  while (true) {
    const std::uint64_t before = reader->end_offset();
    const auto entry = reader->next();
    if (!entry) return StorageFailure(entry.error());
    if (!*entry) return cut;
    if ((*entry)->zxid < zxid) continue;
    cut.found = (*entry)->zxid == zxid;
    cut.file = last->path;
    cut.size = cut.found ? (*entry)->end : before;
    return cut;
  }
}

// Of the files above `zxid`, the newest first.
Stored<void> remove_above(FileSystem& files, const std::string& directory,
                          const std::vector<DataFile>& all, Zxid zxid) {
  bool removed = false;
  for (auto file = all.rbegin(); file != all.rend() && file->zxid > zxid; ++file) {
    const auto result = files.remove(file->path);
    if (!result) return result;
    removed = true;
  }
  return removed ? files.sync_directory(directory) : Stored<void>();
}

Stored<void> cut_log(FileSystem& files, const DataPaths& paths, Zxid zxid,
                     const std::vector<DataFile>& logs, const Cut& cut) {
  auto result = remove_above(files, paths.logs(), logs, zxid);
  if (!result || !cut.file) return result;
  auto file = files.open(*cut.file, OpenMode::kWrite);
  if (!file) return StorageFailure(file.error());
  result = (*file)->resize(cut.size);
  return result ? (*file)->sync() : result;
}

// The newest first; those of `but` stay.
Stored<void> move_all(FileSystem& files, const std::string& from, const std::string& to,
                      FileKind kind, std::optional<Zxid> but) {
  const auto all = list_files(files, from, kind);
  if (!all) return StorageFailure(all.error());
  auto result = files.make_directory(to);
  for (auto file = all->rbegin(); result && file != all->rend(); ++file) {
    if (file->zxid == but) continue;
    result = files.rename(file->path, to + file->path.substr(from.size()));
  }
  if (result) result = files.sync_directory(to);
  return result ? files.sync_directory(from) : result;
}

}  // namespace

Stored<void> truncate(FileSystem& files, const DataPaths& paths, Zxid zxid,
                      std::int32_t max_payload) {
  const auto snapshots = list_files(files, paths.snapshots(), FileKind::kSnapshot);
  if (!snapshots) return StorageFailure(snapshots.error());
  const auto logs = list_files(files, paths.logs(), FileKind::kLog);
  if (!logs) return StorageFailure(logs.error());
  bool base = false;
  bool at_snapshot = false;
  for (const DataFile& snapshot : *snapshots) {
    if (snapshot.zxid > zxid) break;
    const auto complete = looks_complete(files, snapshot.path);
    if (!complete) return StorageFailure(complete.error());
    base = base || *complete;
    at_snapshot = at_snapshot || (*complete && snapshot.zxid == zxid);
  }
  if (!base) {
    return refused(paths.snapshots(), "cannot end at " + to_hex(zxid) +
                                          ": no snapshot at or before it; the store must be "
                                          "filled anew from a leader");
  }
  const auto cut = find_cut(files, *logs, zxid, max_payload);
  if (!cut) return StorageFailure(cut.error());
  if (!cut->found && !at_snapshot) {
    return refused(paths.logs(), "cannot end at " + to_hex(zxid) + ": it is not in the log");
  }
  const auto result = remove_above(files, paths.snapshots(), *snapshots, zxid);
  return result ? cut_log(files, paths, zxid, *logs, *cut) : result;
}

Stored<void> cut_after(FileSystem& files, const DataPaths& paths, Zxid zxid,
                       std::int32_t max_payload) {
  const auto snapshots = list_files(files, paths.snapshots(), FileKind::kSnapshot);
  if (!snapshots) return StorageFailure(snapshots.error());
  const auto logs = list_files(files, paths.logs(), FileKind::kLog);
  if (!logs) return StorageFailure(logs.error());
  auto cut = find_cut(files, *logs, zxid, max_payload);
  if (!cut) return StorageFailure(cut.error());
  // The log first: without the older snapshots under it, its end would stand on the new one.
  const auto result = cut_log(files, paths, zxid, *logs, *cut);
  return result ? remove_above(files, paths.snapshots(), *snapshots, zxid) : result;
}

Stored<void> set_aside(FileSystem& files, const DataPaths& paths, Zxid zxid,
                       const std::string& name) {
  const DataPaths aside{join(paths.data_dir, name), join(paths.data_log_dir, name)};
  // The log first, as in cut_after.
  const auto result = move_all(files, paths.logs(), aside.logs(), FileKind::kLog, std::nullopt);
  if (!result) return result;
  return move_all(files, paths.snapshots(), aside.snapshots(), FileKind::kSnapshot, zxid);
}

}  // namespace zkprobe::store
