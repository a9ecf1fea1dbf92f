#include "quorum/link_policy.hpp"

#include <algorithm>
#include <iterator>

namespace zkprobe::quorum {

namespace {

constexpr Release kFirstWithSlot{3, 4, 0};
constexpr Release kFirstWithAddresses{3, 5, 0};

void append_addresses(const wire::QuorumConfig& config, Sid sid,
                      std::vector<wire::HostPort>& addresses) {
  const wire::QuorumServer* server = config.find(sid);
  if (server == nullptr) return;
  for (const wire::ServerAddress& address : server->addresses) {
    const wire::HostPort election{address.host, address.election_port};
    if (std::find(addresses.begin(), addresses.end(), election) == addresses.end()) {
      addresses.push_back(election);
    }
  }
}

}  // namespace

std::string_view to_string(LinkDecision decision) {
  switch (decision) {
    case LinkDecision::kKeep:
      return "keep";
    case LinkDecision::kCloseAndDialBack:
      return "close and dial back";
    case LinkDecision::kRefuseOwnId:
      return "refuse our own id";
  }
  return "?";
}

LinkDecision decide_accepted(Sid self, Sid greeted) {
  if (greeted == self) return LinkDecision::kRefuseOwnId;
  return greeted < self ? LinkDecision::kCloseAndDialBack : LinkDecision::kKeep;
}

bool dialler_keeps(Sid self, Sid other) { return other <= self; }

Sid ObserverIds::name(Sid greeted) { return greeted == kObserverId ? Sid(--last_) : greeted; }

std::size_t send_capacity(Release release) { return release < kFirstWithSlot ? 100 : 1; }

bool repeats_before_waiting(Release release) { return release < kFirstWithSlot; }

std::vector<wire::HostPort> dial_addresses(Sid sid, const wire::QuorumConfig& committed,
                                           const wire::QuorumConfig* last_seen, Release release) {
  std::vector<wire::HostPort> addresses;
  append_addresses(committed, sid, addresses);
  if (last_seen != nullptr && release >= kFirstWithAddresses) {
    append_addresses(*last_seen, sid, addresses);
  }
  return addresses;
}

std::vector<wire::HostPort> dial_back_addresses(Sid sid,
                                                const std::vector<wire::HostPort>& greeting,
                                                const wire::QuorumConfig& committed,
                                                const wire::QuorumConfig* last_seen,
                                                Release release) {
  std::vector<wire::HostPort> addresses;
  if (release >= kFirstWithAddresses) {
    std::copy_if(greeting.begin(), greeting.end(), std::back_inserter(addresses),
                 [](const wire::HostPort& address) { return !wire::is_wildcard(address); });
  }
  if (addresses.empty()) return dial_addresses(sid, committed, last_seen, release);
  return addresses;
}

}  // namespace zkprobe::quorum
