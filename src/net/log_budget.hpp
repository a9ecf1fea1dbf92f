// How many log lines the network may cause: a scanner must not fill a disk.
#pragma once

#include <chrono>
#include <cstdint>

namespace zkprobe::net {

class LogBudget {
 public:
  using Time = std::chrono::steady_clock::time_point;

  static constexpr std::uint64_t kLinesPerSecond = 50;

  // Whether one more line may be written at `now`, which never goes back.
  bool take(Time now);
  // How many lines were left out since the last call; nonzero only once lines are written again.
  std::uint64_t left_out();

 private:
  Time second_{};
  std::uint64_t written_ = 0;
  std::uint64_t left_out_ = 0;
};

}  // namespace zkprobe::net
