// What went wrong on the disk: in one line, with the file, the place in it and what to do.
#pragma once

#include <cstdint>
#include <string>
#include <tl/expected.hpp>

namespace zkprobe::peer {

struct StorageError {
  enum class Kind {
    kIo,       // the operating system refused; `code` says why
    kFull,     // no space is left, or a quota
    kCorrupt,  // bytes that no server writes, or a part that is missing
    kRefused,  // what was asked for would make the directory wrong, or a release could not open it
    kBusy,     // another process has the directory
  };
  Kind kind = Kind::kIo;
  std::string file;          // a path, or of a directory
  std::uint64_t offset = 0;  // in the file, where that means something
  std::string text;          // "write: No space left on device"
  int code = 0;              // errno, with kIo and kFull

  bool operator==(const StorageError&) const = default;
};

// "/data/version-2/log.1 at byte 2755: checksum: expected 0x59d77295, found 0x1"
std::string to_string(const StorageError& error);

template <class T>
using Stored = tl::expected<T, StorageError>;
using StorageFailure = tl::unexpected<StorageError>;

}  // namespace zkprobe::peer
