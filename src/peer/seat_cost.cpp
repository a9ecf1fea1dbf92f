#include "peer/seat_cost.hpp"

#include <vector>

namespace zkprobe::peer {
namespace {

// Whether every set that is left after `failures` more of others[from..] have failed is a quorum.
bool survives(const quorum::QuorumVerifier& verifier, const std::vector<Sid>& others,
              std::size_t from, std::size_t failures, quorum::SidSet& left) {
  if (failures == 0) return verifier.contains_quorum(left);
  for (std::size_t i = from; i + failures <= others.size(); ++i) {
    left.erase(others[i]);
    const bool holds = survives(verifier, others, i + 1, failures - 1, left);
    left.insert(others[i]);
    if (!holds) return false;
  }
  return true;
}

}  // namespace

std::optional<std::size_t> failures_left(const quorum::QuorumVerifier& verifier,
                                         const quorum::SidSet& decline) {
  quorum::SidSet left = verifier.voters();
  for (const Sid sid : decline) left.erase(sid);
  const std::vector<Sid> others(left.begin(), left.end());
  if (!verifier.contains_quorum(left)) return std::nullopt;
  if (!verifier.config().hierarchical()) {
    return others.size() - (verifier.voters().size() / 2 + 1);
  }
  std::size_t failures = 0;
  while (failures < kMostCounted && failures < others.size() &&
         survives(verifier, others, 0, failures + 1, left)) {
    ++failures;
  }
  return failures;
}

}  // namespace zkprobe::peer
