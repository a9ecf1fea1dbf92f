// Appends to the transaction log. What was appended is on the disk when sync() has returned;
// nothing before that. A new file begins with the first transaction after the start, as in Java:
// what the last run left is never written to.
//
// A new file is written as tmp.log.<zxid> with its header and padding, and renamed when these are
// on the disk: a log file that Java sees has a header.
//
// After an error nothing is appended any more. What may be on the disk is then more than what
// sync() reported and never less; the file is cut back to that where the disk lets us.
// Java: FileTxnLog.append, commit, rollLog; FilePadding.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "store/data_files.hpp"
#include "wire/log_file.hpp"

namespace zkprobe::store {

struct LogSettings {
  // zookeeper.preAllocSize, there in KiB; 0: no padding.
  std::uint64_t preallocate = 65'536 * 1024;
  // zookeeper.txnLogSizeLimitInKb, there in KiB: after a sync a file of this size is left for a new
  // one; 0: no limit.
  std::uint64_t size_limit = 0;
  std::int32_t max_payload = wire::kJuteMaxField;
  // Takes a transaction that does not follow the one before it. The log then does not load in
  // 3.9.4 and later.
  bool allow_gaps = false;
};

class LogWriter {
 public:
  // `last`: the last zxid in the store; what comes first must follow it.
  LogWriter(FileSystem& files, std::string directory, Zxid last, LogSettings settings = {});

  // kRefused, and nothing else changes, for a payload that is too long, has no header or does not
  // follow. The bytes are held until sync(), or written when there are many.
  Stored<void> append(BytesView payload);
  // Everything appended is on the disk, with the names of its files.
  Stored<void> sync();
  // The next append begins a new file; syncs first. Java does so when it takes a snapshot.
  Stored<void> roll();
  // After a truncation or a new snapshot: nothing is open, `last` counts from now on.
  void restart(Zxid last);

  Zxid last_appended() const { return last_; }
  Zxid last_synced() const { return synced_; }
  // Bytes appended since the last sync.
  std::size_t unsynced_bytes() const { return unsynced_; }
  bool failed() const { return failure_.has_value(); }

 private:
  Stored<void> begin_file(Zxid first);
  Stored<void> flush();
  Stored<void> fail(StorageError error);

  FileSystem* files_;
  std::string directory_;
  LogSettings settings_;
  Zxid last_;
  Zxid synced_;
  std::optional<StorageError> failure_;

  std::unique_ptr<File> file_;
  bool name_is_new_ = false;    // the directory is not synced yet
  std::uint64_t size_ = 0;      // of the file, padding counted
  std::uint64_t position_ = 0;  // one behind the last entry that was written
  std::uint64_t synced_position_ = 0;
  std::size_t unsynced_ = 0;
  Writer buffer_;
};

// FilePadding.calculateFileSizeWithPadding: the size that a file gets when `position` is reached.
std::uint64_t padded_size(std::uint64_t position, std::uint64_t size, std::uint64_t preallocate);

}  // namespace zkprobe::store
