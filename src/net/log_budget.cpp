#include "net/log_budget.hpp"

#include <utility>

namespace zkprobe::net {

bool LogBudget::take(Time now) {
  if (written_ == 0 || now - second_ >= std::chrono::seconds(1)) {
    second_ = now;
    written_ = 0;
  }
  if (written_ < kLinesPerSecond) {
    ++written_;
    return true;
  }
  ++left_out_;
  return false;
}

std::uint64_t LogBudget::left_out() {
  return written_ < kLinesPerSecond ? std::exchange(left_out_, 0) : 0;
}

}  // namespace zkprobe::net
