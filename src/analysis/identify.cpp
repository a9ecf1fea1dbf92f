#include "analysis/identify.hpp"

#include <algorithm>
#include <set>
#include <unordered_map>

namespace zkprobe::analysis {
namespace {

using Listeners = std::unordered_map<capture::Endpoint, Sid, capture::EndpointHash>;

void sort_records(Recording& recording) {
  std::stable_sort(
      recording.records.begin(), recording.records.end(),
      [](const Record& a, const Record& b) { return a.place.packet < b.place.packet; });
  for (StreamRecord& stream : recording.streams) stream.greeting.reset();
  for (RecordIndex i = 0; i < recording.records.size(); ++i) {
    StreamRecord& stream = recording.streams[recording.records[i].stream];
    if (recording.records[i].what == What::kGreeting && !stream.greeting) stream.greeting = i;
  }
}

void settle(StreamRecord& stream, Side side, std::optional<Sid> sid) {
  // Nobody dials himself.
  if (stream.sid(side) || !sid || sid == stream.sid(capture::other(side))) return;
  stream.sids[static_cast<std::size_t>(side)] = sid;
  stream.inferred[static_cast<std::size_t>(side)] = true;
}

void look_up(Recording& recording, const capture::Directory& directory) {
  for (StreamRecord& stream : recording.streams) {
    settle(stream, Side::kAcceptor, directory.find(stream.info.acceptor, stream.info.dialler.host));
    if (stream.info.dialler.host != stream.info.acceptor.host) {
      settle(stream, Side::kDialler, directory.find_host(stream.info.dialler.host));
    }
  }
}

// A learner dials the server that it voted for last.
void leaders_of_learners(Recording& recording) {
  std::unordered_map<Sid, Sid> candidates;
  for (const Record& record : recording.records) {
    const auto sender = recording.from(record);
    if (record.what == What::kVote && sender) candidates[*sender] = record.vote.leader;
    if (!record.is(wire::PacketType::kFollowerInfo) || !sender) continue;
    const auto leader = candidates.find(*sender);
    if (leader == candidates.end()) continue;
    settle(recording.streams[record.stream], Side::kAcceptor, leader->second);
  }
}

void name_acceptors(Recording& recording, const Listeners& listeners) {
  for (StreamRecord& stream : recording.streams) {
    const auto owner = listeners.find(stream.info.acceptor);
    if (owner != listeners.end()) settle(stream, Side::kAcceptor, owner->second);
  }
}

Listeners known_listeners(const Recording& recording) {
  Listeners listeners;
  for (const StreamRecord& stream : recording.streams) {
    const auto sid = stream.sid(Side::kAcceptor);
    if (sid) listeners.emplace(stream.info.acceptor, *sid);
  }
  return listeners;
}

std::set<Sid> everybody(const Recording& recording) {
  std::set<Sid> all;
  for (const StreamRecord& stream : recording.streams) {
    for (const auto& sid : stream.sids) {
      if (sid) all.insert(*sid);
    }
  }
  return all;
}

// Those who never dialled a listener for votes and own none, for each that has no owner yet.
bool name_who_is_left(Recording& recording) {
  const Listeners known = known_listeners(recording);
  std::set<Sid> owners;
  std::unordered_map<capture::Endpoint, std::set<Sid>, capture::EndpointHash> diallers;
  Listeners below;  // between two servers the link that the larger id dialled is kept
  for (const StreamRecord& stream : recording.streams) {
    if (stream.protocol != capture::Protocol::kElection) continue;
    if (stream.sid(Side::kAcceptor)) owners.insert(*stream.sid(Side::kAcceptor));
    if (stream.sid(Side::kDialler)) {
      const Sid dialler = *stream.sid(Side::kDialler);
      diallers[stream.info.acceptor].insert(dialler);
      if (stream.votes[1] == 0) continue;
      const auto limit = below.emplace(stream.info.acceptor, dialler).first;
      limit->second = std::min(limit->second, dialler);
    }
  }
  const std::set<Sid> all = everybody(recording);
  Listeners found;
  for (const auto& [listener, from] : diallers) {
    if (known.contains(listener)) continue;
    std::optional<Sid> only;
    std::size_t left = 0;
    for (const Sid sid : all) {
      const auto limit = below.find(listener);
      const bool too_large = limit != below.end() && sid >= limit->second;
      if (from.contains(sid) || owners.contains(sid) || too_large) continue;
      only = sid;
      ++left;
    }
    if (left == 1) found.emplace(listener, *only);
  }
  // Two listeners for one server: then nothing is sure.
  std::set<Sid> named;
  for (const auto& [listener, sid] : found) {
    if (!named.insert(sid).second) return false;
  }
  name_acceptors(recording, found);
  return !found.empty();
}

}  // namespace

void identify(Recording& recording, const capture::Directory& directory) {
  sort_records(recording);
  look_up(recording, directory);
  name_acceptors(recording, known_listeners(recording));
  // Who is left over tells who voted, and a vote tells where a leader listens.
  for (int pass = 0; pass < 8; ++pass) {
    leaders_of_learners(recording);
    name_acceptors(recording, known_listeners(recording));
    if (!name_who_is_left(recording)) break;
  }
}

}  // namespace zkprobe::analysis
