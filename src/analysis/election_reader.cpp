#include "analysis/election_reader.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace zkprobe::analysis {
namespace {

using wire::PacketType;
using wire::ServerState;

// Whoever looks waits at least so long (finalizeWait) before it decides; whoever has decided
// answers sooner.
constexpr std::chrono::milliseconds kFinalizeWait{200};

constexpr RecordIndex kNone = std::numeric_limits<RecordIndex>::max();

bool leads(PacketType type) {
  return type == PacketType::kLeaderInfo || type == PacketType::kNewLeader ||
         type == PacketType::kDiff || type == PacketType::kTrunc || type == PacketType::kSnap;
}

// The order in which a server's proposals follow each other.
bool later(const Record& record, const Position& position) {
  return record.round > position.round ||
         (record.round == position.round && record.vote > position.vote);
}

bool same(const Record& record, const Position& position) {
  return record.round == position.round && record.vote == position.vote;
}

}  // namespace

ElectionReader::ElectionReader(const Recording& recording, const Roster& roster)
    : recording_(recording), roster_(roster), lives_(recording) {
  for (auto& firsts : first_votes_) firsts.assign(recording.streams.size(), kNone);
  for (RecordIndex i = 0; i < recording.records.size(); ++i) {
    const Record& record = recording.records[i];
    if (record.what != What::kVote) continue;
    RecordIndex& first = first_votes_[static_cast<std::size_t>(record.from)][record.stream];
    first = std::min(first, i);
  }
}

std::vector<Election> ElectionReader::read() {
  for (RecordIndex i = 0; i < recording_.records.size() && !full_; ++i) {
    const Record& record = recording_.records[i];
    const auto sender = recording_.from(record);
    if (!sender) continue;
    const Server* const server = roster_.find(*sender);
    if (server == nullptr || !server->member) continue;  // a stranger takes no part
    if (record.what == What::kVote) vote(i, record, *sender);
    if (record.what == What::kPacket) packet(i, record, *sender);
  }
  finish();
  return std::move(elections_);
}

void ElectionReader::vote(RecordIndex index, const Record& record, Sid sender) {
  Live& live = servers_[sender];
  if (record.state == ServerState::kLooking) {
    looks(index, record, sender, live);
  } else if (live.state == State::kLooking) {
    // A new connection repeats the last message, which may be of the life before.
    const Tale* const tale = elections_[live.election].find(sender);
    const bool stale = tale != nullptr && !tale->positions.empty() &&
                       record.round < tale->positions.back().round && record.state == live.role &&
                       record.round == live.round;
    if (!stale) decide(index, sender, {record.place, record.state, record.vote.leader, index});
  } else if (live.state == State::kUnknown) {
    live.state = State::kDecided;
    live.seen = true;
    live.since = record.place;
    live.role = record.state;
    live.round = record.round;
    if (record.state == ServerState::kLeading) leading_ = sender;
  }
  const auto receiver = recording_.to(record);
  if (receiver) receive(index, record, *receiver, sender);
}

void ElectionReader::packet(RecordIndex index, const Record& record, Sid sender) {
  const auto peer = recording_.to(record);
  Live& live = servers_[sender];
  const StreamRecord& stream = recording_.stream_of(record);
  const bool learner = record.is(PacketType::kFollowerInfo) || record.is(PacketType::kObserverInfo);
  const auto not_before = [&](const Live& of) {
    return stream.info.opened.packet >= of.since.packet ? stream.info.opened : record.place;
  };
  if (learner && peer) {
    const ServerState role =
        record.is(PacketType::kObserverInfo) ? ServerState::kObserving : ServerState::kFollowing;
    if (live.state == State::kLooking) {
      decide(index, sender, {not_before(live), role, *peer, index});
    }
    // The learner port is open while a server leads.
    Live& leader = servers_[*peer];
    if (leader.state == State::kLooking && stream.info.answered) {
      decide(index, *peer, {not_before(leader), ServerState::kLeading, *peer, index});
    }
  }
  if (!leads(record.type)) return;
  if (live.state == State::kLooking) {
    decide(index, sender, {record.place, ServerState::kLeading, sender, index});
    return;
  }
  if (live.state == State::kUnknown) live.since = record.place;
  live.state = State::kDecided;
  live.role = ServerState::kLeading;
  leading_ = sender;
}

std::optional<std::uint64_t> ElectionReader::restarted(const Live& live, Sid sid,
                                                       const Record& record) const {
  return lives_.ended_between(sid, live.since.packet, record.place.packet);
}

bool ElectionReader::repeats_unseen_one(RecordIndex index, const Record& record, Sid sender) const {
  if (first_votes_[static_cast<std::size_t>(record.from)][record.stream] != index) return false;
  for (RecordIndex i = index + 1; i < recording_.records.size(); ++i) {
    const Record& next = recording_.records[i];
    if (next.place.time - record.place.time >= kFinalizeWait) return false;
    if (recording_.from(next) != sender) continue;
    if (next.what == What::kPacket && !is_broadcast(next)) return false;
    if (next.what != What::kVote) continue;
    if (next.state != ServerState::kLooking) return true;
    if (next.round != record.round || next.vote != record.vote) return false;
  }
  return false;
}

void ElectionReader::forget_life_before(Live& live, std::uint64_t end) {
  const auto first =
      std::partition_point(recording_.records.begin(), recording_.records.end(),
                           [&](const Record& record) { return record.place.packet <= end; });
  live.ballot.forget_before(static_cast<RecordIndex>(first - recording_.records.begin()));
}

void ElectionReader::looks(RecordIndex index, const Record& record, Sid sender, Live& live) {
  if (live.state == State::kLooking) {
    Tale& tale = *elections_[live.election].find(sender);
    const Position& now = tale.positions.back();
    if (same(record, now)) return;
    const bool moves_on = later(record, now);
    if (!moves_on) {
      const auto end = restarted(live, sender, record);
      if (!end) return;  // an old message, on its way for long
      forget_life_before(live, *end);
      live.since = record.place;
    }
    propose(index, record, live, tale, !moves_on);
    return;
  }
  const bool decided = live.state == State::kDecided;
  const auto end = decided ? restarted(live, sender, record) : std::nullopt;
  // Its last message, repeated on a new connection: it still follows or leads.
  const bool again =
      decided && live.seen &&
      (live.last.empty() ? record.round <= live.round : !later(record, live.last.back()));
  if (!end && (again || (!live.seen && repeats_unseen_one(index, record, sender)))) return;
  if (end) forget_life_before(live, *end);
  begin(index, record, sender, live, end.has_value());
}

bool ElectionReader::joins_open_one(Sid sender) const {
  if (!open_) return false;
  const Tale* const tale = elections_[*open_].find(sender);
  return tale == nullptr || !tale->decision;
}

Election& ElectionReader::open_election(RecordIndex index, const Record& record, Sid sender) {
  if (joins_open_one(sender)) return elections_[*open_];
  // Whoever has not decided by now goes on in the new one.
  for (auto& [sid, live] : servers_) {
    if (live.state != State::kLooking) continue;
    const Tale* const tale = elections_[live.election].find(sid);
    if (tale != nullptr) live.last.clear();
    live.state = State::kUnknown;
  }
  Election election;
  election.number = elections_.size() + 1;
  election.began = record.place;
  election.first_record = index;
  election.first_round = record.round;
  if (open_) elections_[*open_].last_record = index > 0 ? index - 1 : 0;
  open_ = elections_.size();
  elections_.push_back(std::move(election));
  return elections_.back();
}

void ElectionReader::begin(RecordIndex index, const Record& record, Sid sender, Live& live,
                           bool anew) {
  if (elections_.size() >= kMaxElections && !joins_open_one(sender)) {
    ++untold_;
    full_ = true;
    return;
  }
  if (leading_ == sender) leading_.reset();
  Election& election = open_election(index, record, sender);
  live.state = State::kLooking;
  live.seen = true;
  live.election = *open_;
  live.since = record.place;
  Tale* tale = election.find(sender);
  if (tale == nullptr) {
    Tale fresh;
    fresh.sid = sender;
    fresh.voter = record.vote.leader != Sid::min() && roster_.voters_at(index).is_voter(sender);
    fresh.began = record.place;
    const auto place = std::find_if(election.tales.begin(), election.tales.end(),
                                    [&](const Tale& other) { return other.sid > sender; });
    tale = &*election.tales.insert(place, std::move(fresh));
  }
  propose(index, record, live, *tale, anew);
}

void ElectionReader::propose(RecordIndex index, const Record& record, Live& live, Tale& tale,
                             bool anew) {
  Position position{index, record.round, record.vote, std::nullopt, anew};
  const bool first = tale.positions.empty() || anew;
  if (!(first && record.vote.leader == tale.sid)) {
    position.because = live.ballot.who_brought(record.vote);
  }
  tale.quorum.reset();
  tale.quorum_of.clear();
  if (tale.positions.size() >= Tale::kMaxPositions) {
    tale.positions.back() = position;
    ++tale.more_positions;
  } else {
    tale.positions.push_back(position);
  }
  Election& election = elections_[live.election];
  election.last_round = std::max(election.last_round, record.round);
  election.first_round = std::min(election.first_round, record.round);
  look_for_quorum(index, live, tale);
}

void ElectionReader::receive(RecordIndex index, const Record& record, Sid receiver, Sid sender) {
  Live& live = servers_[receiver];
  Tale* const tale =
      live.state == State::kLooking ? elections_[live.election].find(receiver) : nullptr;
  const bool any = tale != nullptr && !tale->positions.empty();
  live.ballot.add(sender, record, index, any ? tale->positions.back().record : 0);
  if (any) look_for_quorum(index, live, *tale);
}

void ElectionReader::look_for_quorum(RecordIndex index, Live& live, Tale& tale) {
  if (tale.quorum || tale.positions.empty()) return;
  const Position& now = tale.positions.back();
  const quorum::QuorumVerifier& voters = roster_.voters_of(recording_, now.record);
  quorum::SidSet agreeing = live.ballot.agreeing(now.vote, now.round);
  if (tale.voter) agreeing.insert(tale.sid);
  if (!voters.contains_quorum(agreeing)) {
    const auto leader = live.ballot.leader();
    if (!leader) return;
    agreeing = live.ballot.established(*leader);
    if (!voters.contains_quorum(agreeing)) return;
  }
  tale.quorum = index;
  tale.quorum_of.assign(agreeing.begin(), agreeing.end());
}

void ElectionReader::decide(RecordIndex index, Sid sid, Decision decision) {
  Live& live = servers_[sid];
  Election& election = elections_[live.election];
  Tale* const tale = election.find(sid);
  if (tale == nullptr) return;
  live.state = State::kDecided;
  live.since = decision.place;
  live.role = decision.state;
  live.last = tale->positions;
  live.round = recording_.records[index].what == What::kVote ? recording_.records[index].round
                                                             : live.last.back().round;
  live.ballot.clear();
  const bool stood = leading_ == decision.leader && election.find(decision.leader) == nullptr;
  election.join = stood && (election.join || !election.leader);
  if (!stood) election.join = false;
  election.leader = decision.leader;
  tale->decision = decision;
  if (decision.state == ServerState::kLeading) leading_ = sid;
  const bool all = std::all_of(election.tales.begin(), election.tales.end(),
                               [](const Tale& one) { return one.decision.has_value(); });
  if (!all) return;
  election.decided = Place{};
  for (const Tale& one : election.tales) {
    if (one.decision->place.packet > election.decided->packet) {
      election.decided = one.decision->place;
    }
  }
  election.last_record = index;
  if (open_ == live.election) open_.reset();
}

void ElectionReader::finish() {
  const RecordIndex end =
      recording_.records.empty() ? 0 : static_cast<RecordIndex>(recording_.records.size() - 1);
  for (std::size_t i = 0; i < elections_.size(); ++i) {
    Election& election = elections_[i];
    // What comes before the next one belongs to this one.
    election.last_record = i + 1 < elections_.size() ? elections_[i + 1].first_record - 1 : end;
    if (!recording_.records.empty()) {
      election.ended = recording_.records[election.last_record].place;
    }
  }
}

}  // namespace zkprobe::analysis
