#include "election/machine.hpp"

namespace zkprobe::test {

wire::QuorumConfig voters(const std::vector<std::int64_t>& sids, std::int64_t version) {
  wire::QuorumConfig config;
  for (const std::int64_t sid : sids) {
    const auto port = static_cast<std::uint16_t>(3000 + sid);
    config.servers.push_back({Sid(sid),
                              {{"127.0.0.1", static_cast<std::uint16_t>(2000 + sid), port}},
                              wire::LearnerType::kParticipant,
                              std::nullopt,
                              std::nullopt});
  }
  config.version = ConfigVersion(version);
  return config;
}

election::Settings settings_of(std::int64_t self, Release release) {
  election::Settings settings;
  settings.self = Sid(self);
  settings.dialect.release = release;
  return settings;
}

Bytes payload(const Said& said) {
  wire::Notification message;
  message.state = said.state;
  message.leader = Sid(said.leader);
  message.zxid = Zxid(said.zxid);
  message.election_epoch = ElectionRound(said.round);
  message.peer_epoch = PeerEpoch(said.epoch);
  message.config = said.config;
  return wire::encode(message, wire::NotificationForm::kConfig);
}

election::Received from(std::int64_t sid, const Said& said) { return {Sid(sid), payload(said)}; }

std::vector<std::int64_t> receivers(const election::Effects& effects) {
  std::vector<std::int64_t> sids;
  for (const auto& send : only<election::Send>(effects)) sids.push_back(send.to.value);
  return sids;
}

bool reports(const election::Effects& effects, election::Report::Kind kind) {
  for (const auto& report : only<election::Report>(effects)) {
    if (report.kind == kind) return true;
  }
  return false;
}

election::Effects step(election::Election& machine, std::int64_t self, Instant now,
                       const election::Input& input) {
  election::Effects all = machine.step(now, input);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto* send = std::get_if<election::Send>(&all[i]);
    if (send == nullptr || send->to != Sid(self)) continue;
    const election::Received own{Sid(self), send->payload};
    for (election::Effect& effect : machine.step(now, own)) all.push_back(std::move(effect));
  }
  return all;
}

}  // namespace zkprobe::test
