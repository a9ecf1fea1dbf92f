// Who is a member, where, and whether all of them think the same.
#include <algorithm>
#include <map>
#include <set>

#include "audit/finding.hpp"
#include "wire/describe.hpp"
#include "wire/ip_literal.hpp"

namespace zkprobe::audit {
namespace {

std::string holders_of(const Held& held) {
  std::string text;
  for (const Server* const server : held.holders) {
    text += (text.empty() ? "" : ", ") + server->name();
  }
  return text;
}

// The server's line without its client address.
std::string line_of(const wire::QuorumServer& server) {
  wire::QuorumServer member = server;
  member.client.reset();
  member.secure_client.reset();
  return wire::to_text(member);
}

// Configurations that are compared member by member.
constexpr std::size_t kMaxCompared = 16;

// What each configuration says of each member, by id.
using Lines = std::map<Sid, std::map<std::string, std::vector<const Held*>>>;
Lines lines_of(const std::vector<Held>& configs) {
  Lines lines;
  std::set<Sid> sids;
  for (const Held& held : configs) {
    for (const wire::QuorumServer& server : held.config->servers) sids.insert(server.sid);
  }
  for (const Sid sid : sids) {
    for (const Held& held : configs) {
      const wire::QuorumServer* const member = held.config->find(sid);
      lines[sid][member == nullptr ? "no member" : line_of(*member)].push_back(&held);
    }
  }
  return lines;
}

void prove_line(Finding& finding, Sid sid,
                const std::map<std::string, std::vector<const Held*>>& lines) {
  for (const auto& [line, helds] : lines) {
    std::string who;
    for (const Held* const held : helds) who += (who.empty() ? "" : ", ") + holders_of(*held);
    finding.prove("server." + to_string(sid) + " is " + line + " for " + who);
  }
}

class Members {
 public:
  Members(const Ensemble& ensemble, Findings& findings)
      : ensemble_(ensemble), configs_(configs_of(ensemble)), findings_(findings) {}

  void judge() {
    const std::size_t in_force = configs_.size();
    if (in_force > kMaxCompared) configs_.resize(kMaxCompared);
    if (in_force > 1) differ(in_force);
    moved_ids();
    shared_addresses();
    twins();
    unusable_addresses();
    for (const Server* const server : ensemble_) {
      unreadable(*server);
      unlisted(*server);
    }
  }

 private:
  void differ(std::size_t in_force) {
    Finding finding;
    finding.id = "configurations_differ";
    finding.severity = Severity::kProblem;
    finding.title = std::to_string(in_force) + " different configurations are in force";
    finding.detail =
        "Servers that count votes by different lists can elect two leaders, and do not dial "
        "members that they do not know. While a reconfiguration is under way two versions are "
        "normal for moments.";
    finding.advice =
        "Compare zoo.cfg (and zoo.cfg.dynamic) on these hosts, make them the same, and restart "
        "one server after the other. Before 3.5.9 and 3.6.2 a rolling restart may bring an old "
        "list back (ZOOKEEPER-3829).";
    for (const Held& held : configs_) {
      for (const Server* const server : held.holders) finding.concern(*server);
      finding.prove(wire::describe(*held.config) + ": " + holders_of(held));
    }
    for (const auto& [sid, lines] : lines_of(configs_)) {
      if (lines.size() > 1) prove_line(finding, sid, lines);
    }
    findings_.push_back(std::move(finding));
  }

  // One id, several addresses: a wildcard apart, which every server may have for itself.
  void moved_ids() {
    for (const auto& [sid, lines] : lines_of(configs_)) {
      std::set<std::string> places;
      for (const auto& [line, helds] : lines) {
        const wire::QuorumServer* const member = helds.front()->config->find(sid);
        if (member == nullptr) continue;
        std::string place;
        for (const wire::ServerAddress& one : unpaired(member->addresses)) {
          if (wire::is_any_local(one.host)) continue;
          place += one.host + ":" + std::to_string(one.quorum_port) + ":" +
                   std::to_string(one.election_port) + " ";
        }
        if (!place.empty()) places.insert(place);
      }
      if (places.size() < 2) continue;
      Finding finding;
      finding.id = "id_at_two_addresses";
      finding.severity = Severity::kProblem;
      finding.title = "Server " + to_string(sid) + " stands at different addresses";
      finding.detail =
          "Votes are counted by id: two servers with one id count as one, in each "
          "ensemble that knows it.";
      finding.advice =
          "Give every server an id of its own, and every configuration the same line "
          "for it.";
      finding.servers.push_back(sid);
      prove_line(finding, sid, lines);
      findings_.push_back(std::move(finding));
    }
  }

  // One address, several ids.
  void shared_addresses() {
    std::map<std::string, std::set<Sid>> ids;
    for (const Held& held : configs_) {
      for (const wire::QuorumServer& server : held.config->servers) {
        for (const wire::ServerAddress& one : server.addresses) {
          if (wire::is_any_local(one.host)) continue;
          ids[wire::to_string({one.host, one.election_port})].insert(server.sid);
        }
      }
    }
    for (const auto& [address, sids] : ids) {
      if (sids.size() < 2) continue;
      Finding finding;
      finding.id = "address_with_two_ids";
      finding.severity = Severity::kProblem;
      finding.title = address + " stands for " + std::to_string(sids.size()) + " ids";
      finding.detail =
          "A server has one id, from its myid file; who dials it under another one is "
          "answered by the wrong server.";
      finding.advice = "Give every server one id, the same in every configuration.";
      for (const Sid sid : sids) {
        finding.servers.push_back(sid);
        finding.prove("server." + to_string(sid) + " is at " + address);
      }
      findings_.push_back(std::move(finding));
    }
  }

  // Two servers that answer, each by its own configuration the same id.
  void twins() {
    std::map<Sid, std::vector<const Server*>> claimed;
    for (const Server* const server : ensemble_) {
      if (server->own_entry() != nullptr) claimed[*server->sid].push_back(server);
    }
    for (const auto& [sid, servers] : claimed) {
      if (servers.size() < 2) continue;
      Finding finding;
      finding.id = "duplicate_id";
      finding.severity = Severity::kProblem;
      finding.title =
          std::to_string(servers.size()) + " servers answer as server " + to_string(sid);
      finding.detail =
          "A link belongs to an id: each of them cuts the other's links off, and a "
          "vote of one counts as the other's.";
      finding.advice = "Stop one of them, and give it an id that no configuration has.";
      finding.servers.push_back(sid);
      for (const Server* const server : servers) {
        finding.prove(wire::to_string(server->address()) + " is server " + to_string(sid) +
                      " in its own configuration");
      }
      findings_.push_back(std::move(finding));
    }
  }

  void unusable_addresses() {
    for (const Held& held : configs_) {
      const auto local = [](const wire::ServerAddress& one) { return is_loopback(one.host); };
      bool elsewhere = false;
      for (const wire::QuorumServer& server : held.config->servers) {
        for (const wire::ServerAddress& one : server.addresses) {
          elsewhere = elsewhere || !(local(one) || wire::is_any_local(one.host));
        }
      }
      for (const wire::QuorumServer& server : held.config->servers) {
        for (const wire::ServerAddress& one : server.addresses) {
          if (wire::is_any_local(one.host)) wildcard(held, server);
          if (local(one) && elsewhere) loopback(held, server);
        }
      }
    }
  }

  void wildcard(const Held& held, const wire::QuorumServer& server) {
    Finding finding;
    finding.id = "wildcard_address";
    finding.severity = Severity::kProblem;
    finding.title = "Server " + to_string(server.sid) + " announces a wildcard address";
    finding.detail =
        "It greets others with it. A server of 3.5.0 to 3.5.7 or 3.6.0 with a higher id dials that "
        "address back, which is itself, and server " +
        to_string(server.sid) +
        " never joins after a restart (ZOOKEEPER-2164); later ones take the address that they have "
        "configured.";
    finding.advice =
        "Write its real address in its server line, and quorumListenOnAllIPs=true if it has to "
        "listen everywhere.";
    finding.servers.push_back(server.sid);
    finding.prove("server." + to_string(server.sid) + "=" + line_of(server) + " for " +
                  holders_of(held));
    findings_.push_back(std::move(finding));
  }

  void loopback(const Held& held, const wire::QuorumServer& server) {
    Finding finding;
    finding.id = "loopback_address";
    finding.severity = Severity::kProblem;
    finding.title = "Server " + to_string(server.sid) + " announces a loopback address";
    finding.detail = "Members on other hosts that dial it reach themselves.";
    finding.advice = "Write an address that the others can reach; look at /etc/hosts too.";
    finding.servers.push_back(server.sid);
    finding.prove("server." + to_string(server.sid) + "=" + line_of(server) + " for " +
                  holders_of(held));
    findings_.push_back(std::move(finding));
  }

  void unreadable(const Server& server) {
    if (server.answer() == nullptr || !server.answer()->config_error) return;
    Finding finding;
    finding.id = "config_unreadable";
    finding.severity = Severity::kProblem;
    finding.title = server.name() + " has a configuration that cannot be read";
    finding.detail = "Other servers drop it as well.";
    finding.advice = "Look at its zoo.cfg and zoo.cfg.dynamic.";
    finding.concern(server);
    finding.prove(*server.answer()->config_error);
    findings_.push_back(std::move(finding));
  }

  // It answers, and nobody has it in a configuration, itself included.
  void unlisted(const Server& server) {
    if (server.answer() == nullptr || configs_.empty() || !server.answer()->config) return;
    if (server.own_entry() != nullptr) return;
    Finding finding;
    finding.id = "unlisted";
    finding.title = server.name() + " is not in its own configuration at this address";
    finding.detail =
        "Either it was removed and still runs, or the address is another name for it: a forwarded "
        "port, a service, a translated address.";
    finding.advice = "Stop it if it was removed; ask by the addresses of the configuration else.";
    finding.concern(server);
    finding.prove(wire::describe(*server.answer()->config));
    findings_.push_back(std::move(finding));
  }

  const Ensemble& ensemble_;
  std::vector<Held> configs_;
  Findings& findings_;
};

}  // namespace

void judge_members(const Roster& roster, Findings& findings) {
  for (const Ensemble& ensemble : roster.ensembles()) Members(ensemble, findings).judge();
  std::size_t alive = 0;
  for (const Ensemble& ensemble : roster.ensembles()) {
    alive += std::any_of(ensemble.begin(), ensemble.end(),
                         [](const Server* one) { return one->answer() != nullptr; })
                 ? 1
                 : 0;
  }
  if (alive < 2) return;
  Finding finding;
  finding.id = "separate_ensembles";
  finding.title = "The addresses belong to " + std::to_string(alive) + " ensembles";
  finding.detail = "No configuration of one names a server of the other. Each is judged alone.";
  finding.advice = "If they should be one ensemble: no member of it knows all the others.";
  for (const Ensemble& ensemble : roster.ensembles()) {
    std::string names;
    for (const Server* const server : ensemble)
      names += (names.empty() ? "" : ", ") + server->name();
    finding.prove(names);
  }
  findings.push_back(std::move(finding));
}

}  // namespace zkprobe::audit
