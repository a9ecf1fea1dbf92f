// The operating system's files, behind an interface: tests make each call fail in turn.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "peer/storage_error.hpp"

namespace zkprobe::store {

using peer::StorageError;
using peer::StorageFailure;
using peer::Stored;

class File {
 public:
  virtual ~File() = default;
  // Fewer bytes than asked for only at the end of the file.
  virtual Stored<std::size_t> read_at(std::uint64_t offset, std::span<std::uint8_t> into) = 0;
  // All of the bytes, or an error with the offset up to which they were written.
  virtual Stored<void> write_at(std::uint64_t offset, BytesView bytes) = 0;
  virtual Stored<void> resize(std::uint64_t size) = 0;
  virtual Stored<std::uint64_t> size() = 0;
  // What was written is on the disk (fdatasync).
  virtual Stored<void> sync() = 0;
  virtual const std::string& path() const = 0;
};

// Held while the object lives.
class DirectoryLock {
 public:
  virtual ~DirectoryLock() = default;
};

enum class OpenMode {
  kRead,
  kWrite,   // an existing file
  kCreate,  // empty, whatever was there
};

class FileSystem {
 public:
  virtual ~FileSystem() = default;
  virtual Stored<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) = 0;
  // Names, without "." and "..", in no order.
  virtual Stored<std::vector<std::string>> list(const std::string& directory) = 0;
  virtual Stored<bool> exists(const std::string& path) = 0;
  virtual Stored<void> rename(const std::string& from, const std::string& to) = 0;
  // Done also where there is no such file.
  virtual Stored<void> remove(const std::string& path) = 0;
  // Names that were created, renamed or removed in it are on the disk.
  virtual Stored<void> sync_directory(const std::string& directory) = 0;
  // With its parents; done also where it exists.
  virtual Stored<void> make_directory(const std::string& directory) = 0;
  // kBusy where another process, or another object of this one, holds the lock.
  virtual Stored<std::unique_ptr<DirectoryLock>> lock(const std::string& directory) = 0;
};

inline std::string join(const std::string& directory, std::string_view name) {
  return directory + "/" + std::string(name);
}

// A file of at most `limit` bytes, whole; kCorrupt for a longer one.
Stored<std::string> read_small_file(FileSystem& files, const std::string& path,
                                    std::size_t limit = 65'536);

inline StorageFailure corrupt(const std::string& file, std::uint64_t offset, std::string text) {
  return StorageFailure(
      StorageError{StorageError::Kind::kCorrupt, file, offset, std::move(text), 0});
}
// The error's offset counts from the front of the file.
StorageFailure corrupt(const std::string& file, const DecodeError& error);
inline StorageFailure refused(const std::string& file, std::string text) {
  return StorageFailure(StorageError{StorageError::Kind::kRefused, file, 0, std::move(text), 0});
}

}  // namespace zkprobe::store
