// Builds what an audit saw, by hand: servers at h:101, h:102, ... with their configurations.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "audit/finding.hpp"

namespace zkprobe::audit {

inline wire::HostPort at(std::uint16_t port, std::string host = "h") {
  return {std::move(host), port};
}

// server.N at h:100+N, voters 1..n; observers follow.
inline wire::QuorumConfig config_of(int voters, int observers = 0) {
  wire::QuorumConfig config;
  for (int i = 1; i <= voters + observers; ++i) {
    wire::QuorumServer server;
    server.sid = Sid(i);
    server.addresses = {
        {"h", static_cast<std::uint16_t>(200 + i), static_cast<std::uint16_t>(100 + i)}};
    server.type = i > voters ? wire::LearnerType::kObserver : wire::LearnerType::kParticipant;
    config.servers.push_back(std::move(server));
  }
  return config;
}

inline peer::VoteAnswer says(wire::ServerState state, std::int64_t leader,
                             std::optional<wire::QuorumConfig> config = config_of(3)) {
  peer::VoteAnswer answer;
  answer.notification.state = state;
  answer.notification.leader = Sid(leader);
  answer.notification.peer_epoch = PeerEpoch(1);
  answer.notification.election_epoch = ElectionRound(1);
  answer.form = config ? wire::NotificationForm::kConfig : wire::NotificationForm::kBytes40;
  if (config) answer.notification.config = wire::to_text(*config);
  answer.config = std::move(config);
  answer.took = Duration(1500);
  return answer;
}

inline Sighting seen(std::uint16_t port, peer::VoteAnswer answer) {
  Sighting sighting;
  sighting.address = at(port);
  sighting.remote = "10.0.0.1:" + std::to_string(port);
  sighting.result = std::move(answer);
  return sighting;
}

inline Sighting lost(std::uint16_t port, const std::string& why = "Connection refused",
                     peer::QueryFailure::Kind kind = peer::QueryFailure::Kind::kUnreachable) {
  Sighting sighting;
  sighting.address = at(port);
  sighting.result = tl::unexpected<peer::QueryFailure>(peer::QueryFailure{kind, why});
  return sighting;
}

inline Sighting leads(std::uint16_t port, wire::QuorumConfig config = config_of(3)) {
  return seen(port, says(wire::ServerState::kLeading, port - 100, std::move(config)));
}
inline Sighting follows(std::uint16_t port, std::int64_t leader,
                        wire::QuorumConfig config = config_of(3)) {
  return seen(port, says(wire::ServerState::kFollowing, leader, std::move(config)));
}
inline Sighting looks(std::uint16_t port, wire::QuorumConfig config = config_of(3)) {
  return seen(port, says(wire::ServerState::kLooking, port - 100, std::move(config)));
}

inline View view_of(std::vector<Sighting> sightings, std::string host = "here") {
  View view;
  view.host = std::move(host);
  view.time = "2026-01-01T00:00:00.000000Z";
  view.sightings = std::move(sightings);
  return view;
}

// The findings, and the views that they refer to.
struct Judged {
  std::vector<View> views;
  Roster roster;
  Findings findings;

  explicit Judged(std::vector<View> all)
      : views(std::move(all)), roster(views), findings(judge(roster)) {}
  explicit Judged(std::vector<Sighting> sightings)
      : Judged(std::vector<View>{view_of(std::move(sightings))}) {}

  // Ids of what is not normal, in order.
  std::vector<std::string> ids() const {
    std::vector<std::string> result;
    for (const Finding& one : findings) {
      if (one.severity != Severity::kNormal) result.push_back(one.id);
    }
    return result;
  }
  const Finding& get(const std::string& id) const {
    static const Finding kNone;
    const auto found = std::find_if(findings.begin(), findings.end(),
                                    [&id](const Finding& one) { return one.id == id; });
    return found == findings.end() ? kNone : *found;
  }
  Health health() const { return health_of(roster, findings); }
};

using Ids = std::vector<std::string>;

}  // namespace zkprobe::audit
