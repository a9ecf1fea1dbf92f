// A property that must hold for every input of a fuzz target.
#pragma once

#include <cstdlib>

namespace zkprobe::fuzz {

inline void check(bool holds) {
  if (!holds) std::abort();
}

}  // namespace zkprobe::fuzz
