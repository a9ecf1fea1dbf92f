// Which sightings are one server, and which server it is. A vote does not say who speaks: the
// address that was reached is looked up in the configuration that came with the vote.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "audit/survey.hpp"

namespace zkprobe::audit {

struct Look {
  const View* view = nullptr;
  const Sighting* sighting = nullptr;
};

// One server: every address under which it was met, from every host.
struct Server {
  std::optional<Sid> sid;   // as the configurations that name its address have it
  std::vector<Look> looks;  // never empty; those with an answer first, the newest first
  const peer::VoteAnswer* answer() const { return looks.front().sighting->answer(); }
  const wire::HostPort& address() const { return looks.front().sighting->address; }
  bool has(const wire::HostPort& address) const;
  // What its own configuration says of it; nothing without one.
  const wire::QuorumServer* own_entry() const;
  // "server 3 (zk3:3888)", "zk3:3888".
  std::string name() const;
};

// A configuration and who holds it. Client addresses are no part of it: a server knows its own
// alone.
struct Held {
  const wire::QuorumConfig* config = nullptr;
  std::vector<const Server*> holders;
};

// Servers of which one names the other, over any number of steps.
using Ensemble = std::vector<const Server*>;

class Roster {
 public:
  // `views` must outlive this.
  explicit Roster(const std::vector<View>& views);

  const std::vector<View>& views() const { return views_; }
  // In the order of ids; those without one last.
  const std::vector<Server>& servers() const { return servers_; }
  // Two ensembles that have nothing to do with each other are judged apart. Servers of 3.4 and
  // before name nobody: with one of them around, all are taken for one ensemble.
  const std::vector<Ensemble>& ensembles() const { return ensembles_; }
  std::size_t answered() const;

 private:
  Server* server_of(const Look& look);
  void join_lost();
  void identify();
  void tell_apart();

  const std::vector<View>& views_;
  std::vector<Server> servers_;
  std::vector<Ensemble> ensembles_;
};

// The configurations that the servers of an ensemble hold, the most widely held first.
std::vector<Held> configs_of(const Ensemble& ensemble);

// The addresses of a member in an order of their own: by host, and for each host the quorum ports
// and the election ports each by number. Java (QuorumServer.toString) sorts several addresses by
// host alone and takes both ports of one host as a hash has them, so that its pairs say nothing.
std::vector<wire::ServerAddress> unpaired(std::vector<wire::ServerAddress> addresses);
// The same members with the same addresses and types, weights, groups and version.
bool same_members(const wire::QuorumConfig& a, const wire::QuorumConfig& b);
// The id at which `config` has this address; nothing where it has none.
std::optional<Sid> sid_at(const wire::QuorumConfig& config, const wire::HostPort& address);
// The learner port that the sighting's own configuration has beside the address that was asked or
// reached; nothing where it has none.
std::optional<wire::HostPort> learner_port_of(const Sighting& sighting);

}  // namespace zkprobe::audit
