// When a server takes a snapshot of its own: after snapCount transactions at the latest and half of
// that at the earliest, at a random place between, so that the servers of an ensemble do not all do
// it at once. Java: SyncRequestProcessor.shouldSnapshot, resetSnapshotStats.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/random.hpp"

namespace zkprobe::peer {

class SnapshotSchedule {
 public:
  static constexpr std::int64_t kSnapCount = 100'000;  // zookeeper.snapCount
  static constexpr std::int64_t kLeastSnapCount = 2;   // ZooKeeperServer.getSnapCount

  SnapshotSchedule(std::int64_t snap_count, std::uint64_t seed)
      : half_(std::max(snap_count, kLeastSnapCount) / 2), random_(seed) {
    begin_anew();
  }

  // One more transaction was logged. True: it is time.
  bool logged() { return ++count_ > half_ + extra_; }
  // A snapshot was begun.
  void begin_anew() {
    count_ = 0;
    extra_ = static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(half_)));
  }

 private:
  std::int64_t half_;
  SeededRandom random_;
  std::int64_t count_ = 0;
  std::int64_t extra_ = 0;
};

}  // namespace zkprobe::peer
