// CRC-32 as java.util.zip.CRC32 and zlib compute it: polynomial 0x04c11db7 reflected, start and end
// inverted. The state between two updates can be kept and gone on with.
#pragma once

#include <cstdint>

#include "base/bytes.hpp"

namespace zkprobe::replica {

class Crc32 {
 public:
  Crc32() = default;
  // Goes on after the bytes whose value() that was.
  explicit Crc32(std::uint32_t value) : state_(~value) {}

  Crc32& update(BytesView bytes);
  std::uint32_t value() const { return ~state_; }

 private:
  std::uint32_t state_ = 0xffffffffU;
};

}  // namespace zkprobe::replica
