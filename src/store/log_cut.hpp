// Removing the end of a log: after TRUNC, and what a snapshot of the leader replaces.
// Java: FileTxnLog.truncate. Different from Java: where the zxid is not in the log nothing is cut
// (Java cuts behind the next one), and snapshots beyond it go too (Java loads them again).
//
// Every step leaves a directory with a shorter or the same history, so that the server may die
// between any two. TRUNC: snapshots from the newest to the oldest, then whole files of the log from
// the newest to the oldest, then the end of one file. Behind an installed snapshot the log goes
// first: its entries need not continue that snapshot.
#pragma once

#include "store/data_files.hpp"
#include "store/log_file_reader.hpp"

namespace zkprobe::store {

// The store ends at `zxid` afterwards. kRefused, and nothing is changed, where that is neither a
// transaction of the log nor the zxid of a snapshot, or where no snapshot at or before it is left.
Stored<void> truncate(FileSystem& files, const DataPaths& paths, Zxid zxid,
                      std::int32_t max_payload = wire::kJuteMaxField);

// Removes what is beyond a snapshot that was installed at `zxid`: snapshots and transactions.
Stored<void> cut_after(FileSystem& files, const DataPaths& paths, Zxid zxid,
                       std::int32_t max_payload = wire::kJuteMaxField);

// Moves everything but a snapshot that was installed at `zxid` into the directories `name` in
// dataDir and dataLogDir, which are a server's like these: `zkprobe tree` lists them.
Stored<void> set_aside(FileSystem& files, const DataPaths& paths, Zxid zxid,
                       const std::string& name);

}  // namespace zkprobe::store
