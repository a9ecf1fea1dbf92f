#include "status_view.hpp"

#include <algorithm>
#include <cstdio>
#include <map>
#include <set>

#include "audit/roster.hpp"
#include "wire/describe.hpp"
#include "wire/ip_literal.hpp"

namespace zkprobe::tool {
namespace {

using wire::NotificationForm;
using wire::ServerState;

constexpr const char* kNoAnswer = "no answer";  // as wide as the longest state

std::string error_of(const StatusEntry& entry) {
  if (!entry.result) return "interrupted before it answered";
  return entry.result->has_value() ? "" : entry.result->error().text;
}

// A failed connection names the address already, and what its name stood for.
std::string placed_error(const StatusEntry& entry) {
  const std::string address = wire::to_string(entry.address) + ": ";
  const std::string error = error_of(entry);
  return error.starts_with(address) ? error : address + error;
}

double milliseconds(Duration duration) { return static_cast<double>(duration.count()) / 1000.0; }

Json servers_of(const wire::QuorumConfig& config) {
  Json servers = Json::array();
  for (const wire::QuorumServer& server : config.servers) {
    Json one;
    one["sid"] = server.sid.value;
    one["role"] = server.type == wire::LearnerType::kObserver ? "observer" : "participant";
    one["addresses"] = Json::array();
    for (const wire::ServerAddress& address : server.addresses) {
      one["addresses"].push_back({{"host", address.host},
                                  {"quorum_port", address.quorum_port},
                                  {"election_port", address.election_port}});
    }
    if (server.client) one["client"] = wire::to_string(*server.client);
    servers.push_back(std::move(one));
  }
  return servers;
}

std::string count_of(std::size_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

// 3.3 to 3.4.5 never renew the epoch of a vote (ZOOKEEPER-1732).
bool renews_epoch(const peer::VoteAnswer& answer) {
  return answer.form == NotificationForm::kBytes40 || answer.form == NotificationForm::kConfig;
}

// " (zk1:3888, zk2:3888)"
std::string sayers_text(const std::vector<std::string>& addresses) {
  std::string result;
  for (const std::string& address : addresses) result += (result.empty() ? "" : ", ") + address;
  return " (" + result + ")";
}

// The text of an id with who said so: "3 (zk1:3888, zk2:3888)".
template <class Key>
std::string groups_text(const std::map<Key, std::vector<std::string>>& groups,
                        std::string (*text)(Key)) {
  std::string result;
  for (const auto& [key, addresses] : groups) {
    if (!result.empty()) result += "; ";
    result += text(key) + sayers_text(addresses);
  }
  return result;
}

// A server may have a wildcard for itself; it says nothing of where the server is.
bool same_place(const wire::QuorumServer& a, const wire::QuorumServer& b) {
  const auto wildcard = [](const wire::ServerAddress& one) { return wire::is_any_local(one.host); };
  const auto any = [&wildcard](const wire::QuorumServer& server) {
    return std::any_of(server.addresses.begin(), server.addresses.end(), wildcard);
  };
  return any(a) || any(b) || audit::unpaired(a.addresses) == audit::unpaired(b.addresses);
}

bool same_member(const wire::QuorumServer* a, const wire::QuorumServer* b) {
  if (a == nullptr || b == nullptr) return a == b;
  return a->type == b->type && same_place(*a, *b);
}

// The ids that the one or the other names, where they do not say the same of it. Client addresses
// are left out: a static configuration has those of the server itself alone.
std::set<Sid> members_that_differ(const wire::QuorumConfig& a, const wire::QuorumConfig& b) {
  std::set<Sid> differing;
  for (const wire::QuorumConfig* const config : {&a, &b}) {
    for (const wire::QuorumServer& server : config->servers) {
      if (!same_member(a.find(server.sid), b.find(server.sid))) differing.insert(server.sid);
    }
  }
  return differing;
}

// Groups and weights have an order of their own in each server.
bool same_list(const wire::QuorumConfig& a, const wire::QuorumConfig& b) {
  wire::QuorumConfig rest_a = a;
  wire::QuorumConfig rest_b = b;
  rest_a.servers.clear();
  rest_b.servers.clear();
  return audit::same_members(rest_a, rest_b) && members_that_differ(a, b).empty();
}

// One configuration, and who said it.
struct ConfigGroup {
  const wire::QuorumConfig* config;
  std::vector<std::string> addresses;
};

std::vector<ConfigGroup> config_groups(const std::vector<StatusEntry>& entries) {
  std::vector<ConfigGroup> groups;
  for (const StatusEntry& entry : entries) {
    if (entry.answer() == nullptr || !entry.answer()->config) continue;
    const wire::QuorumConfig& config = *entry.answer()->config;
    auto group = std::find_if(groups.begin(), groups.end(), [&config](const ConfigGroup& each) {
      return same_list(*each.config, config);
    });
    if (group == groups.end()) group = groups.insert(groups.end(), {&config, {}});
    group->addresses.push_back(wire::to_string(entry.address));
  }
  return groups;
}

// Of one version, and different all the same: what the first two say of the first member that
// differs.
std::string lists_text(const ConfigGroup& a, const ConfigGroup& b) {
  const std::string text = "different configurations of version " + to_hex(a.config->version);
  const std::set<Sid> differing = members_that_differ(*a.config, *b.config);
  if (differing.empty()) {
    return text + ": other groups or weights" + sayers_text(a.addresses) + sayers_text(b.addresses);
  }
  const Sid sid = *differing.begin();
  const auto said = [sid](const ConfigGroup& group) {
    const wire::QuorumServer* const server = group.config->find(sid);
    return (server == nullptr ? "no member" : printable(wire::to_text(*server))) +
           sayers_text(group.addresses);
  };
  return text + ": server " + to_string(sid) + " is " + said(a) + "; " + said(b);
}

// What a leader was elected with stays the same while it leads.
std::string reign_text(const wire::Notification& vote) {
  return "zxid " + to_hex(vote.zxid) + " in round " + to_hex(vote.election_epoch);
}

struct Tally {
  std::size_t asked = 0;
  std::size_t answered = 0;
  std::size_t looking = 0;
  std::size_t leading = 0;
};

Tally tally_of(const std::vector<StatusEntry>& entries) {
  Tally tally;
  tally.asked = entries.size();
  for (const StatusEntry& entry : entries) {
    const peer::VoteAnswer* const answer = entry.answer();
    if (answer == nullptr) continue;
    ++tally.answered;
    if (answer->notification.state == ServerState::kLooking) ++tally.looking;
    if (answer->notification.state == ServerState::kLeading) ++tally.leading;
  }
  return tally;
}

std::string state_of(const StatusEntry& entry) {
  const peer::VoteAnswer* const answer = entry.answer();
  return answer == nullptr ? kNoAnswer : std::string(to_string(answer->notification.state));
}

Colour colour_of(const StatusEntry& entry) {
  const peer::VoteAnswer* const answer = entry.answer();
  if (answer == nullptr) return Colour::kBad;
  if (answer->notification.state == ServerState::kLooking) return Colour::kWarning;
  return Colour::kGood;
}

std::string config_version_of(const peer::VoteAnswer& answer) {
  if (answer.config) return to_hex(answer.config->version);
  return answer.config_error ? "unreadable" : "-";
}

std::string table_of(const std::vector<StatusEntry>& entries, const Style& style) {
  Table table;
  std::vector<Table::Cell> heads;
  for (const char* head :
       {"ADDRESS", "STATE", "LEADER", "ZXID", "ROUND", "EPOCH", "CONFIG", "FORM", "MS"}) {
    heads.push_back({head, Colour::kFaint});
  }
  table.add_row(std::move(heads));
  for (const StatusEntry& entry : entries) {
    std::vector<Table::Cell> row = {{wire::to_string(entry.address)},
                                    {state_of(entry), colour_of(entry)}};
    if (const peer::VoteAnswer* const answer = entry.answer()) {
      const wire::Notification& n = answer->notification;
      char took[32];
      std::snprintf(took, sizeof took, "%.1f", milliseconds(answer->took));
      for (const std::string& cell :
           {to_string(n.leader), to_hex(n.zxid), to_hex(n.election_epoch), to_hex(n.peer_epoch),
            config_version_of(*answer), std::string(to_string(answer->form)), std::string(took)}) {
        row.push_back({cell});
      }
    }
    table.add_row(std::move(row));
  }
  return table.render(style);
}

}  // namespace

Json status_record(const StatusEntry& entry) {
  Json record;
  record["address"] = wire::to_string(entry.address);
  const peer::VoteAnswer* const answer = entry.answer();
  record["reachable"] = answer != nullptr;
  if (answer == nullptr) {
    record["error"] = error_of(entry);
    return record;
  }
  if (answer->config_error) record["error"] = "configuration: " + *answer->config_error;
  const wire::Notification& n = answer->notification;
  record["state"] = std::string(to_string(n.state));
  record["leader"] = n.leader.value;
  record["zxid"] = to_hex(n.zxid);
  record["election_epoch"] = to_hex(n.election_epoch);
  record["peer_epoch"] = to_hex(n.peer_epoch);
  record["format"] = std::string(to_string(answer->form));
  if (answer->config) {
    record["config_version"] = to_hex(answer->config->version);
    record["servers"] = servers_of(*answer->config);
  }
  record["rtt_ms"] = milliseconds(answer->took);
  return record;
}

std::string disagreement(const std::vector<StatusEntry>& entries) {
  std::map<Sid, std::vector<std::string>> leaders;
  std::map<PeerEpoch, std::vector<std::string>> epochs;
  std::map<ConfigVersion, std::vector<std::string>> versions;
  std::map<std::string, std::vector<std::string>> reigns;
  for (const StatusEntry& entry : entries) {
    const peer::VoteAnswer* const answer = entry.answer();
    if (answer == nullptr) continue;
    const std::string address = wire::to_string(entry.address);
    if (answer->config) versions[answer->config->version].push_back(address);
    if (answer->notification.state == ServerState::kLooking) continue;
    leaders[answer->notification.leader].push_back(address);
    if (answer->notification.state == ServerState::kLeading) {
      reigns[reign_text(answer->notification)].push_back(address);
    }
    if (renews_epoch(*answer)) {
      epochs[answer->notification.peer_epoch].push_back(address);
    }
  }
  if (leaders.size() > 1) return "different leaders: " + groups_text<Sid>(leaders, to_string);
  if (epochs.size() > 1) return "different epochs: " + groups_text<PeerEpoch>(epochs, to_hex);
  if (versions.size() > 1) {
    return "different configurations: " + groups_text<ConfigVersion>(versions, to_hex);
  }
  const std::vector<ConfigGroup> configs = config_groups(entries);
  if (configs.size() > 1) return lists_text(configs[0], configs[1]);
  if (reigns.size() > 1) {
    std::string text;
    for (const auto& [vote, addresses] : reigns) {
      text += (text.empty() ? "" : "; ") + vote + sayers_text(addresses);
    }
    return "elected with different votes: " + text;
  }
  return "";
}

ExitCode status_code(const std::vector<StatusEntry>& entries) {
  const Tally tally = tally_of(entries);
  if (tally.answered == 0) return ExitCode::kUnreachable;
  const bool unreadable = std::any_of(entries.begin(), entries.end(), [](const auto& entry) {
    return entry.answer() != nullptr && entry.answer()->config_error.has_value();
  });
  if (tally.answered < tally.asked || tally.looking > 0 || unreadable ||
      !disagreement(entries).empty()) {
    return ExitCode::kDoesNotHold;
  }
  return ExitCode::kHolds;
}

std::string status_verdict(const std::vector<StatusEntry>& entries) {
  const Tally tally = tally_of(entries);
  if (tally.answered == 0) return "No server answered.";
  std::string rest;
  if (tally.answered < tally.asked) {
    rest += "; " + std::to_string(tally.asked - tally.answered) + " of " +
            std::to_string(tally.asked) + " did not answer";
  }
  if (tally.looking == tally.answered) {
    return "No leader: " + count_of(tally.looking, "server") +
           (tally.looking == 1 ? " is" : " are") + " LOOKING" + rest + ".";
  }
  if (tally.looking > 0) {
    rest = "; " + std::to_string(tally.looking) + " of " + std::to_string(tally.asked) +
           (tally.looking == 1 ? " is" : " are") + " LOOKING" + rest;
  }
  const std::string differ = disagreement(entries);
  if (tally.leading > 1 && !differ.empty()) {
    return std::to_string(tally.leading) + " servers say that they lead; " + differ + rest + ".";
  }
  if (!differ.empty()) return "The servers disagree: " + differ + rest + ".";
  const auto voted = std::find_if(entries.begin(), entries.end(), [](const StatusEntry& entry) {
    return entry.answer() != nullptr && entry.answer()->notification.state != ServerState::kLooking;
  });
  const wire::Notification& n = voted->answer()->notification;
  return "Server " + to_string(n.leader) + " leads" +
         (renews_epoch(*voted->answer()) ? " in epoch " + to_hex(n.peer_epoch) : "") +
         (rest.empty() && tally.asked > 1 ? "; all " + std::to_string(tally.asked) + " agree"
                                          : "") +
         rest + ".";
}

std::string status_text(const std::vector<StatusEntry>& entries, const Style& style) {
  std::string text = table_of(entries, style) + "\n";
  for (const StatusEntry& entry : entries) {
    const peer::VoteAnswer* const answer = entry.answer();
    if (answer == nullptr) {
      text += "No answer: " + placed_error(entry) + "\n";
    } else if (answer->config_error) {
      text += wire::to_string(entry.address) +
              " has a configuration that cannot be read: " + printable(*answer->config_error) +
              "\n";
    }
  }
  const std::vector<ConfigGroup> configs = config_groups(entries);
  for (const ConfigGroup& group : configs) {
    text += "Configuration: " + printable(wire::describe(*group.config)) +
            (configs.size() > 1 ? sayers_text(group.addresses) : "") + "\n";
  }
  const ExitCode code = status_code(entries);
  const Colour colour = code == ExitCode::kHolds ? Colour::kGood : Colour::kBad;
  return text + style.paint(colour, status_verdict(entries)) + "\n";
}

bool status_changed(const StatusEntry& before, const StatusEntry& after) {
  const peer::VoteAnswer* const a = before.answer();
  const peer::VoteAnswer* const b = after.answer();
  if (a == nullptr || b == nullptr) {
    if (a != b || before.result.has_value() != after.result.has_value()) return true;
    return before.result && before.result->error().kind != after.result->error().kind;
  }
  return a->notification != b->notification || a->form != b->form || a->config != b->config;
}

std::string status_line(const StatusEntry& entry, const std::string& time,
                        std::size_t address_width, const Style& style) {
  std::string address = wire::to_string(entry.address);
  address.resize(std::max(address.size(), address_width), ' ');
  const std::string state = state_of(entry);
  std::string line = time + "  " + address + "  " + style.paint(colour_of(entry), state);
  line.append(state.size() < 9 ? 9 - state.size() : 0, ' ');
  const peer::VoteAnswer* const answer = entry.answer();
  if (answer == nullptr) return line + "  " + error_of(entry) + "\n";
  const wire::Notification& n = answer->notification;
  return line + "  leader " + to_string(n.leader) + "  zxid " + to_hex(n.zxid) + "  round " +
         to_hex(n.election_epoch) + "  epoch " + to_hex(n.peer_epoch) + "  config " +
         config_version_of(*answer) + "\n";
}

}  // namespace zkprobe::tool
