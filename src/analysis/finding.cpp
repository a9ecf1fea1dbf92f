#include "analysis/finding.hpp"

#include <algorithm>
#include <utility>

namespace zkprobe::analysis {

std::string_view to_string(Severity severity) {
  switch (severity) {
    case Severity::kNormal:
      return "normal";
    case Severity::kNote:
      return "note";
    case Severity::kProblem:
      return "problem";
  }
  return "note";
}

void Finding::prove(Evidence item) {
  if (evidence.size() < kMaxEvidence) evidence.push_back(std::move(item));
}

void sort_findings(std::vector<Finding>& findings) {
  const auto first_packet = [](const Finding& finding) {
    return finding.evidence.empty() ? 0 : finding.evidence.front().packet;
  };
  std::stable_sort(findings.begin(), findings.end(), [&](const Finding& a, const Finding& b) {
    if (a.severity != b.severity) return a.severity > b.severity;
    return first_packet(a) < first_packet(b);
  });
}

}  // namespace zkprobe::analysis
