// Which events of a peer are worth a line for people, so that nobody on the network can write lines
// without limit. Shared by `ensemble` and `join`. Records (--json) are not bounded: they show
// everything, and a reader who does not keep up loses some (net/output_sink.hpp).
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "net/log_budget.hpp"
#include "peer_view.hpp"

namespace zkprobe::tool {

class EventTeller {
 public:
  using Time = net::LogBudget::Time;

  // Ids whose last line is remembered. One more, and all are forgotten.
  static constexpr std::size_t kMaxIds = 256;

  // The lines for this event, without their ends: none, one, or first one that says how many were
  // left out. What one id causes again with the same words is not told again, until a link with it
  // opens; all that links and bytes of others cause is within LogBudget. `now` never goes back.
  std::vector<std::string> tell(const net::PeerEvent& event, Time now);

  // For the end: says what was left out since it was last said; nothing where nothing was.
  std::optional<std::string> left_out();

 private:
  bool is_repeated(const net::PeerEvent& event, const std::string& line);

  std::map<Sid, std::string> told_;
  net::LogBudget budget_;
  std::uint64_t left_out_ = 0;
  std::optional<Time> noted_;
};

}  // namespace zkprobe::tool
