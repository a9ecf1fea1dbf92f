#include "quorum/tally.hpp"

#include <algorithm>

namespace zkprobe::quorum {

Tally::Tally(const QuorumVerifier& committed, const QuorumVerifier* last_seen) {
  counts_.push_back({&committed, {}});
  if (last_seen != nullptr && last_seen->version() > committed.version()) {
    counts_.push_back({last_seen, {}});
  }
}

bool Tally::add(Sid sid) {
  bool counted = false;
  for (Count& count : counts_) {
    if (!count.verifier->is_voter(sid)) continue;
    count.acks.insert(sid);
    counted = true;
  }
  return counted;
}

bool Tally::has_all_quorums() const {
  return std::all_of(counts_.begin(), counts_.end(), [](const Count& count) {
    return count.verifier->contains_quorum(count.acks);
  });
}

}  // namespace zkprobe::quorum
