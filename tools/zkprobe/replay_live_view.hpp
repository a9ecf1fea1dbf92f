// What a live replay prints: what was played, what the target said, and how it compares.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analysis/live_adaptation.hpp"
#include "analysis/live_comparison.hpp"
#include "analysis/live_script.hpp"
#include "output.hpp"
#include "wire/initial_message.hpp"
#include "wire/quorum_config.hpp"

namespace zkprobe::tool {

struct LiveResult {
  const analysis::LiveScript& script;
  const analysis::LiveTarget& target;
  const analysis::LiveAdaptation& adapt;
  Sid as;
  bool listed = true;  // the target's configuration names `as`
  wire::HostPort address;
  std::optional<wire::QuorumConfig> config;  // the target's
  std::vector<Duration> sent;                // by vote of the script
  std::vector<analysis::LiveSaid> said;
  std::vector<analysis::LiveComparison> compared;
  std::optional<std::string> failure = std::nullopt;  // why it did not come to its end

  bool agrees() const;
};

class ReplayLiveView {
 public:
  explicit ReplayLiveView(Style style) : style_(style) {}

  std::string text(const LiveResult& result) const;
  // JSON Lines: "target", "sent" for each vote, "answer" for each comparison, and the sums.
  std::string json(const LiveResult& result) const;

 private:
  Style style_;
};

}  // namespace zkprobe::tool
