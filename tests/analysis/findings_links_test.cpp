#include "story_of.hpp"

namespace zkprobe::analysis {
namespace {

TEST(FindingsOfLinks, ALostChallengeIsNormal) {
  const Story story = story_of("3.9.3-f-reconfig.pcap");
  const Finding* const finding = find(story, "lost_challenge");
  ASSERT_NE(finding, nullptr);
  EXPECT_EQ(finding->severity, Severity::kNormal);
  EXPECT_TRUE(finding->advice.empty());
}

TEST(FindingsOfLinks, AWildcardThatIsAnnouncedIsNoted) {
  const Story story = story_of("3.5.10-j-wildcard.pcap");
  const Finding* const finding = find(story, "wildcard_address");
  ASSERT_NE(finding, nullptr);
  EXPECT_EQ(finding->severity, Severity::kNote);
  EXPECT_NE(finding->evidence.front().what.find("0.0.0.0"), std::string::npos);
}

}  // namespace
}  // namespace zkprobe::analysis
