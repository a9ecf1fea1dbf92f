// One reader of each generation, chosen by a byte of the input.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>

#include "wire/dialect.hpp"

namespace zkprobe::fuzz {

inline constexpr Release kReaders[] = {{3, 3, 6}, {3, 4, 5},  {3, 4, 6}, {3, 4, 14},    {3, 5, 0},
                                       {3, 5, 1}, {3, 5, 10}, {3, 6, 0}, kNewestRelease};

// 0 to 8: the readers above; 9: lenient; then from the beginning.
inline wire::Dialect dialect(std::uint8_t choice) {
  wire::Dialect dialect;
  const std::size_t count = std::size(kReaders);
  const std::size_t index = choice % (count + 1);
  dialect.lenient = index == count;
  if (!dialect.lenient) dialect.release = kReaders[index];
  return dialect;
}

}  // namespace zkprobe::fuzz
