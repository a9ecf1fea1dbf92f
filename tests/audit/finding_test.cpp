// The judgement as a whole: health, order, the sentence at the end.
#include "audit/finding.hpp"

#include <gtest/gtest.h>

#include "survey_of.hpp"

namespace zkprobe::audit {
namespace {

TEST(Audit, AHealthyEnsembleHasNoFindingButWhatIsNormal) {
  const Judged judged({follows(101, 3), follows(102, 3), leads(103)});
  EXPECT_EQ(judged.ids(), Ids{});
  EXPECT_EQ(judged.get("open_to_strangers").severity, Severity::kNormal);
  EXPECT_EQ(judged.health(), Health::kHealthy);
  EXPECT_EQ(verdict(judged.roster, judged.findings),
            "3 of 3 servers answered; the ensemble is healthy.");
}

TEST(Audit, TheWorstComesFirst) {
  const Judged judged({follows(101, 3), lost(102), leads(103)});
  EXPECT_EQ(judged.ids(), (Ids{"server_down", "no_reserve"}));
  EXPECT_EQ(judged.health(), Health::kFindings);
  EXPECT_EQ(verdict(judged.roster, judged.findings), "2 of 3 servers answered; 1 problem, 1 note.");
}

TEST(Audit, WithoutAnAnswerNobodyIsJudgedHealthy) {
  const Judged judged({lost(101)});
  EXPECT_EQ(judged.health(), Health::kNobody);
  EXPECT_EQ(verdict(judged.roster, judged.findings), "No server answered.");
  const Judged nothing(std::vector<Sighting>{Sighting{}});
  EXPECT_EQ(nothing.health(), Health::kNobody) << "interrupted";
}

TEST(Audit, EvidenceIsBounded) {
  Finding finding;
  for (int i = 0; i < 100; ++i) finding.prove("x");
  EXPECT_EQ(finding.evidence.size(), Finding::kMaxEvidence);
}

}  // namespace
}  // namespace zkprobe::audit
