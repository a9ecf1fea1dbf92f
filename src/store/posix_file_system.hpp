// FileSystem on a POSIX system. A file's offset in an error is that of the call.
#pragma once

#include "store/file_system.hpp"

namespace zkprobe::store {

class PosixFileSystem : public FileSystem {
 public:
  Stored<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override;
  Stored<std::vector<std::string>> list(const std::string& directory) override;
  Stored<bool> exists(const std::string& path) override;
  Stored<void> rename(const std::string& from, const std::string& to) override;
  Stored<void> remove(const std::string& path) override;
  Stored<void> sync_directory(const std::string& directory) override;
  Stored<void> make_directory(const std::string& directory) override;
  Stored<std::unique_ptr<DirectoryLock>> lock(const std::string& directory) override;
};

}  // namespace zkprobe::store
