#include "store/directory_reader.hpp"

namespace zkprobe::store {
namespace {

// A snapshot that is newer than the one that was loaded.
struct PassedOver {
  DataFile file;
  std::optional<StorageError> damage;  // nothing: it was never finished
  bool logged = false;                 // a transaction of its very zxid was read
};

Stored<void> load_snapshot(FileSystem& files, const DataPaths& paths, const LoadOptions& options,
                           peer::LoadSink& sink, Loaded& loaded, std::vector<PassedOver>& newer) {
  const auto snapshots = newest_snapshots(files, paths.snapshots(), options.max_snapshots);
  if (!snapshots) return StorageFailure(snapshots.error());
  const StorageError* first_damage = nullptr;
  newer.reserve(snapshots->size());
  for (const SnapshotFile& snapshot : *snapshots) {
    const DataFile& file = snapshot.file;
    if (!snapshot.complete) {
      newer.push_back({file, std::nullopt});
      continue;
    }
    sink.begin_snapshot(file.path, file.zxid);
    const auto contents = read_snapshot(files, file.path, options.snapshot, sink);
    if (contents) {
      sink.end_snapshot(contents->sections);
      loaded.snapshot = file;
      loaded.sections = contents->sections;
      loaded.counts = contents->counts;
      loaded.last_zxid = file.zxid;
      return {};
    }
    if (contents.error().kind == StorageError::Kind::kIo) return StorageFailure(contents.error());
    loaded.notes.push_back("passed over: " + to_string(contents.error()));
    newer.push_back({file, contents.error()});
    if (first_damage == nullptr) first_damage = &*newer.back().damage;
  }
  return first_damage != nullptr ? StorageFailure(*first_damage) : Stored<void>();
}

// The log holds what a snapshot held if it has the transaction that the snapshot ends with. A
// leader's snapshot may end with the beginning of its epoch, which is no transaction: then nothing
// tells whether the log before it is all that there was.
Stored<void> nothing_is_missing(const std::vector<PassedOver>& newer, Loaded& loaded) {
  for (const PassedOver& snapshot : newer) {
    if (snapshot.logged) continue;
    const bool beyond = loaded.last_zxid >= snapshot.file.zxid;
    if (snapshot.damage) {
      StorageError error = *snapshot.damage;
      error.text += beyond
                        ? "; the older snapshot and the logs go on behind its zxid without that "
                          "transaction, so others may be missing without this one"
                        : "; the older snapshot and the logs end at " + to_hex(loaded.last_zxid) +
                              ", so transactions would be lost without this one";
      return StorageFailure(std::move(error));
    }
    if (beyond && loaded.snapshot) {
      return refused(snapshot.file.path,
                     "was never finished, and the logs go on behind its zxid without that "
                     "transaction: what it held may be missing. Fill the directory anew from a "
                     "leader; or, if this server was synchronised again after it had failed to "
                     "write the file, remove the file");
    }
  }
  return {};
}

Stored<void> load_logs(FileSystem& files, const DataPaths& paths, const LoadOptions& options,
                       peer::LoadSink& sink, Loaded& loaded, std::vector<PassedOver>& newer) {
  auto log = TxnLogReader::open(files, paths.logs(), loaded.last_zxid, options.log);
  if (!log) return StorageFailure(log.error());
  while (true) {
    const auto entry = log->next();
    if (!entry) return StorageFailure(entry.error());
    if (!*entry) break;
    if (!loaded.snapshot && !options.trust_empty) {
      return refused(*(*entry)->file,
                     "there are transactions and no snapshot in " + paths.snapshots() +
                         ": something is missing (zookeeper.snapshot.trust.empty lets a Java "
                         "server that comes from 3.4 start on it)");
    }
    const std::size_t at = (*entry)->offset + wire::kLogEntryHeadSize;
    const auto txn = wire::decode_txn((*entry)->payload, at);
    if (!txn) return corrupt(*(*entry)->file, txn.error());
    sink.on_txn(*txn, (*entry)->payload);
    loaded.last_zxid = (*entry)->zxid;
    ++loaded.txns;
    for (PassedOver& snapshot : newer) {
      if (snapshot.file.zxid == loaded.last_zxid) snapshot.logged = true;
    }
  }
  loaded.notes.insert(loaded.notes.end(), log->notes().begin(), log->notes().end());
  return {};
}

}  // namespace

Stored<Loaded> read_directory(FileSystem& files, const DataPaths& paths, const LoadOptions& options,
                              peer::LoadSink& sink) {
  Loaded loaded;
  std::vector<PassedOver> newer;
  auto result = load_snapshot(files, paths, options, sink, loaded, newer);
  if (result) result = load_logs(files, paths, options, sink, loaded, newer);
  if (result) result = nothing_is_missing(newer, loaded);
  if (!result) return StorageFailure(result.error());
  return loaded;
}

Stored<DataPaths> find_directories(FileSystem& files, const std::string& directory,
                                   const std::optional<std::string>& log_directory) {
  const auto data_dir_of = [&files](std::string path) -> Stored<std::string> {
    while (path.size() > 1 && path.ends_with('/')) path.pop_back();
    const auto has = files.exists(join(path, "version-2"));
    if (!has) return StorageFailure(has.error());
    if (*has) return path;
    if (path == "version-2") return std::string(".");
    if (path.ends_with("/version-2") && files.list(path)) return path.substr(0, path.size() - 10);
    return refused(path, "no ZooKeeper directory: expected version-2 in it");
  };
  const auto data = data_dir_of(directory);
  if (!data) return StorageFailure(data.error());
  if (!log_directory) return DataPaths::in(*data);
  const auto log = data_dir_of(*log_directory);
  if (!log) return StorageFailure(log.error());
  return DataPaths{*data, *log};
}

}  // namespace zkprobe::store
