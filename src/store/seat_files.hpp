// What a voter's directory says about its vote, before anything is read from it.
//
// A voter that lost its disk has forgotten what it acknowledged: with an empty log it would help a
// server win that lacks committed writes. So an empty directory has no vote, unless the file
// `initialize` says that the ensemble is new; it is filled first, and while it is being filled a
// marker stands in it, so that a part of a history is never taken for the whole of one. A Java
// server knows `initialize` (3.6.0 and later) and trusts an empty directory also without it unless
// zookeeper.db.autocreate=false. Java: FileTxnSnapLog.restore.
#pragma once

#include "store/data_files.hpp"
#include "wire/snapshot_file.hpp"

namespace zkprobe::store {

// In dataDir. A Java server does not know it: do not start one on a directory that has it.
inline constexpr const char* kFillingName = "zkprobe.filling";
// In dataLogDir.
inline constexpr const char* kInitializeName = "initialize";

enum class SeatState {
  kHolds,  // a history, with a vote
  kNew,    // empty, and `initialize` says so
  kEmpty,  // neither
  // A history that may end too early: it is being filled; or a dataLogDir of its own has no log,
  // though the newest snapshot is not the first or there was an epoch, or not even the folder for
  // it (DiskStorage::open marks that before it makes the folder).
  kFilling,
};

Stored<SeatState> seat_state(FileSystem& files, const DataPaths& paths);

// kNew: snapshot.0 with the tree that every server starts with, on the disk before `initialize`
// goes. `body` is that tree's (wire/snapshot_stream.hpp, without the signature).
Stored<void> begin_new(FileSystem& files, const DataPaths& paths, BytesView body,
                       const wire::SnapshotSections& sections);
// Before the first byte of what fills it, and when it holds everything.
Stored<void> mark_filling(FileSystem& files, const DataPaths& paths);
Stored<void> mark_filled(FileSystem& files, const DataPaths& paths);
// kHolds: Java removes it at every start.
Stored<void> forget_initialize(FileSystem& files, const DataPaths& paths);

}  // namespace zkprobe::store
