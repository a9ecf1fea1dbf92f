#include "analysis/election.hpp"

namespace zkprobe::analysis {

std::string_view to_string(PhaseKind kind) {
  switch (kind) {
    case PhaseKind::kLooking:
      return "looking";
    case PhaseKind::kDrain:
      return "drain";
    case PhaseKind::kDiscovery:
      return "discovery";
    case PhaseKind::kSync:
      return "synchronisation";
  }
  return "looking";
}

const Tale* Election::find(Sid sid) const {
  for (const Tale& tale : tales) {
    if (tale.sid == sid) return &tale;
  }
  return nullptr;
}

Tale* Election::find(Sid sid) {
  for (Tale& tale : tales) {
    if (tale.sid == sid) return &tale;
  }
  return nullptr;
}

}  // namespace zkprobe::analysis
