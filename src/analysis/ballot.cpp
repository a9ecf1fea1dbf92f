#include "analysis/ballot.hpp"

namespace zkprobe::analysis {

void Ballot::add(Sid from, const Record& record, RecordIndex index, RecordIndex own) {
  if (known_.size() < kMaxVotes || known_.contains(from)) {
    known_[from] = {record.vote, record.round, record.state, index};
  }
  if (record.state != wire::ServerState::kLooking) return;
  const auto before = brought_.find(record.vote);
  if (before == brought_.end()) {
    if (brought_.size() < kMaxVotes) brought_.emplace(record.vote, Brought{index, index});
    return;
  }
  if (before->second.first <= own) before->second.first = index;
  before->second.last = index;
}

std::optional<RecordIndex> Ballot::who_brought(const quorum::Vote& vote) const {
  const auto found = brought_.find(vote);
  if (found == brought_.end()) return std::nullopt;
  return found->second.first;
}

quorum::SidSet Ballot::agreeing(const quorum::Vote& vote, ElectionRound round) const {
  quorum::SidSet sids;
  for (const auto& [sid, known] : known_) {
    if (known.round == round && known.vote == vote) sids.insert(sid);
  }
  return sids;
}

quorum::SidSet Ballot::established(Sid leader) const {
  quorum::SidSet sids;
  for (const auto& [sid, known] : known_) {
    const bool decided =
        known.state == wire::ServerState::kFollowing || known.state == wire::ServerState::kLeading;
    if (decided && known.vote.leader == leader) sids.insert(sid);
  }
  return sids;
}

void Ballot::forget_before(RecordIndex record) {
  std::erase_if(known_, [&](const auto& entry) { return entry.second.record < record; });
  std::erase_if(brought_, [&](const auto& entry) { return entry.second.last < record; });
  for (auto& [vote, brought] : brought_) {
    // Of those in between none is known; the last one is.
    if (brought.first < record) brought.first = brought.last;
  }
}

std::optional<Sid> Ballot::leader() const {
  for (const auto& [sid, known] : known_) {
    if (known.state == wire::ServerState::kLeading && known.vote.leader == sid) return sid;
  }
  return std::nullopt;
}

}  // namespace zkprobe::analysis
