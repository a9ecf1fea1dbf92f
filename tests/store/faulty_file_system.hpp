// A disk that fails: the k-th call that changes something, and everything after it. A write that
// fails has written its first half.
#pragma once

#include <cerrno>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "store/posix_file_system.hpp"

namespace zkprobe::store {

class FaultyFileSystem : public FileSystem {
 public:
  // 0: never.
  std::size_t fail_at = 0;
  // Only that call fails; the disk works again afterwards.
  bool once = false;
  std::size_t changes = 0;  // calls so far
  std::size_t syncs = 0;    // of files
  std::string failed_call;  // "write"
  // Called when a file is to be synchronised, on the thread that does it.
  std::function<void()> on_sync;

  bool fails(const char* call) {
    ++changes;
    const bool now = fail_at != 0 && (once ? changes == fail_at : changes >= fail_at);
    if (now && failed_call.empty()) failed_call = call;
    return now;
  }
  static StorageFailure full(const std::string& path, std::uint64_t offset, const char* call) {
    return StorageFailure(StorageError{StorageError::Kind::kFull, path, offset,
                                       std::string(call) + ": No space left on device", ENOSPC});
  }

  Stored<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override;
  Stored<std::vector<std::string>> list(const std::string& directory) override {
    return disk_.list(directory);
  }
  Stored<bool> exists(const std::string& path) override { return disk_.exists(path); }
  Stored<void> rename(const std::string& from, const std::string& to) override {
    if (fails("rename")) return full(to, 0, "rename");
    return disk_.rename(from, to);
  }
  Stored<void> remove(const std::string& path) override {
    if (fails("remove")) return full(path, 0, "remove");
    return disk_.remove(path);
  }
  Stored<void> sync_directory(const std::string& directory) override {
    if (fails("fsync of the directory")) return full(directory, 0, "fsync");
    return disk_.sync_directory(directory);
  }
  Stored<void> make_directory(const std::string& directory) override {
    if (fails("mkdir")) return full(directory, 0, "mkdir");
    return disk_.make_directory(directory);
  }
  Stored<std::unique_ptr<DirectoryLock>> lock(const std::string& directory) override {
    return disk_.lock(directory);
  }

 private:
  PosixFileSystem disk_;
};

class FaultyFile : public File {
 public:
  FaultyFile(FaultyFileSystem& faults, std::unique_ptr<File> file)
      : faults_(&faults), file_(std::move(file)) {}

  Stored<std::size_t> read_at(std::uint64_t offset, std::span<std::uint8_t> into) override {
    return file_->read_at(offset, into);
  }
  Stored<void> write_at(std::uint64_t offset, BytesView bytes) override {
    if (!faults_->fails("write")) return file_->write_at(offset, bytes);
    (void)file_->write_at(offset, bytes.first(bytes.size() / 2));
    return FaultyFileSystem::full(path(), offset + bytes.size() / 2, "write");
  }
  Stored<void> resize(std::uint64_t size) override {
    if (faults_->fails("resize")) return FaultyFileSystem::full(path(), size, "resize");
    return file_->resize(size);
  }
  Stored<std::uint64_t> size() override { return file_->size(); }
  Stored<void> sync() override {
    if (faults_->fails("fsync")) return FaultyFileSystem::full(path(), 0, "fsync");
    if (faults_->on_sync) faults_->on_sync();
    ++faults_->syncs;
    return file_->sync();
  }
  const std::string& path() const override { return file_->path(); }

 private:
  FaultyFileSystem* faults_;
  std::unique_ptr<File> file_;
};

inline Stored<std::unique_ptr<File>> FaultyFileSystem::open(const std::string& path,
                                                            OpenMode mode) {
  if (mode == OpenMode::kCreate && fails("create")) return full(path, 0, "create");
  auto file = disk_.open(path, mode);
  if (!file) return StorageFailure(file.error());
  return std::make_unique<FaultyFile>(*this, std::move(*file));
}

}  // namespace zkprobe::store
