#include "story_of.hpp"

namespace zkprobe::analysis {
namespace {

TEST(FindingsOfMembers, ServersThatNameThemselvesByAWildcardDoNotDiffer) {
  EXPECT_EQ(find(story_of("3.5.10-j-wildcard.pcap"), "configurations_differ"), nullptr);
}

TEST(FindingsOfMembers, AConfigurationOnItsWayIsNotLeftBehind) {
  EXPECT_EQ(find(story_of("3.9.3-f-reconfig.pcap"), "configuration_left_behind"), nullptr);
}

TEST(FindingsOfMembers, MixedReleasesAreSaidAndAreNormal) {
  const Story story = story_of("3.4.13+3.8.0+3.9.6-g-mixed.pcap");
  const Finding* const finding = find(story, "mixed_releases");
  ASSERT_NE(finding, nullptr);
  EXPECT_EQ(finding->severity, Severity::kNormal);
  EXPECT_NE(finding->detail.find("server 1: 3.4.6 to 3.4.14"), std::string::npos);
}

}  // namespace
}  // namespace zkprobe::analysis
