#include "store/directory_reader.hpp"

namespace zkprobe::store {
namespace {

// A snapshot that is complete and cannot be used.
struct PassedOver {
  DataFile file;
  StorageError error;
};

Stored<bool> load_snapshot(FileSystem& files, const DataPaths& paths, const LoadOptions& options,
                           peer::LoadSink& sink, Loaded& loaded,
                           std::optional<PassedOver>& damaged) {
  const auto snapshots = valid_snapshots(files, paths.snapshots(), options.max_snapshots);
  if (!snapshots) return StorageFailure(snapshots.error());
  for (const DataFile& file : *snapshots) {
    sink.begin_snapshot(file.path, file.zxid);
    const auto contents = read_snapshot(files, file.path, options.snapshot, sink);
    if (contents) {
      sink.end_snapshot(contents->sections);
      loaded.snapshot = file;
      loaded.sections = contents->sections;
      loaded.counts = contents->counts;
      loaded.last_zxid = file.zxid;
      return true;
    }
    if (contents.error().kind == StorageError::Kind::kIo) return StorageFailure(contents.error());
    loaded.notes.push_back("passed over: " + to_string(contents.error()));
    if (!damaged) damaged = PassedOver{file, contents.error()};
  }
  if (damaged) return StorageFailure(damaged->error);
  return false;
}

Stored<void> load_logs(FileSystem& files, const DataPaths& paths, const LoadOptions& options,
                       peer::LoadSink& sink, Loaded& loaded) {
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
  }
  loaded.notes.insert(loaded.notes.end(), log->notes().begin(), log->notes().end());
  return {};
}

}  // namespace

Stored<Loaded> read_directory(FileSystem& files, const DataPaths& paths, const LoadOptions& options,
                              peer::LoadSink& sink) {
  Loaded loaded;
  std::optional<PassedOver> damaged;
  const auto snapshot = load_snapshot(files, paths, options, sink, loaded, damaged);
  if (!snapshot) return StorageFailure(snapshot.error());
  const auto logs = load_logs(files, paths, options, sink, loaded);
  if (!logs) return StorageFailure(logs.error());
  if (damaged && loaded.last_zxid < damaged->file.zxid) {
    StorageError error = damaged->error;
    error.text += "; the older snapshot and the logs end at " + to_hex(loaded.last_zxid) +
                  ", so transactions would be lost without this one";
    return StorageFailure(std::move(error));
  }
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
