// Whether we keep up with the leader. A learner that does not read makes the leader queue packets
// for it without a bound, so it leaves instead and comes back later.
//
// Behind: after a read there was more to read, each time, for kPatience. Not during a
// synchronisation, which is one long read that initLimit bounds.
#pragma once

#include <optional>

#include "base/time.hpp"

namespace zkprobe::learner {

class Backlog {
 public:
  static constexpr Duration kPatience = std::chrono::seconds(5);

  // `unread`: bytes wait in the socket now. True: we are behind.
  bool note(bool unread, Instant now) {
    if (!unread) {
      since_.reset();
      return false;
    }
    if (!since_) since_ = now;
    return now - *since_ > kPatience;
  }
  void reset() { since_.reset(); }

 private:
  std::optional<Instant> since_;
};

}  // namespace zkprobe::learner
