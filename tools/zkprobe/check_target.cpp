#include "check_target.hpp"

#include "conformance/question.hpp"
#include "folder_members.hpp"
#include "known_address.hpp"
#include "wire/ip_literal.hpp"

namespace zkprobe::tool {
namespace {

using conformance::Need;
using conformance::Place;

// Or why the client port does not tell it.
tl::expected<Release, std::string> ask_srvr(const wire::HostPort& client, Duration patience) {
  conformance::TcpEndpoint port(client);
  const auto link = port.dial(Place(), patience);
  const std::string name = "the client port " + wire::to_string(client);
  if (!link) return tl::unexpected(name + " cannot be dialled (" + port.failure() + ")");
  port.write(*link, as_bytes("srvr"));
  Bytes text;
  while (text.size() < 65'536) {
    const auto event = port.wait(*link, patience);
    if (event.what != conformance::Endpoint::Event::What::kBytes) break;
    text.insert(text.end(), event.bytes.begin(), event.bytes.end());
  }
  if (text.empty()) return tl::unexpected(name + " does not answer 'srvr'");
  const auto release = conformance::release_in_srvr(to_text(text));
  if (!release) return tl::unexpected(name + " tells no release: is 'srvr' allowed there?");
  return *release;
}

// The member of a configuration that this election port belongs to.
const wire::QuorumServer* member_at(conformance::TcpEndpoint& endpoint,
                                    const conformance::Recognised& found,
                                    const wire::HostPort& address, Duration patience) {
  if (!found.config) return nullptr;
  std::vector<wire::HostPort> all;
  for (const wire::QuorumServer& server : found.config->servers) {
    for (const wire::ServerAddress& one : server.addresses) {
      all.push_back({one.host, one.election_port});
    }
  }
  auto known = known_address(all, address, endpoint.reached());
  for (const wire::HostPort& one : all) {
    if (known || one.port != address.port) continue;
    if (wire::is_wildcard(one) || endpoint.leads_there(one.host, patience)) known = one;
  }
  if (!known) return nullptr;
  for (const wire::QuorumServer& server : found.config->servers) {
    for (const wire::ServerAddress& one : server.addresses) {
      if (wire::HostPort{one.host, one.election_port} == *known) return &server;
    }
  }
  return nullptr;
}

// Nothing: it can be dialled now.
std::optional<std::string> why_no_learner_port(conformance::TcpEndpoint& endpoint,
                                               const std::optional<wire::HostPort>& learner,
                                               Duration patience) {
  if (!learner) return "the address of its learner port is not known: --learner names it";
  // The port that is named may be another server's.
  const auto answer = conformance::ask_once(endpoint, Place(), patience);
  if (answer && answer->vote.state != wire::ServerState::kLeading) {
    return "its learner port is not open: it does not lead";
  }
  const auto link = endpoint.dial({Place::Port::kLearner, {}}, patience);
  if (link) {
    endpoint.close(*link);
    return std::nullopt;
  }
  return "its learner port " + wire::to_string(*learner) + " cannot be dialled (" +
         endpoint.failure() + "): it does not lead, or takes no learners";
}

// Our own voter that does not lead offers itself with a vote that loses everywhere.
bool declines(conformance::TcpEndpoint& endpoint, Duration patience) {
  const auto answer = conformance::ask_once(endpoint, Place(), patience);
  return answer && answer->vote.zxid == Zxid::min();
}

void know_members(conformance::TcpEndpoint& endpoint, const conformance::Recognised& found,
                  const EnsembleFolder* folder) {
  if (found.config) {
    for (const wire::QuorumServer& server : found.config->servers) {
      const wire::ServerAddress& one = server.addresses[0];
      endpoint.know({Place::Port::kElection, server.sid}, {one.host, one.election_port});
      endpoint.know({Place::Port::kLearner, server.sid}, {one.host, one.quorum_port});
    }
  }
  if (folder == nullptr) return;
  for (const FolderServer& server : folder->servers) {
    if (server.election) endpoint.know({Place::Port::kElection, server.sid}, *server.election);
    if (server.learner) endpoint.know({Place::Port::kLearner, server.sid}, *server.learner);
  }
}

bool is_loopback_text(const std::string& host) {
  const auto v4 = wire::parse_ipv4(host);
  return v4 ? (*v4)[0] == 127 : wire::java_host_text(host) == "0:0:0:0:0:0:0:1";
}

// Who serves this election port, as its folder tells.
void take_folder(conformance::TcpEndpoint& endpoint, const FolderServer& server, bool embedded,
                 Duration patience, conformance::Target& target) {
  target.sid = server.sid;
  target.ours = embedded || server.seat_free;
  if (embedded) {
    target.lacks[Need::kLeadership] = "an embedded peer elects, and serves no learners";
    target.lacks[Need::kFollowing] = "an embedded peer elects, and follows no data";
  } else if (server.seat_free) {
    target.lacks[Need::kLeadership] = "zkprobe serves no learners";
    if (declines(endpoint, patience)) {
      target.lacks[Need::kCandidacy] = "zkprobe's seat declines to lead";
    }
  }
}

// Whether members may be touched; and where they may not, whether the server is alone.
void take_members(const EnsembleFolder& folder, const FolderServer* own,
                  conformance::Target& target) {
  const auto why = FolderMembers::why_not(folder);
  if (!why) return;
  target.lacks[Need::kMembers] = *why;
  for (const FolderServer& server : folder.servers) {
    if (&server == own || server.observer || !is_running(server)) continue;
    target.not_alone =
        "the others must not run here, and server " + to_string(server.sid) + " does";
  }
}

void take_release(const conformance::Recognised& found, const CheckTargetOptions& options,
                  const std::optional<wire::HostPort>& client, Duration patience,
                  CheckTarget& all) {
  all.target.release = found.release;
  std::optional<conformance::ReleaseRange> named = options.release;
  std::string who = "--release";
  if (!named && client) {
    const auto release = ask_srvr(*client, patience);
    if (release) named = {*release, *release};
    if (!release && options.client) all.notes.push_back(release.error());
    who = "srvr of " + wire::to_string(*client);
  }
  if (!named) return;
  auto why = contradiction(found, *named, who);
  if (!why) all.target.release = *named;
  if (why) all.notes.push_back(*std::move(why));
}

}  // namespace

const FolderServer* recorded_at(const EnsembleFolder& folder, const wire::HostPort& address,
                                const std::string& reached) {
  const wire::HostPort wanted = as_recorded(folder, address, reached);
  for (const FolderServer& server : folder.servers) {
    for (const wire::HostPort& one : server.addresses) {
      if (one == wanted) return &server;
    }
  }
  return nullptr;
}

wire::HostPort as_recorded(const EnsembleFolder& folder, const wire::HostPort& address,
                           const std::string& reached) {
  std::vector<wire::HostPort> all;
  for (const FolderServer& server : folder.servers) {
    all.insert(all.end(), server.addresses.begin(), server.addresses.end());
  }
  // An ensemble of this machine: who was reached elsewhere is none of it, whatever its port.
  const std::string& there = reached.empty() ? address.host : reached;
  if (!is_loopback_text(there)) return address;
  return known_address(all, address, reached).value_or(address);
}

std::optional<std::string> contradiction(const conformance::Recognised& found,
                                         const conformance::ReleaseRange& named,
                                         const std::string& who) {
  if (applies(found.form, named) == conformance::Applies::kYes) return std::nullopt;
  return who + " tells release " + to_string(named) + ", but its answer has the form of " +
         to_string(found.form) + ": that counts";
}

CheckTarget check_target(conformance::TcpEndpoint& endpoint, const wire::HostPort& address,
                         const conformance::Recognised& found, const CheckTargetOptions& options,
                         Duration patience, const EnsembleFolder* folder) {
  CheckTarget all;
  conformance::Target& target = all.target;
  std::optional<wire::HostPort> client = options.client;
  std::optional<wire::HostPort> learner = options.learner;
  if (const auto* const server = member_at(endpoint, found, address, patience)) {
    target.sid = server->sid;
    if (!client && server->client) client = wire::HostPort{address.host, server->client->port};
    if (!learner) learner = wire::HostPort{address.host, server->addresses[0].quorum_port};
  }
  const FolderServer* const own =
      folder == nullptr ? nullptr : recorded_at(*folder, address, endpoint.reached());
  if (own != nullptr) {
    if (!client && own->client) client = wire::parse_host_port(*own->client);
    if (!learner) learner = own->learner;
    take_folder(endpoint, *own, folder->embedded, patience, target);
  }
  if (options.sid) target.sid = Sid(*options.sid);
  take_release(found, options, client, patience, all);
  know_members(endpoint, found, folder);
  if (learner) endpoint.know({Place::Port::kLearner, {}}, *learner);
  if (auto why = why_no_learner_port(endpoint, learner, patience)) {
    target.lacks[Need::kLearnerPort] = *std::move(why);
  }
  if (folder != nullptr) {
    take_members(*folder, own, target);
  } else {
    target.lacks[Need::kMembers] = "it needs --ensemble DIR";
  }
  return all;
}

}  // namespace zkprobe::tool
