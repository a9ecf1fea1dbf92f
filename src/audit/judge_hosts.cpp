// What several hosts see apart: a server that answers one of them and not another.
#include <map>

#include "audit/finding.hpp"

namespace zkprobe::audit {
namespace {

std::string list_of(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

}  // namespace

void judge_hosts(const Roster& roster, Findings& findings) {
  if (roster.views().size() < 2) return;
  for (const Server& server : roster.servers()) {
    std::map<const View*, bool> seen;
    std::map<const View*, std::string> why;
    for (const Look& look : server.looks) {
      if (!look.sighting->result) continue;
      const bool answered = look.sighting->answer() != nullptr;
      seen[look.view] = seen[look.view] || answered;
      if (!answered) why[look.view] = look.sighting->result->error().text;
    }
    std::vector<std::string> reached, cut_off;
    Finding finding;
    for (const View& view : roster.views()) {
      const auto found = seen.find(&view);
      if (found == seen.end()) continue;
      (found->second ? reached : cut_off).push_back(view.host);
      if (!found->second) finding.prove(view.host + ", " + view.time + ": " + why[&view]);
    }
    if (reached.empty() || cut_off.empty()) continue;
    finding.id = "partial_partition";
    finding.severity = Severity::kProblem;
    finding.title = server.name() + " answers " + list_of(reached) + " and not " + list_of(cut_off);
    finding.detail = "Members that do not reach each other do not count each other's votes.";
    finding.advice =
        "Look at the way from " + list_of(cut_off) + " to it, and at the time of each run.";
    finding.concern(server);
    findings.push_back(std::move(finding));
  }
}

}  // namespace zkprobe::audit
