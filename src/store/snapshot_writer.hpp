// Writes one snapshot, in chunks. The file has its name only when all of it is on the disk: it is
// written as tmp.snapshot.<zxid>, synced, and renamed. Java (SnapStream.getOutputStream with fsync)
// does the same with snapshot.<zxid>.tmp, which it may read back.
#pragma once

#include <memory>
#include <string>

#include "store/data_files.hpp"
#include "wire/snapshot_file.hpp"

namespace zkprobe::store {

class SnapshotWriter {
 public:
  // `zxid`: the last one processed when the snapshot was begun.
  static Stored<std::unique_ptr<SnapshotWriter>> create(FileSystem& files,
                                                        const std::string& directory, Zxid zxid);
  SnapshotWriter(const SnapshotWriter&) = delete;
  SnapshotWriter& operator=(const SnapshotWriter&) = delete;
  // Without finish() nothing is left.
  ~SnapshotWriter();

  // The next bytes of the body (wire/snapshot_stream.hpp, without the signature). After an error
  // only the destructor.
  Stored<void> write(BytesView chunk);
  // The file's path, on the disk under its name. kCorrupt where the body does not end with "/".
  Stored<std::string> finish(const wire::SnapshotSections& sections);

  std::uint64_t bytes() const { return position_ + buffer_.size(); }
  Zxid zxid() const { return zxid_; }

 private:
  SnapshotWriter(FileSystem& files, std::string directory, Zxid zxid, std::unique_ptr<File> file)
      : files_(&files), directory_(std::move(directory)), zxid_(zxid), file_(std::move(file)) {}
  Stored<void> flush();
  void keep_tail(BytesView chunk);

  FileSystem* files_;
  std::string directory_;
  Zxid zxid_;
  std::unique_ptr<File> file_;
  bool finished_ = false;
  wire::SnapshotFileEncoder encoder_;
  Bytes tail_;  // the last five bytes of the body
  Bytes buffer_;
  std::uint64_t position_ = 0;
  std::uint64_t synced_ = 0;
};

}  // namespace zkprobe::store
