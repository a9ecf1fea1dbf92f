// Seeded randomness, the same on every platform: a run is replayed by its seed.
#pragma once

#include <cstdint>

namespace zkprobe {

// SplitMix64.
class SeededRandom {
 public:
  explicit SeededRandom(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next();
  // Uniform in [0, bound); 0 for a bound of 0.
  std::uint64_t below(std::uint64_t bound);
  // True with a chance of `percent` in 100.
  bool chance(unsigned percent) { return below(100) < percent; }

 private:
  std::uint64_t state_;
};

}  // namespace zkprobe
