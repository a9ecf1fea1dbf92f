// When each server's process stood, as its connections show.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "analysis/recording.hpp"

namespace zkprobe::analysis {

class Lives {
 public:
  explicit Lives(const Recording& recording);

  // Between these two packets, at both of which it spoke, there was a moment without any
  // connection of it, for votes or for learners: its process ended, or may have. The packet with
  // which the last of them had ended; of several such moments the last one.
  std::optional<std::uint64_t> ended_between(Sid sid, std::uint64_t since,
                                             std::uint64_t until) const;

 private:
  struct Span {  // of packets, with a connection at every moment
    std::uint64_t from = 0, to = 0;
  };
  std::unordered_map<Sid, std::vector<Span>> spans_;  // in order, apart from each other
};

}  // namespace zkprobe::analysis
