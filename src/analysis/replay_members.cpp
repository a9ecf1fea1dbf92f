#include "analysis/replay_members.hpp"

#include <set>

namespace zkprobe::analysis {

std::optional<wire::QuorumConfig> config_of(const TapeEvent& event) {
  if (event.kind != TapeEvent::Kind::kVote || !event.vote.config || event.vote.config->empty()) {
    return std::nullopt;
  }
  auto config = wire::parse_quorum_config(*event.vote.config);
  if (!config) return std::nullopt;
  return *std::move(config);
}

wire::QuorumConfig seen_members(const Tape& tape, const std::vector<Script>& scripts) {
  std::set<Sid> voters;
  std::set<Sid> others;  // observers and askers
  for (const Script& script : scripts) {
    (script.observer || script.asker ? others : voters).insert(script.self);
  }
  for (const TapeEvent& event : tape.events) {
    if (event.kind == TapeEvent::Kind::kVote && event.vote.leader.value >= 0) {
      voters.insert(event.vote.leader);
    }
  }
  for (const TapeLink& link : tape.links) {
    for (const auto& sid : link.sids) {
      if (sid && sid->value >= 0 && !others.contains(*sid)) voters.insert(*sid);
    }
  }
  wire::QuorumConfig config;
  std::uint16_t port = 0;
  const auto add = [&](Sid sid, wire::LearnerType type) {
    wire::QuorumServer server;
    server.sid = sid;
    server.addresses.push_back({"unknown", ++port, ++port});
    server.type = type;
    config.servers.push_back(std::move(server));
  };
  for (const Sid sid : voters) add(sid, wire::LearnerType::kParticipant);
  for (const Script& script : scripts) {
    if (script.observer && !script.asker) add(script.self, wire::LearnerType::kObserver);
  }
  return config;
}

}  // namespace zkprobe::analysis
