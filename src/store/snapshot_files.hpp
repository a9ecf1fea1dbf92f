// Reading the snapshots of a directory. Java: FileSnap.deserialize, SnapStream.isValidSnapshot.
#pragma once

#include <string>
#include <vector>

#include "store/byte_source.hpp"
#include "store/data_files.hpp"
#include "wire/snapshot_file.hpp"

namespace zkprobe::store {

// The quick look: the last bytes of a seal, or the first of a compressed stream. A file that fails
// it was never finished.
Stored<bool> looks_complete(FileSystem& files, const std::string& path);

struct SnapshotFile {
  DataFile file;
  bool complete = false;  // looks_complete
};
// All of a directory, the newest first, until `most` complete ones were found.
Stored<std::vector<SnapshotFile>> newest_snapshots(FileSystem& files, const std::string& directory,
                                                   std::size_t most);

// The newest `most` that pass the quick look, the newest first (FileSnap.findNValidSnapshots).
Stored<std::vector<DataFile>> valid_snapshots(FileSystem& files, const std::string& directory,
                                              std::size_t most);

struct SnapshotContents {
  wire::SnapshotSections sections;
  wire::SnapshotCounts counts;
};
// The whole file through `sink`, every seal checked, in chunks. kCorrupt with the offset in the
// uncompressed file.
Stored<SnapshotContents> read_snapshot(FileSystem& files, const std::string& path,
                                       const wire::SnapshotLimits& limits,
                                       wire::SnapshotSink& sink);

}  // namespace zkprobe::store
