#include "replay_view.hpp"

#include "capture/release_evidence.hpp"

namespace zkprobe::tool {

using analysis::Cause;
using analysis::ItemKind;
using analysis::ReplayDifference;
using analysis::ReplayTally;
using analysis::ServerReplay;

namespace {

constexpr ItemKind kKinds[] = {ItemKind::kProposal, ItemKind::kAnswer, ItemKind::kDecision};
constexpr const char* kPlural[] = {"proposals", "answers", "decisions"};

Table::Cell cell(const ReplayTally& tally) {
  std::string text = std::to_string(tally.agree) + " of " + std::to_string(tally.compared);
  if (tally.explained > 0) text += ", " + std::to_string(tally.explained) + " explained";
  if (tally.differ > 0) text += ", " + std::to_string(tally.differ) + " differ";
  return {text, tally.differ > 0 ? Colour::kBad : Colour::kPlain};
}

std::string played(const ServerReplay& server) {
  return to_string(server.played) + " (its bytes: " + capture::to_string(server.release) + ")";
}

ReplayTally total(const std::vector<ServerReplay>& servers) {
  ReplayTally sum;
  for (const ServerReplay& server : servers) {
    for (const ReplayTally& tally : server.tally) {
      sum.compared += tally.compared;
      sum.agree += tally.agree;
      sum.explained += tally.explained;
      sum.differ += tally.differ;
    }
  }
  return sum;
}

std::string leader_text(const analysis::ReplayOutcome& outcome) {
  std::string text(wire::to_string(outcome.state));
  if (outcome.leader) text += ", leader " + to_string(*outcome.leader);
  if (outcome.round) text += ", round " + to_hex(*outcome.round);
  if (outcome.epoch) text += ", epoch " + to_hex(*outcome.epoch);
  return text;
}

Json tally_record(const ReplayTally& tally) {
  return {{"compared", tally.compared},
          {"agree", tally.agree},
          {"explained", tally.explained},
          {"differ", tally.differ}};
}

}  // namespace

std::string ReplayView::time(Duration at) const {
  const auto since = std::chrono::duration_cast<std::chrono::system_clock::duration>(
      start_ + std::chrono::duration_cast<capture::CaptureTime>(at));
  return rfc3339(std::chrono::system_clock::time_point(since));
}

std::string ReplayView::trace_line(Sid self, Duration at, const std::string& line) const {
  return time(at).substr(11, 15) + "  " + to_string(self) + "  " + printable(line) + "\n";
}

std::string ReplayView::text(const std::vector<ServerReplay>& servers) const {
  Table table;
  table.add_row({{"server"}, {"played as"}, {"proposals"}, {"answers"}, {"decisions"}});
  for (const ServerReplay& server : servers) {
    if (server.asker) continue;
    std::vector<Table::Cell> row = {{to_string(server.self)}, {played(server)}};
    for (const ReplayTally& tally : server.tally) row.push_back(cell(tally));
    table.add_row(std::move(row));
  }
  std::string out = table.render(style_);
  for (const ServerReplay& server : servers) {
    for (const analysis::ReplayOutcome& outcome : server.outcomes) {
      out += time(outcome.at).substr(11, 15) + "  server " + to_string(server.self) + " is " +
             leader_text(outcome) + "\n";
    }
  }
  for (const ServerReplay& server : servers) {
    if (server.asker) {
      out += "id " + to_string(server.self) + " only asks for votes, " +
             std::to_string(server.questions) + (server.questions == 1 ? " time" : " times") +
             ": no server, not replayed\n";
      continue;
    }
    if (!server.config_on_wire) {
      out += style_.paint(Colour::kFaint, "server " + to_string(server.self) +
                                              " sends no configuration: taken for " +
                                              server.config + "; --config FILE names another") +
             "\n";
    }
    if (server.unknown_sender > 0) {
      out += "server " + to_string(server.self) + ": " + std::to_string(server.unknown_sender) +
             " votes came from servers that the capture does not name\n";
    }
    for (const ReplayDifference& difference : server.differences) {
      const bool real = difference.cause == Cause::kReal;
      out += time(difference.at).substr(11, 15) + "  #" + std::to_string(difference.packet) +
             "  server " + to_string(server.self) + "  " +
             style_.paint(real ? Colour::kBad : Colour::kFaint,
                          std::string(to_string(difference.cause))) +
             "  " + std::string(to_string(difference.kind)) + ": the server " +
             printable(difference.server) + "; our election " + printable(difference.ours) + ". " +
             difference.explanation + "\n";
    }
  }
  const ReplayTally sum = total(servers);
  std::size_t untried = 0;
  for (const ServerReplay& server : servers) untried += server.untried;
  if (untried > 0) {
    out += "for " + std::to_string(untried) +
           " of the differences not every order of the events was tried: there are too many\n";
  }
  out += std::to_string(sum.agree) + " of " + std::to_string(sum.compared) + " agree, " +
         std::to_string(sum.explained) + " are explained, " + std::to_string(sum.differ) +
         (sum.differ == 1 ? " differs\n" : " differ\n");
  return out;
}

std::string ReplayView::json(const std::vector<ServerReplay>& servers) const {
  std::string out;
  for (const ServerReplay& server : servers) {
    if (server.asker) {
      out += to_line(
          {{"server", server.self.value}, {"asker", true}, {"questions", server.questions}});
      continue;
    }
    Json record = {{"server", server.self.value},
                   {"release", capture::to_string(server.release)},
                   {"played", to_string(server.played)},
                   {"observer", server.observer},
                   {"lives", server.lives},
                   {"config", server.config},
                   {"config_on_wire", server.config_on_wire},
                   {"unknown_senders", server.unknown_sender},
                   {"untried", server.untried}};
    for (std::size_t i = 0; i < 3; ++i) record[kPlural[i]] = tally_record(server.tally[i]);
    record["elections"] = Json::array();
    for (const analysis::ReplayOutcome& outcome : server.outcomes) {
      Json ended = {{"t", time(outcome.at)}, {"state", wire::to_string(outcome.state)}};
      if (outcome.leader) ended["leader"] = outcome.leader->value;
      if (outcome.round) ended["election_epoch"] = to_hex(*outcome.round);
      if (outcome.epoch) ended["peer_epoch"] = to_hex(*outcome.epoch);
      record["elections"].push_back(std::move(ended));
    }
    record["differences"] = Json::array();
    for (const ReplayDifference& difference : server.differences) {
      record["differences"].push_back({{"t", time(difference.at)},
                                       {"packet", difference.packet},
                                       {"kind", to_string(difference.kind)},
                                       {"cause", to_string(difference.cause)},
                                       {"to", difference.to.value},
                                       {"server", difference.server},
                                       {"ours", difference.ours},
                                       {"explanation", difference.explanation}});
    }
    out += to_line(record);
  }
  Json sum = tally_record(total(servers));
  out += to_line(sum);
  return out;
}

}  // namespace zkprobe::tool
