#include "check_target.hpp"

#include "conformance/question.hpp"
#include "folder_members.hpp"

namespace zkprobe::tool {
namespace {

using conformance::Need;
using conformance::Place;

constexpr Duration kPatience = std::chrono::seconds(3);

std::optional<Release> ask_srvr(const wire::HostPort& client) {
  conformance::TcpEndpoint port(client);
  const auto link = port.dial(Place(), kPatience);
  if (!link) return std::nullopt;
  port.write(*link, as_bytes("srvr"));
  Bytes text;
  while (text.size() < 65'536) {
    const auto event = port.wait(*link, kPatience);
    if (event.what != conformance::Endpoint::Event::What::kBytes) break;
    text.insert(text.end(), event.bytes.begin(), event.bytes.end());
  }
  return conformance::release_in_srvr(to_text(text));
}

// The member of a configuration that this election port belongs to.
const wire::QuorumServer* member_at(const conformance::Recognised& found,
                                    const wire::HostPort& address) {
  if (!found.config) return nullptr;
  for (const wire::QuorumServer& server : found.config->servers) {
    for (const wire::ServerAddress& one : server.addresses) {
      if (one.election_port != address.port) continue;
      if (one.host == address.host || wire::is_wildcard({one.host, 1})) return &server;
    }
  }
  return nullptr;
}

const FolderServer* recorded_at(const EnsembleFolder* folder, const wire::HostPort& address) {
  if (folder == nullptr) return nullptr;
  for (const FolderServer& server : folder->servers) {
    for (const wire::HostPort& one : server.addresses) {
      if (one == address) return &server;
    }
  }
  return nullptr;
}

// Nothing: it can be dialled now.
std::optional<std::string> why_no_learner_port(conformance::TcpEndpoint& endpoint,
                                               const std::optional<wire::HostPort>& learner) {
  if (!learner) return "the address of its learner port is not known: --learner names it";
  const auto link = endpoint.dial({Place::Port::kLearner, {}}, kPatience);
  if (link) {
    endpoint.close(*link);
    return std::nullopt;
  }
  return "its learner port " + wire::to_string(*learner) + " cannot be dialled (" +
         endpoint.failure() + "): it does not lead, or takes no learners";
}

// Our own voter that does not lead offers itself with a vote that loses everywhere.
bool declines(conformance::TcpEndpoint& endpoint) {
  const auto answer = conformance::ask_once(endpoint, Place(), kPatience);
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

}  // namespace

conformance::Target check_target(conformance::TcpEndpoint& endpoint, const wire::HostPort& address,
                                 const conformance::Recognised& found,
                                 const CheckTargetOptions& options, const EnsembleFolder* folder) {
  conformance::Target target;
  target.release = found.release;
  std::optional<wire::HostPort> client = options.client;
  std::optional<wire::HostPort> learner = options.learner;
  if (const wire::QuorumServer* const server = member_at(found, address)) {
    target.sid = server->sid;
    if (!client && server->client) client = wire::HostPort{address.host, server->client->port};
    if (!learner) learner = wire::HostPort{address.host, server->addresses[0].quorum_port};
  }
  if (const FolderServer* const server = recorded_at(folder, address)) {
    target.sid = server->sid;
    if (!client && server->client) client = wire::parse_host_port(*server->client);
    if (!learner) learner = server->learner;
    target.ours = folder->embedded || server->seat_free;
    if (folder->embedded) {
      target.lacks[Need::kLeadership] = "an embedded peer elects, and serves no learners";
      target.lacks[Need::kFollowing] = "an embedded peer elects, and follows no data";
    } else if (server->seat_free) {
      target.lacks[Need::kLeadership] = "zkprobe serves no learners";
      if (declines(endpoint)) target.lacks[Need::kCandidacy] = "zkprobe's seat declines to lead";
    }
  }
  if (options.sid) target.sid = Sid(*options.sid);
  if (options.release) {
    target.release = *options.release;
  } else if (client) {
    if (const auto release = ask_srvr(*client)) target.release = {*release, *release};
  }
  know_members(endpoint, found, folder);
  if (learner) endpoint.know({Place::Port::kLearner, {}}, *learner);
  if (auto why = why_no_learner_port(endpoint, learner)) {
    target.lacks[Need::kLearnerPort] = *std::move(why);
  }
  if (folder == nullptr) {
    target.lacks[Need::kMembers] = "it needs --ensemble DIR";
  } else if (const auto why = FolderMembers::why_not(*folder)) {
    target.lacks[Need::kMembers] = *why;
  }
  return target;
}

}  // namespace zkprobe::tool
