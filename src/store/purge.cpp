#include "store/purge.hpp"

#include <algorithm>

#include "store/log_file_reader.hpp"
#include "store/snapshot_files.hpp"

namespace zkprobe::store {
namespace {

Stored<void> remove_all(FileSystem& files, const std::vector<DataFile>& old,
                        std::vector<std::string>& removed) {
  for (const DataFile& file : old) {
    const auto result = files.remove(file.path);
    if (!result) return result;
    removed.push_back(file.path);
  }
  return {};
}

Stored<void> remove_empty_log(FileSystem& files, const DataPaths& paths) {
  const auto logs = list_files(files, paths.logs(), FileKind::kLog);
  if (!logs) return StorageFailure(logs.error());
  if (logs->empty()) return {};
  auto file = files.open(logs->back().path, OpenMode::kRead);
  if (!file) return StorageFailure(file.error());
  const auto size = (*file)->size();
  if (!size) return StorageFailure(size.error());
  if (*size >= wire::kLogHeaderSize) return {};
  const auto removed = files.remove(logs->back().path);
  return removed ? files.sync_directory(paths.logs()) : removed;
}

}  // namespace

Stored<std::vector<std::string>> purge(FileSystem& files, const DataPaths& paths,
                                       std::size_t retain) {
  std::vector<std::string> removed;
  const auto kept = valid_snapshots(files, paths.snapshots(), std::max(retain, kLeastRetained));
  if (!kept) return StorageFailure(kept.error());
  if (kept->empty()) return removed;
  const Zxid oldest = kept->back().zxid;
  auto snapshots = list_files(files, paths.snapshots(), FileKind::kSnapshot);
  if (!snapshots) return StorageFailure(snapshots.error());
  std::erase_if(*snapshots, [oldest](const DataFile& file) { return file.zxid >= oldest; });
  auto logs = list_files(files, paths.logs(), FileKind::kLog);
  if (!logs) return StorageFailure(logs.error());
  const auto needed = logs_after(*logs, oldest);
  std::erase_if(*logs, [&needed](const DataFile& file) {
    return std::find(needed.begin(), needed.end(), file) != needed.end();
  });
  auto result = remove_all(files, *snapshots, removed);
  if (result) result = remove_all(files, *logs, removed);
  if (!result) return StorageFailure(result.error());
  return removed;
}

Stored<void> remove_unfinished(FileSystem& files, const DataPaths& paths) {
  for (const std::string& directory : {paths.snapshots(), paths.logs()}) {
    const auto names = files.list(directory);
    if (!names) return StorageFailure(names.error());
    for (const std::string& name : *names) {
      if (!is_unfinished_name(name)) continue;
      const auto removed = files.remove(join(directory, name));
      if (!removed) return removed;
    }
  }
  return remove_empty_log(files, paths);
}

}  // namespace zkprobe::store
