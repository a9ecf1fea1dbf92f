#include "store/log_cut.hpp"

#include "store/snapshot_files.hpp"

namespace zkprobe::store {
namespace {

struct Cut {
  bool found = false;  // a transaction of this very zxid
  // The file that gets shorter, and those behind it go, whatever their names: in a log with repeats
  // (TxnLogReader::next) a later file may begin with an earlier zxid.
  std::optional<std::size_t> file;
  std::uint64_t size = 0;
};

// Where the log ends if it ends at `zxid`: in front of the first transaction beyond it. What is
// behind that is not read.
Stored<Cut> find_cut(FileSystem& files, const std::vector<DataFile>& logs, Zxid zxid,
                     std::int32_t max_payload) {
  Cut cut;
  for (std::size_t i = 0; i < logs.size(); ++i) {
    auto reader = LogFileReader::open(files, logs[i].path, max_payload);
    if (!reader) return StorageFailure(reader.error());
    while (true) {
      const std::uint64_t before = reader->end_offset();
      const auto entry = reader->next();
      if (!entry) return StorageFailure(entry.error());
      if (!*entry) break;
      if ((*entry)->zxid > zxid) {
        // A file whose name is beyond goes as a whole.
        if (logs[i].zxid <= zxid) {
          cut.file = i;
          cut.size = before;
        }
        return cut;
      }
      cut.found = cut.found || (*entry)->zxid == zxid;
      cut.file = i;
      cut.size = (*entry)->end;
    }
  }
  return cut;
}

// Of the files above `zxid`, and of those from number `from` on, the newest first.
Stored<void> remove_above(FileSystem& files, const std::string& directory,
                          const std::vector<DataFile>& all, Zxid zxid, std::size_t from) {
  bool removed = false;
  for (std::size_t i = all.size(); i-- > 0;) {
    if (i < from && all[i].zxid <= zxid) continue;
    const auto result = files.remove(all[i].path);
    if (!result) return result;
    removed = true;
  }
  return removed ? files.sync_directory(directory) : Stored<void>();
}

Stored<void> cut_log(FileSystem& files, const DataPaths& paths, Zxid zxid,
                     const std::vector<DataFile>& logs, const Cut& cut) {
  auto result = remove_above(files, paths.logs(), logs, zxid, cut.file.value_or(logs.size()) + 1);
  if (!result || !cut.file) return result;
  auto file = files.open(logs[*cut.file].path, OpenMode::kWrite);
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
  std::optional<Zxid> base;
  bool at_snapshot = false;
  for (const DataFile& snapshot : *snapshots) {
    if (snapshot.zxid > zxid) break;
    const auto complete = looks_complete(files, snapshot.path);
    if (!complete) return StorageFailure(complete.error());
    if (*complete) base = snapshot.zxid;
    at_snapshot = base == zxid;
  }
  if (!base) {
    return refused(paths.snapshots(), "cannot end at " + to_hex(zxid) +
                                          ": no snapshot at or before it; the store must be "
                                          "filled anew from a leader");
  }
  const std::vector<DataFile> read = logs_after(*logs, *base);
  const auto cut = find_cut(files, read, zxid, max_payload);
  if (!cut) return StorageFailure(cut.error());
  if (!cut->found && !at_snapshot) {
    return refused(paths.logs(), "cannot end at " + to_hex(zxid) + ": it is not in the log");
  }
  const auto result = remove_above(files, paths.snapshots(), *snapshots, zxid, snapshots->size());
  return result ? cut_log(files, paths, zxid, read, *cut) : result;
}

Stored<void> cut_after(FileSystem& files, const DataPaths& paths, Zxid zxid,
                       std::int32_t max_payload) {
  const auto snapshots = list_files(files, paths.snapshots(), FileKind::kSnapshot);
  if (!snapshots) return StorageFailure(snapshots.error());
  const auto logs = list_files(files, paths.logs(), FileKind::kLog);
  if (!logs) return StorageFailure(logs.error());
  const std::vector<DataFile> read = logs_after(*logs, zxid);
  const auto cut = find_cut(files, read, zxid, max_payload);
  if (!cut) return StorageFailure(cut.error());
  // The log first: without the older snapshots under it, its end would stand on the new one.
  const auto result = cut_log(files, paths, zxid, read, *cut);
  return result ? remove_above(files, paths.snapshots(), *snapshots, zxid, snapshots->size())
                : result;
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
