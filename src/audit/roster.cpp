#include "audit/roster.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <tuple>
#include <utility>

#include "wire/ip_literal.hpp"

namespace zkprobe::audit {
namespace {

bool same_host(const std::string& a, const std::string& b) {
  return a == b || wire::java_host_text(a) == wire::java_host_text(b);
}

bool same_address(const wire::HostPort& a, const wire::HostPort& b) {
  return a.port == b.port && same_host(a.host, b.host);
}

std::optional<wire::HostPort> remote_of(const Sighting& sighting) {
  if (sighting.remote.empty()) return std::nullopt;
  return wire::parse_host_port(sighting.remote);
}

// A loopback address means another machine on every host.
bool comparable(const Look& a, const Look& b, const std::string& host) {
  return a.view == b.view || a.view->host == b.view->host || !is_loopback(host);
}

// Whether the own configuration of an answering server has `address` at the server's own id.
bool is_other_address_of(const Sighting& one, const wire::HostPort& address) {
  if (one.answer() == nullptr || !one.answer()->config) return false;
  const wire::QuorumConfig& config = *one.answer()->config;
  const std::optional<Sid> own = sid_at(config, one.address);
  return own && sid_at(config, address) == own;
}

bool same_server(const Look& a, const Look& b) {
  if (same_address(a.sighting->address, b.sighting->address)) {
    return comparable(a, b, a.sighting->address.host);
  }
  const std::optional<wire::HostPort> reached = remote_of(*a.sighting);
  if (reached && reached == remote_of(*b.sighting) && comparable(a, b, reached->host)) return true;
  if (!comparable(a, b, a.sighting->address.host)) return false;
  // Two that answer must agree; one that does not has nothing to say.
  const bool a_says = is_other_address_of(*a.sighting, b.sighting->address);
  const bool b_says = is_other_address_of(*b.sighting, a.sighting->address);
  if (a.sighting->answer() != nullptr && b.sighting->answer() != nullptr) return a_says && b_says;
  return a_says || b_says;
}

std::optional<Sid> own_sid(const Sighting& sighting) {
  if (sighting.answer() == nullptr || !sighting.answer()->config) return std::nullopt;
  const wire::QuorumConfig& config = *sighting.answer()->config;
  if (const auto sid = sid_at(config, sighting.address)) return sid;
  if (const auto reached = remote_of(sighting)) {
    if (const auto sid = sid_at(config, *reached)) return sid;
  }
  // A server that has a wildcard for itself, and its port.
  std::optional<Sid> only;
  for (const wire::QuorumServer& server : config.servers) {
    for (const wire::ServerAddress& address : server.addresses) {
      if (!wire::is_any_local(address.host) || address.election_port != sighting.address.port) {
        continue;
      }
      if (only) return std::nullopt;
      only = server.sid;
    }
  }
  return only;
}

bool names(const Server& a, const Server& b) {
  if (a.answer() == nullptr || !a.answer()->config) return false;
  return std::any_of(b.looks.begin(), b.looks.end(), [&a](const Look& look) {
    return sid_at(*a.answer()->config, look.sighting->address).has_value();
  });
}

// Members by id, in an order that does not depend on the text.
std::map<Sid, wire::QuorumServer> members_of(const wire::QuorumConfig& config) {
  std::map<Sid, wire::QuorumServer> members;
  for (wire::QuorumServer server : config.servers) {
    server.client.reset();
    server.secure_client.reset();
    server.addresses = unpaired(std::move(server.addresses));
    members.emplace(server.sid, std::move(server));
  }
  return members;
}

template <class Pairs>
std::map<std::int64_t, std::vector<std::int64_t>> sorted(const Pairs& groups) {
  std::map<std::int64_t, std::vector<std::int64_t>> result;
  for (const auto& [group, sids] : groups) {
    for (const Sid sid : sids) result[group].push_back(sid.value);
    std::sort(result[group].begin(), result[group].end());
  }
  return result;
}

}  // namespace

std::optional<Sid> sid_at(const wire::QuorumConfig& config, const wire::HostPort& address) {
  for (const wire::QuorumServer& server : config.servers) {
    for (const wire::ServerAddress& one : server.addresses) {
      if (same_address({one.host, one.election_port}, address)) return server.sid;
    }
  }
  return std::nullopt;
}

std::optional<wire::HostPort> learner_port_of(const Sighting& sighting) {
  if (sighting.answer() == nullptr || !sighting.answer()->config) return std::nullopt;
  const std::optional<wire::HostPort> reached = remote_of(sighting);
  for (const wire::QuorumServer& server : sighting.answer()->config->servers) {
    for (const wire::ServerAddress& one : server.addresses) {
      if (one.quorum_port == 0) continue;
      const wire::HostPort election{one.host, one.election_port};
      if (same_address(election, sighting.address) ||
          (reached && same_address(election, *reached))) {
        return wire::HostPort{one.host, one.quorum_port};
      }
    }
  }
  return std::nullopt;
}

std::vector<wire::ServerAddress> unpaired(std::vector<wire::ServerAddress> addresses) {
  std::vector<std::pair<std::string, std::uint16_t>> elections;
  for (const wire::ServerAddress& one : addresses)
    elections.emplace_back(one.host, one.election_port);
  std::sort(elections.begin(), elections.end());
  std::sort(addresses.begin(), addresses.end(), [](const auto& a, const auto& b) {
    return std::tie(a.host, a.quorum_port) < std::tie(b.host, b.quorum_port);
  });
  // Both are sorted by host, and each host is as often in the one as in the other.
  for (std::size_t i = 0; i < addresses.size(); ++i)
    addresses[i].election_port = elections[i].second;
  return addresses;
}

bool same_members(const wire::QuorumConfig& a, const wire::QuorumConfig& b) {
  const std::map<Sid, std::int64_t> weights_a(a.weights.begin(), a.weights.end());
  const std::map<Sid, std::int64_t> weights_b(b.weights.begin(), b.weights.end());
  return a.version == b.version && members_of(a) == members_of(b) && weights_a == weights_b &&
         sorted(a.groups) == sorted(b.groups);
}

bool Server::has(const wire::HostPort& address) const {
  return std::any_of(looks.begin(), looks.end(), [&address](const Look& look) {
    return same_address(look.sighting->address, address);
  });
}

const wire::QuorumServer* Server::own_entry() const {
  if (!sid || answer() == nullptr || !answer()->config) return nullptr;
  return answer()->config->find(*sid);
}

std::string Server::name() const {
  const std::string at = wire::to_string(address());
  return sid ? "server " + to_string(*sid) + " (" + at + ")" : at;
}

Roster::Roster(const std::vector<View>& views) : views_(views) {
  for (const View& view : views_) {
    for (const Sighting& sighting : view.sightings) {
      const Look look{&view, &sighting};
      if (Server* const known = server_of(look)) {
        known->looks.push_back(look);
      } else {
        servers_.emplace_back();
        servers_.back().looks.push_back(look);
      }
    }
  }
  join_lost();
  for (Server& server : servers_) {
    std::stable_sort(server.looks.begin(), server.looks.end(), [](const Look& a, const Look& b) {
      const bool a_answered = a.sighting->answer() != nullptr;
      const bool b_answered = b.sighting->answer() != nullptr;
      return a_answered != b_answered ? a_answered : a.view->time > b.view->time;
    });
  }
  identify();
  tell_apart();
}

Server* Roster::server_of(const Look& look) {
  for (Server& server : servers_) {
    for (const Look& known : server.looks) {
      if (same_server(known, look)) return &server;
    }
  }
  return nullptr;
}

// Addresses of which none answers are one server where somebody's configuration has them at one id.
void Roster::join_lost() {
  const auto answers = [](const Look& look) { return look.sighting->answer() != nullptr; };
  std::vector<Look> tellers;
  for (const Server& server : servers_) {
    std::copy_if(server.looks.begin(), server.looks.end(), std::back_inserter(tellers), answers);
  }
  for (const Look& teller : tellers) {
    if (!teller.sighting->answer()->config) continue;
    std::map<Sid, Server*> lost;
    for (Server& server : servers_) {
      if (std::any_of(server.looks.begin(), server.looks.end(), answers)) continue;
      for (const Look& look : server.looks) {
        const wire::HostPort& address = look.sighting->address;
        const auto sid = sid_at(*teller.sighting->answer()->config, address);
        if (!sid || !comparable(teller, look, address.host)) continue;
        Server* const first = lost.try_emplace(*sid, &server).first->second;
        if (first == &server) continue;
        first->looks.insert(first->looks.end(), server.looks.begin(), server.looks.end());
        server.looks.clear();
        break;
      }
    }
    std::erase_if(servers_, [](const Server& server) { return server.looks.empty(); });
  }
}

// Its own configuration first, then what the others say; a leader without either (3.4) votes for
// itself.
void Roster::identify() {
  for (Server& server : servers_) {
    for (const Look& look : server.looks) {
      if (!server.sid) server.sid = own_sid(*look.sighting);
    }
  }
  for (Server& server : servers_) {
    if (server.sid) continue;
    for (const Server& other : servers_) {
      if (other.answer() == nullptr || !other.answer()->config) continue;
      for (const Look& look : server.looks) {
        if (!server.sid) server.sid = sid_at(*other.answer()->config, look.sighting->address);
      }
    }
    const peer::VoteAnswer* const answer = server.answer();
    if (!server.sid && answer != nullptr &&
        answer->notification.state == wire::ServerState::kLeading) {
      server.sid = answer->notification.leader;
    }
  }
  std::stable_sort(servers_.begin(), servers_.end(), [](const Server& a, const Server& b) {
    if (a.sid.has_value() != b.sid.has_value()) return a.sid.has_value();
    return a.sid < b.sid;
  });
}

void Roster::tell_apart() {
  const std::size_t count = servers_.size();
  std::vector<std::size_t> label(count);
  for (std::size_t i = 0; i < count; ++i) label[i] = i;
  const auto join = [&label](std::size_t a, std::size_t b) {
    const std::size_t from = std::max(label[a], label[b]);
    const std::size_t to = std::min(label[a], label[b]);
    for (std::size_t& one : label) one = one == from ? to : one;
  };
  for (std::size_t a = 0; a < count; ++a) {
    const peer::VoteAnswer* const answer = servers_[a].answer();
    const bool nameless = answer != nullptr && !answer->config;
    for (std::size_t b = 0; b < count; ++b) {
      if (label[a] == label[b]) continue;
      if (nameless || names(servers_[a], servers_[b])) join(a, b);
    }
  }
  for (std::size_t first = 0; first < count; ++first) {
    if (label[first] != first) continue;
    ensembles_.emplace_back();
    for (std::size_t i = 0; i < count; ++i) {
      if (label[i] == first) ensembles_.back().push_back(&servers_[i]);
    }
  }
}

std::vector<Held> configs_of(const Ensemble& ensemble) {
  std::vector<Held> configs;
  for (const Server* const server : ensemble) {
    if (server->answer() == nullptr || !server->answer()->config) continue;
    const wire::QuorumConfig& config = *server->answer()->config;
    const auto known = std::find_if(configs.begin(), configs.end(), [&config](const Held& held) {
      return same_members(*held.config, config);
    });
    if (known == configs.end()) {
      configs.push_back({&config, {server}});
    } else {
      known->holders.push_back(server);
    }
  }
  std::stable_sort(configs.begin(), configs.end(), [](const Held& a, const Held& b) {
    return a.holders.size() > b.holders.size();
  });
  return configs;
}

std::size_t Roster::answered() const {
  return static_cast<std::size_t>(std::count_if(
      servers_.begin(), servers_.end(), [](const Server& one) { return one.answer() != nullptr; }));
}

}  // namespace zkprobe::audit
