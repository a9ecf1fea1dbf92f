// A server's directory as it would load it: the newest valid of up to 100 snapshots, then every
// transaction after it. Java: FileTxnSnapLog.restore, FileSnap.deserialize.
//
// Stricter than Java where Java would go on without transactions that the server had:
//   - a snapshot that is complete and damaged is passed over only if the logs over an older one
//   hold
//     the transaction of its zxid; one that was never finished also if they do not reach it, as in
//     Java, but not if they go on behind it without that transaction
//   - a log that is damaged before its end, and transactions that do not follow each other
// Each is refused with file and offset. Nothing is written.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "peer/load_sink.hpp"
#include "store/snapshot_files.hpp"
#include "store/txn_log_reader.hpp"

namespace zkprobe::store {

struct LoadOptions {
  wire::SnapshotLimits snapshot{.keep_data = true};
  LogReadOptions log{};
  std::size_t max_snapshots = 100;
  // Takes logs without any snapshot, as 3.4 does and zookeeper.snapshot.trust.empty makes later
  // releases do. Otherwise refused (ZOOKEEPER-2325).
  bool trust_empty = false;
};

struct Loaded {
  std::optional<DataFile> snapshot;  // nothing: the store is empty
  wire::SnapshotSections sections;
  wire::SnapshotCounts counts;
  std::uint64_t txns = 0;  // after the snapshot
  // Of the last transaction, or of the snapshot's name; 0 for an empty store.
  Zxid last_zxid;
  std::vector<std::string> notes;  // what was passed over, one line each

  bool empty() const { return !snapshot && txns == 0; }
};

Stored<Loaded> read_directory(FileSystem& files, const DataPaths& paths, const LoadOptions& options,
                              peer::LoadSink& sink);

// What DIR means to somebody who names it: a dataDir, its version-2, or (with `log_directory`) both
// of a pair. kRefused where neither has version-2.
Stored<DataPaths> find_directories(FileSystem& files, const std::string& directory,
                                   const std::optional<std::string>& log_directory = {});

}  // namespace zkprobe::store
