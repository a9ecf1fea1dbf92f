#include "quorum/vote.hpp"

namespace zkprobe::quorum {

namespace {

bool same_numbers(const CastVote& a, const CastVote& b) {
  return a.vote == b.vote && a.round == b.round;
}

// Vote.equals before ZOOKEEPER-1805 (3.4.6) and ZOOKEEPER-1818 (3.5.5).
bool compares_all_numbers(Release release) {
  return release < Release{3, 4, 6} || (release >= Release{3, 5, 0} && release < Release{3, 5, 5});
}

}  // namespace

bool same_vote(const CastVote& a, const CastVote& b, Release release) {
  if (release < Release{3, 4, 0}) {
    return a.vote.leader == b.vote.leader && a.vote.zxid == b.vote.zxid && a.round == b.round;
  }
  if (compares_all_numbers(release)) return same_numbers(a, b);
  if (a.state == wire::ServerState::kLooking || b.state == wire::ServerState::kLooking) {
    return same_numbers(a, b);
  }
  if (a.vote.leader != b.vote.leader) return false;
  return (a.version > 0) != (b.version > 0) || a.vote.peer_epoch == b.vote.peer_epoch;
}

bool beats(const Vote& challenger, const Vote& current, Release release) {
  const bool longer_or_larger =
      challenger.zxid > current.zxid ||
      (challenger.zxid == current.zxid && challenger.leader > current.leader);
  if (release < Release{3, 4, 0}) return longer_or_larger;
  if (release < Release{3, 4, 4}) {
    // An id decides between equal zxids even where the epochs differ (ZOOKEEPER-1419).
    return challenger.peer_epoch > current.peer_epoch ||
           (challenger.peer_epoch == current.peer_epoch && challenger.zxid > current.zxid) ||
           (challenger.zxid == current.zxid && challenger.leader > current.leader);
  }
  return challenger > current;
}

}  // namespace zkprobe::quorum
