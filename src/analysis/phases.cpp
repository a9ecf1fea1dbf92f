#include "analysis/phases.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace zkprobe::analysis {
namespace {

using wire::PacketType;

void note(Learning& learning, const Record& record, RecordIndex index) {
  const auto once = [&](std::optional<RecordIndex>& place) {
    if (!place) place = index;
  };
  switch (record.type) {
    case PacketType::kFollowerInfo:
    case PacketType::kObserverInfo:
      learning.observer = record.type == PacketType::kObserverInfo;
      once(learning.info);
      break;
    case PacketType::kLeaderInfo:
      once(learning.leader_info);
      break;
    case PacketType::kAckEpoch:
      once(learning.ack_epoch);
      break;
    case PacketType::kDiff:
    case PacketType::kTrunc:
    case PacketType::kSnap:
      if (!learning.sync) learning.kind = record.type;
      once(learning.sync);
      break;
    case PacketType::kNewLeader:
      once(learning.new_leader);
      break;
    case PacketType::kAck:
      if (record.from == Side::kDialler && learning.new_leader) once(learning.ack);
      break;
    case PacketType::kUpToDate:
      once(learning.up_to_date);
      break;
    case PacketType::kRequest:
    case PacketType::kProposal:
    case PacketType::kCommit:
    case PacketType::kPing:
    case PacketType::kRevalidate:
    case PacketType::kSync:
    case PacketType::kInform:
    case PacketType::kCommitAndActivate:
    case PacketType::kInformAndActivate:
      break;
  }
}

struct Clock {
  const Recording& recording;
  Place of(RecordIndex index) const { return recording.records[index].place; }
  std::optional<Place> of(std::optional<RecordIndex> index) const {
    if (!index) return std::nullopt;
    return of(*index);
  }
};

// Where its discovery ended.
std::optional<RecordIndex> discovered(const Learning& learning) {
  return learning.ack_epoch ? learning.ack_epoch : learning.new_leader;
}

void add(Tale& tale, PhaseKind kind, const Place& from, std::optional<Place> to) {
  if (to && to->time < from.time) to = from;
  tale.phases.push_back({kind, from, to});
}

void learner_phases(Tale& tale, const Recording& recording) {
  const Clock clock{recording};
  // Of several attempts the one that came through, else the last.
  const auto best = std::find_if(tale.learnings.begin(), tale.learnings.end(),
                                 [](const Learning& one) { return one.complete(); });
  const Learning& learning = best != tale.learnings.end() ? *best : tale.learnings.back();
  const auto end = discovered(learning);
  const Place opened = recording.streams[learning.stream].info.opened;
  const Place from =
      tale.decision && tale.decision->place.packet > opened.packet ? tale.decision->place : opened;
  add(tale, PhaseKind::kDiscovery, from, clock.of(end));
  if (end) add(tale, PhaseKind::kSync, clock.of(*end), clock.of(learning.up_to_date));
}

// The leader's: when enough of its learners had come so far.
void leader_phases(Tale& tale, const Election& election, const Recording& recording,
                   const Roster& roster) {
  std::map<RecordIndex, Sid> acks;
  std::optional<RecordIndex> first_up_to_date;
  for (const Tale& other : election.tales) {
    for (const Learning& learning : other.learnings) {
      if (learning.leader != tale.sid) continue;
      if (const auto end = discovered(learning)) acks.emplace(*end, learning.learner);
      const auto up = learning.up_to_date;
      if (up && (!first_up_to_date || *up < *first_up_to_date)) first_up_to_date = up;
    }
  }
  const Clock clock{recording};
  quorum::SidSet agreed = {tale.sid};
  std::optional<RecordIndex> quorum;
  for (const auto& [record, sid] : acks) {
    agreed.insert(sid);
    if (roster.voters_of(recording, tale.positions.back().record).contains_quorum(agreed)) {
      quorum = record;
      break;
    }
  }
  add(tale, PhaseKind::kDiscovery, tale.decision->place, clock.of(quorum));
  if (quorum) add(tale, PhaseKind::kSync, clock.of(*quorum), clock.of(first_up_to_date));
}

void phases_of(Tale& tale, const Election& election, const Recording& recording,
               const Roster& roster) {
  const Clock clock{recording};
  std::optional<Place> quorum = clock.of(tale.quorum);
  if (tale.decision && !quorum) quorum = tale.decision->place;
  // The message that shows the decision may be seen before the last one that made the quorum.
  if (tale.decision && quorum->time > tale.decision->place.time) quorum = tale.decision->place;
  add(tale, PhaseKind::kLooking, tale.began, quorum);
  if (!tale.decision) return;
  if (tale.quorum && !election.join) add(tale, PhaseKind::kDrain, *quorum, tale.decision->place);
  if (tale.decision->state == wire::ServerState::kLeading) {
    leader_phases(tale, election, recording, roster);
  } else if (!tale.learnings.empty()) {
    learner_phases(tale, recording);
  }
}

}  // namespace

std::vector<Learning> learnings_of(const Recording& recording) {
  std::map<StreamIndex, Learning> by_stream;
  for (RecordIndex i = 0; i < recording.records.size(); ++i) {
    const Record& record = recording.records[i];
    if (record.what != What::kPacket || is_broadcast(record)) continue;
    const bool begins =
        record.is(PacketType::kFollowerInfo) || record.is(PacketType::kObserverInfo);
    const auto learner = recording.from(record);
    if (begins && learner) {
      Learning& fresh = by_stream[record.stream];
      fresh.stream = record.stream;
      fresh.learner = *learner;
      fresh.leader = recording.to(record);
      fresh.served = recording.stream_of(record).pings[0] > 0;
    }
    const auto found = by_stream.find(record.stream);
    if (found != by_stream.end()) note(found->second, record, i);
  }
  std::vector<Learning> learnings;
  for (auto& [stream, learning] : by_stream) learnings.push_back(learning);
  return learnings;
}

std::vector<Learning> tell_phases(const Recording& recording, const Roster& roster,
                                  std::vector<Learning> learnings,
                                  std::vector<Election>& elections) {
  std::vector<Learning> rest;
  for (Learning& learning : learnings) {
    Tale* home = nullptr;
    for (Election& election : elections) {
      Tale* const tale = election.find(learning.learner);
      if (tale == nullptr) continue;
      // A reconfig may name another leader, without an election.
      const bool other = tale->decision && learning.leader != tale->decision->leader;
      if (!other && tale->began.packet <= recording.records[*learning.info].place.packet) {
        home = tale;
      }
    }
    if (home != nullptr) {
      home->learnings.push_back(learning);
    } else {
      rest.push_back(learning);
    }
  }
  for (Election& election : elections) {
    for (Tale& tale : election.tales) phases_of(tale, election, recording, roster);
  }
  return rest;
}

}  // namespace zkprobe::analysis
