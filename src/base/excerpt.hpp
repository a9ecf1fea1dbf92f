// The first bytes of something, for a log line.
#pragma once

#include <string>

#include "base/bytes.hpp"

namespace zkprobe {

inline constexpr std::size_t kExcerpt = 32;

// "0001ff": up to 32 bytes, then "..."; "none" where there are none.
std::string excerpt(BytesView bytes);

}  // namespace zkprobe
