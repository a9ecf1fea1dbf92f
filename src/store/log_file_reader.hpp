// The entries of one log file, from its front or from an offset.
//
// What follows the last entry decides what the end means:
//   zeros, or nothing           the end
//   an entry that is not whole  torn: the server died while it wrote it, and acknowledged nothing
//                               of it. The end, as in Java
//   anything else               refused: an entry behind a damaged one, or bytes behind zeros, mean
//                               that the file was damaged where it had been complete. Java stops
//                               reading there and goes on without what follows
// A wrong checksum in a whole entry is refused, as in Java.
// Java: FileTxnLog.FileTxnIterator.next, for one file.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "store/file_system.hpp"
#include "wire/log_file.hpp"

namespace zkprobe::store {

class LogFileReader {
 public:
  // An empty file, and one that ends within its header, has no entries (Java removes an empty one).
  // `limit`: the longest payload.
  static Stored<LogFileReader> open(FileSystem& files, const std::string& path,
                                    std::int32_t limit = wire::kJuteMaxField);

  struct Entry {
    Zxid zxid;
    BytesView payload;         // valid until the next call
    std::uint64_t offset = 0;  // of its first byte in the file
    std::uint64_t end = 0;     // one behind its last byte
  };
  // Nothing at the end of the file.
  Stored<std::optional<Entry>> next();

  // After the end: the file ends in an entry that is not whole.
  bool torn() const { return torn_; }
  // One behind the last entry.
  std::uint64_t end_offset() const { return offset_; }
  const std::string& path() const { return file_->path(); }

 private:
  LogFileReader(std::unique_ptr<File> file, std::int32_t limit)
      : file_(std::move(file)), limit_(limit) {}
  // The bytes from offset_ on, `size` of them or as many as the file has.
  Stored<BytesView> look_ahead(std::size_t size);
  Stored<std::optional<Entry>> take_entry(const wire::LogEntryHead& head);
  // Reads everything from `offset` on, which must be zero.
  Stored<void> expect_zeros(std::uint64_t offset);
  Stored<void> expect_no_entry_at(std::uint64_t offset);

  std::unique_ptr<File> file_;
  std::int32_t limit_;
  std::uint64_t offset_ = 0;
  bool ended_ = false;
  bool torn_ = false;
  Bytes buffer_;
  std::uint64_t buffer_offset_ = 0;  // of buffer_'s front in the file
  std::size_t buffer_size_ = 0;
};

}  // namespace zkprobe::store
