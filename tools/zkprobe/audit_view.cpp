#include "audit_view.hpp"

#include <algorithm>
#include <cstdio>

#include "report/format.hpp"
#include "wire/describe.hpp"

namespace zkprobe::tool {
namespace {

using audit::Finding;
using audit::Look;
using audit::Server;
using audit::Severity;
using report::wrapped;
using wire::ServerState;

// Of one finding; --json has all.
constexpr std::size_t kMaxEvidence = 8;

Table::Cell state_cell(const Look& look) {
  const peer::VoteAnswer* const answer = look.sighting->answer();
  if (answer != nullptr) {
    const ServerState state = answer->notification.state;
    return {std::string(to_string(state)),
            state == ServerState::kLooking ? Colour::kWarning : Colour::kGood};
  }
  if (!look.sighting->result) return {"not asked", Colour::kFaint};
  return {std::string(to_string(audit::silence_of(look.sighting->result->error()))), Colour::kBad};
}

// A server is asked at one of its addresses.
std::string dial_back_text(const Server& server) {
  const auto tested = std::find_if(server.looks.begin(), server.looks.end(), [](const Look& look) {
    return look.sighting->dial_back.has_value();
  });
  if (tested == server.looks.end()) return "-";
  const audit::DialBack& test = *tested->sighting->dial_back;
  if (test.outcome != audit::DialBack::Outcome::kCame) return std::string(to_string(test.outcome));
  char text[32];
  std::snprintf(text, sizeof text, "%.1f ms", static_cast<double>(test.took.count()) / 1000.0);
  return text;
}

std::string learner_text(const Look& look) {
  if (!look.sighting->learner_port) return "-";
  if (!look.sighting->learner_port->failure) return "open";
  return std::string(
      to_string(audit::silence_of_connection(*look.sighting->learner_port->failure)));
}

std::string servers_table(const audit::Roster& roster, const Style& style) {
  const bool directions = std::any_of(roster.views().begin(), roster.views().end(),
                                      [](const audit::View& view) { return view.directions; });
  Table table;
  std::vector<Table::Cell> heads;
  for (const char* head :
       {"SERVER", "ADDRESS", "STATE", "LEADER", "EPOCH", "ROUND", "CONFIG", "SPEAKS"}) {
    heads.push_back({head, Colour::kFaint});
  }
  if (directions) {
    heads.push_back({"DIALS BACK", Colour::kFaint});
    heads.push_back({"LEARNER PORT", Colour::kFaint});
  }
  table.add_row(std::move(heads));
  for (const Server& server : roster.servers()) {
    const Look& look = server.looks.front();
    std::vector<Table::Cell> row = {{server.sid ? to_string(*server.sid) : "-"},
                                    {wire::to_string(look.sighting->address)},
                                    state_cell(look)};
    if (const peer::VoteAnswer* const answer = server.answer()) {
      const wire::Notification& vote = answer->notification;
      const std::string config = answer->config ? to_hex(answer->config->version)
                                                : (answer->config_error ? "unreadable" : "-");
      for (const std::string& cell :
           {to_string(vote.leader), to_hex(vote.peer_epoch), to_hex(vote.election_epoch), config,
            std::string(audit::generation(answer->form))}) {
        row.push_back({cell});
      }
      if (directions) {
        row.push_back({dial_back_text(server)});
        row.push_back({learner_text(look)});
      }
    }
    for (Table::Cell& cell : row) cell.text = printable(cell.text);
    table.add_row(std::move(row));
  }
  return table.render(style);
}

// The member that a host is: one of its addresses is in a configuration.
std::string row_name(const audit::Roster& roster, const audit::View& view) {
  for (const Server& server : roster.servers()) {
    if (!server.sid) continue;
    for (const Look& look : server.looks) {
      const std::string host = audit::host_of(look.sighting->remote);
      const bool here = std::find(view.local.begin(), view.local.end(), host) != view.local.end();
      if ((here && !audit::is_loopback(host)) || look.sighting->address.host == view.host) {
        return view.host + " (server " + to_string(*server.sid) + ")";
      }
    }
  }
  return view.host;
}

// Rows: the hosts where it ran. Columns: the servers. "ok", and "/ back" where it dials back.
std::string matrix(const audit::Roster& roster, const Style& style) {
  Table table;
  std::vector<Table::Cell> heads = {{"FROM \\ TO", Colour::kFaint}};
  for (const Server& server : roster.servers()) {
    heads.push_back(
        {server.sid ? to_string(*server.sid) : printable(wire::to_string(server.address())),
         Colour::kFaint});
  }
  table.add_row(std::move(heads));
  for (const audit::View& view : roster.views()) {
    std::vector<Table::Cell> row = {{printable(row_name(roster, view))}};
    for (const Server& server : roster.servers()) {
      Table::Cell cell{"-", Colour::kFaint};
      for (const Look& look : server.looks) {
        if (look.view != &view || cell.text.starts_with("ok")) continue;
        if (look.sighting->answer() == nullptr) {
          cell = state_cell(look);
          continue;
        }
        cell = {"ok", Colour::kGood};
        if (!look.sighting->dial_back) continue;
        const auto outcome = look.sighting->dial_back->outcome;
        const bool came = outcome == audit::DialBack::Outcome::kCame;
        cell.text += came ? ", calls back"
                          : (outcome == audit::DialBack::Outcome::kUntestable ? "" : ", no call");
        if (!came && outcome != audit::DialBack::Outcome::kUntestable) cell.colour = Colour::kBad;
      }
      row.push_back(std::move(cell));
    }
    table.add_row(std::move(row));
  }
  return table.render(style);
}

std::string finding_text(const Finding& one, const Style& style) {
  const Colour colour = one.severity == Severity::kProblem ? Colour::kBad
                        : one.severity == Severity::kNote  ? Colour::kWarning
                                                           : Colour::kFaint;
  std::string kind(to_string(one.severity));
  kind.resize(8, ' ');
  std::string text =
      style.paint(colour, kind) + " " + printable(one.title) + "  [" + one.id + "]\n";
  if (one.severity == Severity::kNormal) return text;
  text += wrapped(printable(one.detail), "         ");
  if (!one.advice.empty()) text += wrapped("Do: " + printable(one.advice), "         ");
  std::size_t shown = 0;
  for (const std::string& proof : one.evidence) {
    if (++shown > kMaxEvidence) break;
    text += "           " + printable(proof) + "\n";
  }
  if (one.evidence.size() > kMaxEvidence) {
    text += "           and " + std::to_string(one.evidence.size() - kMaxEvidence) + " more\n";
  }
  return text;
}

}  // namespace

std::string audit_text(const audit::Roster& roster, const audit::Findings& findings,
                       const Style& style) {
  std::string text = servers_table(roster, style) + "\n";
  if (roster.views().size() > 1) text += matrix(roster, style) + "\n";
  for (const audit::Ensemble& ensemble : roster.ensembles()) {
    for (const audit::Held& held : audit::configs_of(ensemble)) {
      text += "Configuration: " + printable(wire::describe(*held.config)) + ", held by " +
              std::to_string(held.holders.size()) + "\n";
    }
  }
  if (!findings.empty()) text += "\n";
  for (const Finding& one : findings) text += finding_text(one, style);
  const bool healthy = audit::health_of(roster, findings) == audit::Health::kHealthy;
  return text + "\n" +
         style.paint(healthy ? Colour::kGood : Colour::kBad,
                     printable(audit::verdict(roster, findings))) +
         "\n";
}

}  // namespace zkprobe::tool
