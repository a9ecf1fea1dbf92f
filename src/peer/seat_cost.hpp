// What it costs an ensemble that some of its voters decline to lead.
#pragma once

#include <cstddef>
#include <optional>

#include "quorum/quorum_verifier.hpp"

namespace zkprobe::peer {

// How many of the other voters may fail, whichever they are, so that those left are a quorum by
// themselves: then one of them leads, and every committed write is with one that can lead. Voters
// that decline stand for nothing there: an ensemble that needs them for its quorum waits, when the
// leader dies, until a server that has the last writes and may lead is back. Nothing: the others
// are no quorum at all. With hierarchical quorums it counts up to kMostCounted: every set is tried.
std::optional<std::size_t> failures_left(const quorum::QuorumVerifier& verifier,
                                         const quorum::SidSet& decline);

inline constexpr std::size_t kMostCounted = 3;

}  // namespace zkprobe::peer
