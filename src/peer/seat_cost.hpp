// What it costs an ensemble that one of its voters declines to lead.
#pragma once

#include <cstddef>
#include <optional>

#include "quorum/quorum_verifier.hpp"

namespace zkprobe::peer {

// How many of the other voters may fail, whichever they are, so that those left are a quorum by
// themselves: then one of them leads, and every committed write is with one that can lead. A voter
// that declines stands for nothing there: an ensemble that needs it for its quorum waits, when the
// leader dies, until a server that has the last writes and may lead is back. Nothing: the others
// are no quorum at all. With hierarchical quorums it counts up to kMostCounted: every set is tried.
std::optional<std::size_t> failures_left(const quorum::QuorumVerifier& verifier, Sid declines);

inline constexpr std::size_t kMostCounted = 3;

}  // namespace zkprobe::peer
