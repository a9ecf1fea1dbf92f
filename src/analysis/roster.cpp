#include "analysis/roster.hpp"

#include <algorithm>

namespace zkprobe::analysis {
namespace {

constexpr std::size_t kMaxServers = 4'096;
constexpr std::size_t kMaxListens = 8;

}  // namespace

Roster::Roster(const Recording& recording) {
  read_configs(recording);
  read_streams(recording);
  if (configs_.empty()) find_askers(recording);
  assume_voters(recording);
  for (auto& [sid, server] : servers_) {
    if (configs_.empty()) continue;
    const auto named = [id = sid](const auto& entry) {
      return entry.second.config && entry.second.config->find(id) != nullptr;
    };
    server.member = std::any_of(configs_.begin(), configs_.end(), named);
  }
}

void Roster::read_configs(const Recording& recording) {
  for (RecordIndex i = 0; i < recording.records.size(); ++i) {
    const Record& record = recording.records[i];
    const bool carries = record.what == What::kVote || record.is(wire::PacketType::kNewLeader);
    if (!carries || record.text == Record::kNoText || configs_.contains(record.text)) continue;
    SeenConfig seen{record.text, std::nullopt};
    if (const auto config = wire::parse_quorum_config(recording.text_of(record))) {
      seen.config = *config;
      verifiers_[record.text] = std::make_unique<quorum::QuorumVerifier>(*config);
      const bool newer = newest_.empty() || config->version > newest_.rbegin()->second->version();
      if (newer) newest_[i] = std::make_unique<quorum::QuorumVerifier>(*config);
    }
    configs_.emplace(record.text, std::move(seen));
  }
}

void Roster::read_streams(const Recording& recording) {
  for (const StreamRecord& stream : recording.streams) {
    for (const Side side : {Side::kDialler, Side::kAcceptor}) {
      const auto sid = stream.sid(side);
      if (!sid || *sid == kObserverId) continue;
      if (servers_.size() >= kMaxServers && !servers_.contains(*sid)) continue;
      Server& server = servers_[*sid];
      server.sid = *sid;
      const auto at = static_cast<std::size_t>(side);
      server.votes += stream.votes[at];
      server.packets += stream.packets[at];
      const capture::ReleaseRange& said = stream.release[at].range();
      if (said != capture::ReleaseRange()) {
        capture::ReleaseEvidence evidence;
        evidence.add(server.release);
        evidence.add(said);
        server.release = evidence.range();
      }
      if (side != Side::kAcceptor || stream.protocol != capture::Protocol::kElection) continue;
      server.inferred = server.inferred || stream.inferred[at];
      const std::string where = capture::to_string(stream.info.acceptor);
      const bool known =
          std::find(server.listens.begin(), server.listens.end(), where) != server.listens.end();
      if (!known && server.listens.size() < kMaxListens) server.listens.push_back(where);
    }
  }
  const auto mark = [&](std::optional<Sid> sid, bool observer) {
    const auto found = sid ? servers_.find(*sid) : servers_.end();
    if (found != servers_.end()) found->second.observer = observer;
  };
  for (const Record& record : recording.records) {
    if (record.is(wire::PacketType::kObserverInfo)) mark(recording.from(record), true);
    if (record.is(wire::PacketType::kFollowerInfo)) mark(recording.from(record), false);
    if (record.what == What::kVote && record.state == wire::ServerState::kObserving) {
      mark(recording.from(record), true);
    }
  }
}

void Roster::find_askers(const Recording& recording) {
  std::map<Sid, bool> only_asks;
  for (const Record& record : recording.records) {
    const auto sid = recording.from(record);
    if (!sid || record.what == What::kGreeting) continue;
    const bool asks = record.what == What::kVote && record.round.value <= 0 &&
                      record.state == wire::ServerState::kLooking && record.vote.zxid.value < 0;
    const auto found = only_asks.try_emplace(*sid, true).first;
    found->second = found->second && asks;
  }
  for (const auto& [sid, asks] : only_asks) {
    const auto found = servers_.find(sid);
    if (asks && found != servers_.end()) found->second.member = false;
  }
}

void Roster::assume_voters(const Recording& recording) {
  wire::QuorumConfig config;
  std::map<Sid, bool> voters;
  for (const Record& record : recording.records) {
    const auto sid = recording.from(record);
    if (!sid) continue;
    const bool votes = record.what == What::kVote && record.vote.leader != Sid::min() &&
                       record.state != wire::ServerState::kObserving;
    if (votes || record.is(wire::PacketType::kFollowerInfo)) voters[*sid] = true;
  }
  for (const auto& [sid, is_voter] : voters) {
    const Server* const server = find(sid);
    if (server == nullptr || server->observer) continue;
    wire::QuorumServer entry;
    entry.sid = sid;
    config.servers.push_back(entry);
  }
  assumed_ = std::make_unique<quorum::QuorumVerifier>(std::move(config));
}

const Server* Roster::find(Sid sid) const {
  const auto found = servers_.find(sid);
  return found == servers_.end() ? nullptr : &found->second;
}

const SeenConfig* Roster::config(std::int32_t text) const {
  const auto found = configs_.find(text);
  return found == configs_.end() ? nullptr : &found->second;
}

const quorum::QuorumVerifier* Roster::verifier_at(RecordIndex record) const {
  if (newest_.empty()) return nullptr;
  const auto after = newest_.upper_bound(record);
  // Before the first one was shown it was in force as well.
  return after == newest_.begin() ? newest_.begin()->second.get() : std::prev(after)->second.get();
}

const quorum::QuorumVerifier& Roster::voters_at(RecordIndex record) const {
  const quorum::QuorumVerifier* const verifier = verifier_at(record);
  return verifier != nullptr ? *verifier : *assumed_;
}

const quorum::QuorumVerifier& Roster::voters_of(const Recording& recording,
                                                RecordIndex record) const {
  const auto own = verifiers_.find(recording.records[record].text);
  return own != verifiers_.end() ? *own->second : voters_at(record);
}

}  // namespace zkprobe::analysis
