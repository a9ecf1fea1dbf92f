#include "wire/adler32.hpp"

#include <algorithm>

namespace zkprobe::wire {
namespace {

constexpr std::uint32_t kModulus = 65'521;
// The most bytes after which neither sum has overflowed 32 bits.
constexpr std::size_t kRun = 5552;

}  // namespace

void Adler32::update(BytesView bytes) {
  while (!bytes.empty()) {
    const BytesView run = bytes.first(std::min(bytes.size(), kRun));
    std::uint32_t low = low_;
    std::uint32_t high = high_;
    for (const std::uint8_t byte : run) {
      low += byte;
      high += low;
    }
    low_ = low % kModulus;
    high_ = high % kModulus;
    bytes = bytes.subspan(run.size());
  }
}

}  // namespace zkprobe::wire
