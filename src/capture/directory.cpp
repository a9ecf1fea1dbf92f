#include "capture/directory.hpp"

#include <string>

#include "wire/quorum_config.hpp"

namespace zkprobe::capture {

Directory::Listener* Directory::listener(const Endpoint& endpoint) {
  const auto found = listeners_.find(endpoint);
  if (found != listeners_.end()) return &found->second;
  if (listeners_.size() >= kMaxEntries) return nullptr;
  return &listeners_[endpoint];
}

void Directory::name(const Endpoint& endpoint, Sid sid, bool election) {
  Listener* const entry = listener(endpoint);
  if (entry == nullptr) return;
  bool& role = election ? entry->election : entry->learner;
  if (entry->sid == sid && role) return;
  entry->sid = sid;
  role = true;
  ++version_;
}

void Directory::name_port(std::uint16_t port, Sid sid) {
  const auto [entry, fresh] = ports_.try_emplace(port, Only{sid, false});
  if (fresh) ++version_;
  if (entry->second.sid == sid || entry->second.several) return;
  entry->second.several = true;
  ++version_;
}

void Directory::host(const IpAddress& address, Sid sid) {
  if (hosts_.size() >= kMaxEntries && !hosts_.contains(address)) return;
  const auto [entry, fresh] = hosts_.try_emplace(address, Only{sid, false});
  if (fresh) ++version_;
  if (entry->second.sid == sid || entry->second.several) return;
  entry->second.several = true;
  ++version_;
}

void Directory::address(std::string_view host, std::uint16_t port, Sid sid, bool election) {
  const auto ip = parse_ip(host);
  if (ip && !wire::is_wildcard({std::string(host), port})) {
    name({*ip, port}, sid, election);
  } else {
    name_port(port, sid);
  }
}

void Directory::greeting(const IpAddress& from, const wire::InitialMessage& greeting) {
  host(from, greeting.sid);
  for (const wire::HostPort& at : greeting.addresses) address(at.host, at.port, greeting.sid, true);
}

void Directory::learner(const IpAddress& from, Sid sid) { host(from, sid); }

void Directory::leading(const Endpoint& listener, Sid sid) { name(listener, sid, true); }

void Directory::config(std::string_view text) {
  for (const std::string& known : last_config_) {
    if (known == text) return;
  }
  last_config_[oldest_config_] = std::string(text);
  oldest_config_ = (oldest_config_ + 1) % std::size(last_config_);
  const auto config = wire::parse_quorum_config(text);
  if (!config) return;
  for (const wire::QuorumServer& server : config->servers) {
    for (const wire::ServerAddress& at : server.addresses) {
      address(at.host, at.election_port, server.sid, true);
      address(at.host, at.quorum_port, server.sid, false);
    }
  }
}

std::optional<Sid> Directory::find(const Endpoint& listener, const IpAddress& dialled_from) const {
  const auto exact = listeners_.find(listener);
  if (exact != listeners_.end() && exact->second.sid) return exact->second.sid;
  const auto port = ports_.find(listener.port);
  if (port != ports_.end() && !port->second.several) return port->second.sid;
  if (listener.host == dialled_from) return std::nullopt;
  return find_host(listener.host);
}

std::optional<Sid> Directory::find_host(const IpAddress& address) const {
  const auto found = hosts_.find(address);
  if (found == hosts_.end() || found->second.several) return std::nullopt;
  return found->second.sid;
}

bool Directory::election_port(const Endpoint& endpoint) const {
  const auto found = listeners_.find(endpoint);
  return found != listeners_.end() && found->second.election;
}

bool Directory::learner_port(const Endpoint& endpoint) const {
  const auto found = listeners_.find(endpoint);
  return found != listeners_.end() && found->second.learner;
}

void Directory::saw_election(const Endpoint& endpoint) {
  if (Listener* const entry = listener(endpoint)) entry->election = true;
}

void Directory::saw_learner(const Endpoint& endpoint) {
  if (Listener* const entry = listener(endpoint)) entry->learner = true;
}

}  // namespace zkprobe::capture
