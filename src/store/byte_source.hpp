// The bytes of a snapshot file in chunks, uncompressed. Java: SnapStream.getInputStream.
#pragma once

#include <memory>
#include <string>

#include "store/file_system.hpp"

namespace zkprobe::store {

class ByteSource {
 public:
  virtual ~ByteSource() = default;
  // The next chunk, valid until the next call; empty at the end.
  virtual Stored<BytesView> next() = 0;
  // The compressed stream ended before it was whole.
  virtual bool cut_short() const { return false; }
};

enum class Compression {
  kNone,
  kGzip,    // ".gz"
  kSnappy,  // ".snappy": cannot be read here
};
// By the last part of the name, in any case of letters.
Compression compression_of(const std::string& name);

// kRefused for snappy.
Stored<std::unique_ptr<ByteSource>> open_source(FileSystem& files, const std::string& path);

}  // namespace zkprobe::store
