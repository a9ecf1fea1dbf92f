#include "base/excerpt.hpp"

#include <algorithm>

namespace zkprobe {

std::string excerpt(BytesView bytes) {
  if (bytes.empty()) return "none";
  const std::string digits = hex_encode(bytes.first(std::min(bytes.size(), kExcerpt)));
  return bytes.size() > kExcerpt ? digits + "..." : digits;
}

}  // namespace zkprobe
