// A vote, and the order that decides an election.
#pragma once

#include <compare>
#include <cstdint>

#include "base/ids.hpp"
#include "base/release.hpp"
#include "wire/notification.hpp"

namespace zkprobe::quorum {

// Its order is the election's: the newer epoch, then the longer log, then the larger id
// (FastLeaderElection.totalOrderPredicate, 3.4.4 and later). The rule that a candidate of weight
// zero never wins stands in the verifier; the older orders in beats().
struct Vote {
  PeerEpoch peer_epoch;
  Zxid zxid;
  Sid leader;

  constexpr auto operator<=>(const Vote&) const = default;
};
static_assert(Vote{PeerEpoch(1), Zxid(0), Sid(0)} > Vote{PeerEpoch(0), Zxid(9), Sid(9)});
static_assert(Vote{PeerEpoch(1), Zxid(2), Sid(0)} > Vote{PeerEpoch(1), Zxid(1), Sid(9)});
static_assert(Vote{PeerEpoch(1), Zxid(2), Sid(3)} > Vote{PeerEpoch(1), Zxid(2), Sid(1)});

// A vote as it was received: with the round it belongs to and who speaks (Java: Vote).
struct CastVote {
  Vote vote;
  ElectionRound round;
  wire::ServerState state = wire::ServerState::kLooking;
  std::int32_t version = 0;

  bool operator==(const CastVote&) const = default;
};

// Vote.equals of `release`: 3.3 compares leader, zxid and round; 3.4.0 to 3.4.5 and 3.5.0 to 3.5.4
// all four numbers; the others all four if one side is LOOKING, else leader and peerEpoch, or the
// leader alone if exactly one side has a version (ZOOKEEPER-1805).
bool same_vote(const CastVote& a, const CastVote& b, Release release);

// totalOrderPredicate of `release`, the weight rule apart. 3.3 knows no epoch; 3.4.0 to 3.4.3
// compare the id without an epoch test (ZOOKEEPER-1419).
bool beats(const Vote& challenger, const Vote& current, Release release);

}  // namespace zkprobe::quorum
