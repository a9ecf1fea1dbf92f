#include "base/time.hpp"

#include <cstdio>

namespace zkprobe {

std::string to_string(Duration duration) {
  const auto micros = duration.count();
  char text[48];
  if (micros < 1000) {
    std::snprintf(text, sizeof text, "%lld us", static_cast<long long>(micros));
  } else if (micros < 1'000'000) {
    std::snprintf(text, sizeof text, "%.3g ms", static_cast<double>(micros) / 1e3);
  } else {
    std::snprintf(text, sizeof text, "%.4g s", static_cast<double>(micros) / 1e6);
  }
  return text;
}

}  // namespace zkprobe
