#include "store/posix_file_system.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>

namespace zkprobe::store {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }
  bool open() const { return fd_ >= 0; }

 private:
  int fd_;
};

// Of the last call, which set errno.
StorageFailure failed(const std::string& path, const char* call, std::uint64_t offset = 0) {
  const int code = errno;
  const bool full = code == ENOSPC || code == EDQUOT || code == EFBIG;
  return StorageFailure(
      StorageError{full ? StorageError::Kind::kFull : StorageError::Kind::kIo, path, offset,
                   std::string(call) + ": " + std::generic_category().message(code), code});
}

template <class Call>
auto uninterrupted(Call call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

Descriptor open_descriptor(const std::string& path, int flags) {
  return Descriptor(uninterrupted([&] { return ::open(path.c_str(), flags | O_CLOEXEC, 0666); }));
}

class PosixFile : public File {
 public:
  PosixFile(Descriptor descriptor, std::string path)
      : descriptor_(std::move(descriptor)), path_(std::move(path)) {}

  Stored<std::size_t> read_at(std::uint64_t offset, std::span<std::uint8_t> into) override {
    std::size_t done = 0;
    while (done < into.size()) {
      const auto n = uninterrupted([&] {
        return ::pread(descriptor_.get(), into.data() + done, into.size() - done,
                       static_cast<off_t>(offset + done));
      });
      if (n < 0) return failed(path_, "read", offset + done);
      if (n == 0) break;
      done += static_cast<std::size_t>(n);
    }
    return done;
  }

  Stored<void> write_at(std::uint64_t offset, BytesView bytes) override {
    while (!bytes.empty()) {
      const auto n = uninterrupted([&] {
        return ::pwrite(descriptor_.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
      });
      if (n < 0) return failed(path_, "write", offset);
      offset += static_cast<std::uint64_t>(n);
      bytes = bytes.subspan(static_cast<std::size_t>(n));
    }
    return {};
  }

  Stored<void> resize(std::uint64_t size) override {
    if (uninterrupted([&] { return ::ftruncate(descriptor_.get(), static_cast<off_t>(size)); }) <
        0) {
      return failed(path_, "resize", size);
    }
    return {};
  }

  Stored<std::uint64_t> size() override {
    struct stat status {};
    if (::fstat(descriptor_.get(), &status) < 0) return failed(path_, "stat");
    return static_cast<std::uint64_t>(status.st_size);
  }

  Stored<void> sync() override {
    if (uninterrupted([&] { return ::fdatasync(descriptor_.get()); }) < 0) {
      return failed(path_, "fsync");
    }
    return {};
  }

  const std::string& path() const override { return path_; }

 private:
  Descriptor descriptor_;
  std::string path_;
};

class PosixLock : public DirectoryLock {
 public:
  explicit PosixLock(Descriptor descriptor) : descriptor_(std::move(descriptor)) {}

 private:
  Descriptor descriptor_;
};

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};

}  // namespace

Stored<std::unique_ptr<File>> PosixFileSystem::open(const std::string& path, OpenMode mode) {
  int flags = O_RDONLY;
  if (mode == OpenMode::kWrite) flags = O_RDWR;
  if (mode == OpenMode::kCreate) flags = O_RDWR | O_CREAT | O_TRUNC;
  Descriptor descriptor = open_descriptor(path, flags);
  if (!descriptor.open()) return failed(path, mode == OpenMode::kCreate ? "create" : "open");
  return std::make_unique<PosixFile>(std::move(descriptor), path);
}

Stored<std::vector<std::string>> PosixFileSystem::list(const std::string& directory) {
  const std::unique_ptr<DIR, CloseDirectory> open(::opendir(directory.c_str()));
  if (!open) return failed(directory, "list");
  std::vector<std::string> names;
  while (true) {
    errno = 0;
    const dirent* entry = ::readdir(open.get());
    if (entry == nullptr) break;
    const std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(name);
  }
  if (errno != 0) return failed(directory, "list");
  return names;
}

Stored<bool> PosixFileSystem::exists(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0) return true;
  if (errno == ENOENT || errno == ENOTDIR) return false;
  return failed(path, "stat");
}

Stored<void> PosixFileSystem::rename(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) < 0) return failed(to, "rename");
  return {};
}

Stored<void> PosixFileSystem::remove(const std::string& path) {
  if (::unlink(path.c_str()) < 0 && errno != ENOENT) return failed(path, "remove");
  return {};
}

Stored<void> PosixFileSystem::sync_directory(const std::string& directory) {
  const Descriptor descriptor = open_descriptor(directory, O_RDONLY | O_DIRECTORY);
  if (!descriptor.open()) return failed(directory, "open");
  if (uninterrupted([&] { return ::fsync(descriptor.get()); }) < 0) {
    return failed(directory, "fsync");
  }
  return {};
}

Stored<void> PosixFileSystem::make_directory(const std::string& directory) {
  for (std::size_t end = 1; end != std::string::npos;) {
    end = directory.find('/', end + 1);
    const std::string part = directory.substr(0, end);
    if (::mkdir(part.c_str(), 0777) < 0 && errno != EEXIST) return failed(part, "mkdir");
  }
  const auto there = list(directory);
  if (!there) return StorageFailure(there.error());
  return {};
}

Stored<std::unique_ptr<DirectoryLock>> PosixFileSystem::lock(const std::string& directory) {
  Descriptor descriptor = open_descriptor(directory, O_RDONLY | O_DIRECTORY);
  if (!descriptor.open()) return failed(directory, "open");
  if (uninterrupted([&] { return ::flock(descriptor.get(), LOCK_EX | LOCK_NB); }) < 0) {
    if (errno != EWOULDBLOCK) return failed(directory, "lock");
    return StorageFailure(StorageError{StorageError::Kind::kBusy, directory, 0,
                                       "another zkprobe works on this directory; stop it first",
                                       0});
  }
  return std::make_unique<PosixLock>(std::move(descriptor));
}

}  // namespace zkprobe::store
