// Removes old snapshots and the logs that no kept snapshot needs. Java: PurgeTxnLog.purge, and
// autopurge.snapRetainCount.
#pragma once

#include <string>
#include <vector>

#include "store/data_files.hpp"

namespace zkprobe::store {

// Java accepts no fewer.
inline constexpr std::size_t kLeastRetained = 3;

// Keeps the newest `retain` valid snapshots (at least kLeastRetained) and the logs from the one
// that the oldest of these needs. What was removed, in order: the oldest snapshots first, so that
// what is left at any moment is a directory that loads to the same end. Nothing is removed where
// there are fewer snapshots.
Stored<std::vector<std::string>> purge(FileSystem& files, const DataPaths& paths,
                                       std::size_t retain);

// Removes what an earlier run left unfinished, and a last log that is shorter than its header: a
// Java server leaves one where its disk was full, and removes it only while it is the last. Only
// with the directory's lock held.
Stored<void> remove_unfinished(FileSystem& files, const DataPaths& paths);

}  // namespace zkprobe::store
