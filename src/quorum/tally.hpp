// Who agrees, counted against the configurations that are in force at once: during a reconfig the
// committed one and the last-seen one, and both must have their quorum.
// Java: SyncedLearnerTracker (3.5.0 and later).
#pragma once

#include <vector>

#include "base/ids.hpp"
#include "quorum/quorum_verifier.hpp"

namespace zkprobe::quorum {

// Refers to the verifiers: they must outlive it.
class Tally {
 public:
  // last_seen counts only if its version is higher than committed's; it may be null.
  Tally(const QuorumVerifier& committed, const QuorumVerifier* last_seen);

  // True if the id is a voter in one of the configurations; others do not count.
  bool add(Sid sid);
  bool has_all_quorums() const;

 private:
  struct Count {
    const QuorumVerifier* verifier;
    SidSet acks;
  };
  std::vector<Count> counts_;
};

}  // namespace zkprobe::quorum
