// Whether a capture holds one ensemble or several, whose servers have the same ids.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "analysis/recording.hpp"
#include "analysis/roster.hpp"

namespace zkprobe::analysis {

class Ensembles {
 public:
  struct One {
    RecordIndex record = 0;            // the first vote of it
    std::vector<std::uint16_t> ports;  // of its servers, for votes and for learners; ascending
  };

  Ensembles(const Recording& recording, const Roster& roster);

  // By their first votes; empty where no configuration is in the capture.
  const std::vector<One>& all() const { return all_; }
  bool several() const { return all_.size() > 1; }
  // Two texts of configurations have no address in common, and nobody who announces the one speaks
  // where the other is announced.
  bool apart(std::int32_t a, std::int32_t b) const;

 private:
  std::map<std::int32_t, std::size_t> of_text_;  // place in all_
  std::vector<One> all_;
};

}  // namespace zkprobe::analysis
