#include "audit/finding.hpp"

#include <algorithm>

namespace zkprobe::audit {
namespace {

std::size_t count_of(const Findings& findings, Severity severity) {
  return static_cast<std::size_t>(
      std::count_if(findings.begin(), findings.end(),
                    [severity](const Finding& one) { return one.severity == severity; }));
}

std::string counted(std::size_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

}  // namespace

void Finding::concern(const Server& server) {
  if (server.sid && std::find(servers.begin(), servers.end(), *server.sid) == servers.end()) {
    servers.push_back(*server.sid);
  }
}

void Finding::prove(std::string what) {
  if (evidence.size() < kMaxEvidence) evidence.push_back(std::move(what));
}

Findings judge(const Roster& roster) {
  Findings findings;
  judge_leaders(roster, findings);
  judge_reach(roster, findings);
  judge_members(roster, findings);
  judge_releases(roster, findings);
  judge_directions(roster, findings);
  judge_hosts(roster, findings);
  std::stable_sort(findings.begin(), findings.end(),
                   [](const Finding& a, const Finding& b) { return a.severity > b.severity; });
  return findings;
}

Health health_of(const Roster& roster, const Findings& findings) {
  if (roster.answered() == 0) return Health::kNobody;
  const bool clean = std::all_of(findings.begin(), findings.end(), [](const Finding& one) {
    return one.severity == Severity::kNormal;
  });
  return clean ? Health::kHealthy : Health::kFindings;
}

std::string verdict(const Roster& roster, const Findings& findings) {
  const std::size_t met = roster.servers().size();
  if (roster.answered() == 0) return "No server answered.";
  std::string text =
      std::to_string(roster.answered()) + " of " + counted(met, "server") + " answered; ";
  if (health_of(roster, findings) == Health::kHealthy) return text + "the ensemble is healthy.";
  const std::size_t problems = count_of(findings, Severity::kProblem);
  const std::size_t notes = count_of(findings, Severity::kNote);
  if (problems > 0) text += counted(problems, "problem");
  if (notes > 0) text += (problems > 0 ? ", " : "") + counted(notes, "note");
  return text + ".";
}

}  // namespace zkprobe::audit
