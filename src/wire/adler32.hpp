// Adler-32 (RFC 1950), the checksum of ZooKeeper's log entries and snapshots.
// Java: java.util.zip.Adler32, whose value is written as a long.
#pragma once

#include <cstdint>

#include "base/bytes.hpp"

namespace zkprobe::wire {

class Adler32 {
 public:
  void update(BytesView bytes);
  std::uint32_t value() const { return high_ << 16 | low_; }

 private:
  std::uint32_t low_ = 1;
  std::uint32_t high_ = 0;
};

inline std::uint32_t adler32(BytesView bytes) {
  Adler32 sum;
  sum.update(bytes);
  return sum.value();
}

}  // namespace zkprobe::wire
