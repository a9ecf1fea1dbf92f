#include "audit/walk.hpp"

#include <algorithm>

namespace zkprobe::audit {

Walk::Walk(const std::vector<wire::HostPort>& seeds) {
  for (const wire::HostPort& seed : seeds) {
    if (find(seed) != nullptr) continue;
    if (sightings_.size() == kMaxAsked) {
      ++beyond_limit_;
      continue;
    }
    Sighting sighting;
    sighting.address = seed;
    sighting.seed = true;
    sightings_.push_back(std::move(sighting));
  }
}

std::vector<wire::HostPort> Walk::next() {
  std::vector<wire::HostPort> now;
  while (under_way_ < kMaxUnderWay && started_ < sightings_.size()) {
    now.push_back(sightings_[started_++].address);
    ++under_way_;
  }
  return now;
}

void Walk::answered(const wire::HostPort& address, Answer answer, std::string remote) {
  Sighting* const sighting = find(address);
  if (sighting == nullptr || sighting->result || under_way_ == 0) return;
  if (static_cast<std::size_t>(sighting - sightings_.data()) >= started_) return;
  if (answer) bound_config(*answer);
  sighting->result = std::move(answer);
  sighting->remote = std::move(remote);
  --under_way_;
  follow(Sighting(*sighting));  // a copy: naming adds to sightings_
}

void Walk::follow(const Sighting& from) {
  if (from.answer() == nullptr || !from.answer()->config) return;
  const bool from_here = is_loopback(host_of(from.remote));
  for (const wire::QuorumServer& server : from.answer()->config->servers) {
    for (const wire::ServerAddress& address : server.addresses) {
      const wire::HostPort named{address.host, address.election_port};
      // A wildcard means the server itself, and would be this host for us; so would the loopback
      // address of a server that is elsewhere.
      if (named.port == 0 || wire::is_wildcard(named)) continue;
      if (is_loopback(named.host) && !from_here) continue;
      name(named, from.address);
    }
  }
}

void Walk::name(const wire::HostPort& address, const wire::HostPort& by) {
  Sighting* sighting = find(address);
  if (sighting == nullptr) {
    if (sightings_.size() == kMaxAsked) {
      ++beyond_limit_;
      return;
    }
    sightings_.emplace_back();
    sighting = &sightings_.back();
    sighting->address = address;
  }
  std::vector<wire::HostPort>& namers = sighting->named_by;
  if (std::find(namers.begin(), namers.end(), by) == namers.end()) namers.push_back(by);
}

Sighting* Walk::find(const wire::HostPort& address) {
  const auto found =
      std::find_if(sightings_.begin(), sightings_.end(),
                   [&address](const Sighting& one) { return one.address == address; });
  return found == sightings_.end() ? nullptr : &*found;
}

}  // namespace zkprobe::audit
