#include "peer/learner_masters.hpp"

#include <utility>

namespace zkprobe::peer {

std::vector<wire::HostPort> LearnerMasters::next(const wire::QuorumConfig& config, Sid leader) {
  if (port_ > 0) {
    if (listed_ != config) list_voters(config);
    if (voters_.empty()) return {};
    const wire::HostPort voter = voters_[next_];
    next_ = (next_ + 1) % voters_.size();
    return {voter};
  }
  std::vector<wire::HostPort> addresses;
  if (const wire::QuorumServer* server = config.find(leader)) {
    for (const wire::ServerAddress& address : server->addresses) {
      addresses.push_back({address.host, address.quorum_port});
    }
  }
  return addresses;
}

void LearnerMasters::list_voters(const wire::QuorumConfig& config) {
  listed_ = config;
  next_ = 0;
  voters_.clear();
  for (const Sid sid : config.voters()) {
    const wire::QuorumServer* server = config.find(sid);
    if (server->addresses.empty()) continue;
    voters_.push_back({server->addresses.front().host, static_cast<std::uint16_t>(port_)});
  }
  for (std::size_t left = voters_.size(); left > 1; --left) {
    std::swap(voters_[left - 1], voters_[random_.below(left)]);
  }
}

}  // namespace zkprobe::peer
