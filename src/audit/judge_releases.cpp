// Which generations speak, and which of them do not work together.
#include <map>

#include "audit/finding.hpp"

namespace zkprobe::audit {

using wire::NotificationForm;

std::string_view generation(NotificationForm form) {
  switch (form) {
    case NotificationForm::kBytes28:
      return "3.3";
    case NotificationForm::kBytes36:
      return "3.4.0 to 3.4.5";
    case NotificationForm::kBytes40:
      return "3.4.6 to 3.4.14";
    case NotificationForm::kConfig:
      break;
  }
  return "3.5 or later";
}

namespace {

void mixed(const Ensemble& ensemble, Findings& findings) {
  std::map<NotificationForm, std::vector<const Server*>> forms;
  for (const Server* const server : ensemble) {
    if (server->answer() != nullptr) forms[server->answer()->form].push_back(server);
  }
  if (forms.size() < 2) return;
  const bool oldest = forms.contains(NotificationForm::kBytes28);
  const bool old = forms.contains(NotificationForm::kBytes36);
  const bool newest = forms.contains(NotificationForm::kConfig);
  Finding finding;
  if (oldest || (old && newest)) {
    finding.id = "releases_incompatible";
    finding.severity = Severity::kProblem;
    finding.title = "Releases that do not work together are in one ensemble";
    finding.detail =
        oldest ? "A follower of 3.3 cannot synchronise with a leader of 3.4 or later, and waits "
                 "for ever."
               : "3.4.0 to 3.4.5 close the greeting of 3.5 ('Invalid server id: -65536', "
                 "ZOOKEEPER-1633), and their votes are skipped there; in 3.5.0 to 3.5.7 and 3.6.0 "
                 "they end the thread that reads votes (ZOOKEEPER-3769).";
    finding.advice = "Bring all servers to 3.4.14 first, then to the release that you want.";
  } else {
    finding.id = "mixed_releases";
    finding.title = "Different releases are in one ensemble";
    finding.detail = "They work together: this is how a rolling upgrade looks half-way.";
    finding.advice = "Finish the upgrade.";
  }
  for (const auto& [form, servers] : forms) {
    for (const Server* const server : servers) {
      finding.concern(*server);
      finding.prove(server->name() + " speaks " + std::string(generation(form)));
    }
  }
  findings.push_back(std::move(finding));
}

}  // namespace

void judge_releases(const Roster& roster, Findings& findings) {
  for (const Ensemble& ensemble : roster.ensembles()) mixed(ensemble, findings);
  if (roster.answered() == 0) return;
  Finding finding;
  finding.id = "open_to_strangers";
  finding.severity = Severity::kNormal;
  finding.title = "The election ports answer strangers";
  finding.detail =
      "So they do by default in every release: whoever reaches a port learns the members, and "
      "whoever "
      "reaches the learner port can read the data.";
  finding.advice = "Let a firewall keep these ports for the members, or set quorum SASL or TLS.";
  for (const Server& server : roster.servers()) {
    if (server.answer() == nullptr) continue;
    finding.concern(server);
    finding.prove(server.name());
  }
  findings.push_back(std::move(finding));
}

}  // namespace zkprobe::audit
