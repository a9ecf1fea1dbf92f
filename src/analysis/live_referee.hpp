// What the counterpart of a played peer says if it hears that peer alone. In the capture it heard
// others, too; what only they can have caused cannot be asked of a live server.
#pragma once

#include <optional>
#include <vector>

#include "analysis/live_script.hpp"

namespace zkprobe::analysis {

struct AloneWords {
  // In the capture's ids and numbers; one that says what the last one said is left out.
  std::vector<wire::Notification> words;
  std::optional<LiveDecision> decision;  // packet: 0
  bool counted = true;                   // the peer's votes

  bool has(const wire::Notification& word) const;
};

// An Election of the counterpart's release is told the peer's votes at the times of the capture.
// `counted`: the peer is a member; else it is a stranger, who is answered and not heard. Who has
// decided before tells nothing but that.
AloneWords words_alone(const LiveScript& script, bool counted);

}  // namespace zkprobe::analysis
