// Whether we keep up with the leader. A learner that does not read makes the leader queue packets
// for it without a bound, so it leaves instead and comes back later.
//
// Behind: after each read, when what it brought was dealt with, more had come, for longer than the
// patience: what is read now may have waited as long. Who keeps up empties the socket now and then,
// because each read is shorter than the one before, and is asked now and then only. Not during a
// synchronisation, which is one long read that initLimit bounds. (A read that fills its buffer is
// no sign: a kernel may hold less.)
#pragma once

#include <optional>

#include "base/time.hpp"

namespace zkprobe::learner {

class Backlog {
 public:
  static constexpr Duration kPatience = std::chrono::seconds(5);
  static constexpr Duration kPause = std::chrono::milliseconds(100);

  explicit Backlog(Duration patience = kPatience) : patience_(patience) {}

  // Whether it is worth a look at the socket: after each read while bytes were found there, and
  // kPause after it was found empty.
  bool due(Instant now) const { return since_ || !looked_ || now - *looked_ >= kPause; }
  // `unread`: bytes wait in the socket now. True: we are behind.
  bool note(bool unread, Instant now) {
    looked_ = now;
    if (!unread) {
      since_.reset();
      return false;
    }
    if (!since_) since_ = now;
    return now - *since_ > patience_;
  }
  void reset() { since_.reset(); }

 private:
  Duration patience_;
  std::optional<Instant> since_;
  std::optional<Instant> looked_;
};

}  // namespace zkprobe::learner
