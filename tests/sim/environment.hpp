// What every part of a simulated ensemble shares: time, randomness, the trace and the counters.
#pragma once

#include <cstdint>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "base/time.hpp"
#include "scenario.hpp"
#include "schedule.hpp"

namespace zkprobe::sim {

// What happened, summed over all seeds, so that a reader sees that the faults really came.
struct Counters {
  std::map<std::string, std::uint64_t> events;
  std::vector<Duration> time_to_decide;  // from Look to Decided, per decision
  std::vector<Duration> time_to_settle;  // from healing to agreement, per cycle

  void count(const std::string& name, std::uint64_t n = 1) { events[name] += n; }
  void add(const Counters& other);
  bool operator==(const Counters&) const = default;
};

struct Environment {
  const Scenario& scenario;
  Schedule schedule;
  SeededRandom random;
  Delays delays;
  unsigned loss_per_mille;
  Counters counters;
  bool tracing = false;

  Environment(const Scenario& s, bool trace)
      : scenario(s),
        random(s.seed ^ 0x5eed0fe1ec7104ULL),
        delays(s.delays),
        loss_per_mille(s.loss_per_mille),
        tracing(trace) {}

  Instant now() const { return schedule.now(); }
  // Uniform between the two, both included.
  Duration between(Duration least, Duration most) {
    const auto span = static_cast<std::uint64_t>((most - least).count()) + 1;
    return least + Duration(static_cast<std::int64_t>(random.below(span)));
  }
  // How long one packet travels.
  Duration travel() {
    const Delays& d = delays;
    if (d.slow_percent != 0 && random.chance(d.slow_percent)) return between(d.most, d.slowest);
    return between(d.least, d.most);
  }
  // `who` is printed in front; build the text only if tracing.
  void trace(const std::string& who, const std::string& text) const;
};

}  // namespace zkprobe::sim
