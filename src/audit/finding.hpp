// What an operator should know of an ensemble, what proves it, and what to do about it. Every id
// stands in src/audit/README.md.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "analysis/finding.hpp"
#include "audit/roster.hpp"

namespace zkprobe::audit {

using analysis::Severity;

struct Finding {
  static constexpr std::size_t kMaxEvidence = 16;

  std::string id;  // "two_leaders": stable, for tools
  Severity severity = Severity::kNote;
  std::string title;  // one line
  std::string detail;
  std::string advice;                 // empty where nothing is to be done
  std::vector<Sid> servers;           // whom it concerns, where ids are known
  std::vector<std::string> evidence;  // "zk1:3888 says LEADING, epoch 0x2"; the first kMaxEvidence

  void concern(const Server& server);
  void prove(std::string what);

  bool operator==(const Finding&) const = default;
};
using Findings = std::vector<Finding>;

// Each adds its findings. A judge sees the whole roster and decides one question.
void judge_reach(const Roster& roster, Findings& findings);       // who answers, and how
void judge_leaders(const Roster& roster, Findings& findings);     // one leader, or two, or none
void judge_members(const Roster& roster, Findings& findings);     // configurations and addresses
void judge_releases(const Roster& roster, Findings& findings);    // which generations speak
void judge_directions(const Roster& roster, Findings& findings);  // dial-backs, learner ports
void judge_hosts(const Roster& roster, Findings& findings);       // what several hosts see apart

// What the form of an answer tells: "3.4.6 to 3.4.14".
std::string_view generation(wire::NotificationForm form);

// All of them, the worst first; those beyond kMaxFindings are left out, which is a finding.
inline constexpr std::size_t kMaxFindings = 256;
Findings judge(const Roster& roster);

// What a program that watches needs: 0 healthy, 1 a problem or a note, 3 nobody answered.
enum class Health { kHealthy, kFindings, kNobody };
Health health_of(const Roster& roster, const Findings& findings);
// One sentence.
std::string verdict(const Roster& roster, const Findings& findings);

}  // namespace zkprobe::audit
