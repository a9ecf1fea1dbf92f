#include "analysis/finding.hpp"

#include <gtest/gtest.h>

namespace zkprobe::analysis {
namespace {

Finding finding(const char* id, Severity severity, std::uint64_t packet) {
  Finding made;
  made.id = id;
  made.severity = severity;
  made.prove({packet, capture::CaptureTime(0), std::nullopt, "a message"});
  return made;
}

TEST(Finding, TheWorstComesFirstThenTheEarliest) {
  std::vector<Finding> findings = {
      finding("normal", Severity::kNormal, 1), finding("late", Severity::kProblem, 9),
      finding("note", Severity::kNote, 2), finding("early", Severity::kProblem, 3)};
  sort_findings(findings);
  std::string order;
  for (const Finding& one : findings) order += one.id + " ";
  EXPECT_EQ(order, "early late note normal ");
}

TEST(Finding, KeepsTheFirstEvidenceAlone) {
  Finding one;
  for (std::uint64_t packet = 1; packet <= 20; ++packet) one.prove({packet, {}, 0, "again"});
  ASSERT_EQ(one.evidence.size(), Finding::kMaxEvidence);
  EXPECT_EQ(one.evidence.back().packet, Finding::kMaxEvidence);
}

TEST(Finding, NamesItsSeverity) {
  EXPECT_EQ(to_string(Severity::kProblem), "problem");
  EXPECT_EQ(to_string(Severity::kNote), "note");
  EXPECT_EQ(to_string(Severity::kNormal), "normal");
}

}  // namespace
}  // namespace zkprobe::analysis
