// Virtual time: what happens next, and nothing between. Two things due at one instant happen in
// the order in which they were asked for, so a run depends on its seed alone.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <utility>

#include "base/time.hpp"

namespace zkprobe::sim {

class Schedule {
 public:
  using Action = std::function<void()>;

  Instant now() const { return now_; }

  void at(Instant when, Action action) {
    if (when < now_) when = now_;
    due_.emplace(std::make_pair(when, next_++), std::move(action));
  }
  void after(Duration wait, Action action) { at(now_ + wait, std::move(action)); }

  // Everything up to `until`, that instant included; time stands at `until` afterwards.
  void run_until(Instant until) {
    while (!due_.empty() && due_.begin()->first.first <= until) {
      auto next = due_.extract(due_.begin());
      now_ = next.key().first;
      next.mapped()();
    }
    now_ = until;
  }

 private:
  Instant now_;
  std::uint64_t next_ = 0;
  std::map<std::pair<Instant, std::uint64_t>, Action> due_;
};

}  // namespace zkprobe::sim
