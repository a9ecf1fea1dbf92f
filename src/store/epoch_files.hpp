// acceptedEpoch and currentEpoch, in the directory of the snapshots: a decimal long each, without a
// line end. Replaced as a whole: `<name>.tmp`, fsync, rename, fsync of the directory.
// Java: QuorumPeer.readLongFromFile, writeLongToFile, loadDataBase; AtomicFileOutputStream.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "store/data_files.hpp"

namespace zkprobe::store {

enum class EpochKind { kAccepted, kCurrent };
std::string_view file_name(EpochKind kind);  // "acceptedEpoch"

class EpochFiles {
 public:
  // The directory of the snapshots (version-2).
  EpochFiles(FileSystem& files, std::string directory)
      : files_(&files), directory_(std::move(directory)) {}

  // Nothing where there is no such file; kCorrupt where it holds anything but a long.
  Stored<std::optional<PeerEpoch>> read(EpochKind kind) const;
  // The old value stays where this fails.
  Stored<void> write(EpochKind kind, PeerEpoch epoch);
  // currentEpoch.tmp alone, on the disk, before anything of a new epoch is written: a server that
  // then dies before currentEpoch is replaced finds its epoch there (ZOOKEEPER-4269; 3.5.10,
  // 3.6.3, 3.7.1, 3.8.0 and later). Write the epoch itself when everything else is on the disk.
  Stored<void> prepare_current(PeerEpoch epoch);
  // currentEpoch.tmp, which is there, becomes currentEpoch.
  Stored<void> adopt_temporary();

 private:
  std::string path(EpochKind kind) const;
  Stored<void> settle_prepared();
  Stored<void> write_temporary(EpochKind kind, PeerEpoch epoch);

  FileSystem* files_;
  std::string directory_;
  std::optional<PeerEpoch> prepared_;  // currentEpoch.tmp holds it
};

struct Epochs {
  PeerEpoch accepted;
  PeerEpoch current;
  std::vector<std::string> notes;  // what was adopted or created, one line each
};

// What a server with this last zxid starts with. Missing files are created with the zxid's epoch.
// A zxid of a newer epoch than currentEpoch's means that the server died before it could write it:
// the value of currentEpoch.tmp is adopted, or the zxid's epoch if the file updatingEpoch of 3.4.6
// to 3.4.14 is there (ZOOKEEPER-1653); else kRefused, and so is an acceptedEpoch below
// currentEpoch.
Stored<Epochs> load_epochs(FileSystem& files, const std::string& directory, Zxid last_zxid);

// dataDir/myid: kCorrupt for anything but a long in its first line.
Stored<Sid> read_myid(FileSystem& files, const DataPaths& paths);

}  // namespace zkprobe::store
