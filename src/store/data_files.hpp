// The files of a server's directories, by name.
//
//   dataDir/myid                          the server's id
//   dataDir/version-2/snapshot.<zxid>     and acceptedEpoch, currentEpoch
//   dataLogDir/version-2/log.<zxid>       dataLogDir is dataDir unless zoo.cfg says otherwise
//   dataLogDir/initialize                 3.6.0 and later: an empty store may vote
//
// Zxids are in hex, lower case, without padding. A name with a further part is one too
// (snapshot.1.gz, and snapshot.1.tmp, which Java reads if it looks complete), so what is not yet
// complete is written here under a name that no release takes: "tmp.snapshot.1".
// Java: Util.getZxidFromName, sortDataDir; FileTxnSnapLog.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "store/file_system.hpp"

namespace zkprobe::store {

struct DataPaths {
  std::string data_dir;
  std::string data_log_dir;

  // Both in one directory.
  static DataPaths in(const std::string& directory) { return {directory, directory}; }

  std::string snapshots() const { return join(data_dir, "version-2"); }
  std::string logs() const { return join(data_log_dir, "version-2"); }
};

enum class FileKind { kSnapshot, kLog };

struct DataFile {
  std::string path;
  Zxid zxid;  // of the name

  bool operator==(const DataFile&) const = default;
};

// The zxid that Java reads from the name; nothing where it is no such file.
std::optional<Zxid> zxid_of_name(const std::string& name, FileKind kind);
// "log.100000001"
std::string file_name(FileKind kind, Zxid zxid);
// The name while it is written.
std::string unfinished_name(FileKind kind, Zxid zxid);
bool is_unfinished_name(const std::string& name);

// The files of the kind in a directory, the lowest zxid first.
Stored<std::vector<DataFile>> list_files(FileSystem& files, const std::string& directory,
                                         FileKind kind);

// The logs that may hold transactions after `zxid`: the newest that begins at or before it and
// all that follow (FileTxnLog.getLogFiles).
std::vector<DataFile> logs_after(const std::vector<DataFile>& logs, Zxid zxid);

// The first line as Long.parseLong reads it: a sign and decimal digits, nothing else.
std::optional<std::int64_t> parse_long_line(const std::string& text);

}  // namespace zkprobe::store
