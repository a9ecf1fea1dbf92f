// Time as a value. Machines never ask a clock: every step is told what time it is.
#pragma once

#include <chrono>
#include <compare>
#include <string>

namespace zkprobe {

using Duration = std::chrono::microseconds;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

// A point on a monotonic time line whose zero means nothing.
struct Instant {
  Duration since_zero{0};

  constexpr auto operator<=>(const Instant&) const = default;
  friend constexpr Instant operator+(Instant at, Duration d) { return {at.since_zero + d}; }
  friend constexpr Duration operator-(Instant a, Instant b) { return a.since_zero - b.since_zero; }
};

// "200 ms", "1.5 s": for people.
std::string to_string(Duration duration);

}  // namespace zkprobe
