#include "story_of.hpp"

namespace zkprobe::analysis {
namespace {

TEST(FindingsOfMembers, ServersThatNameThemselvesByAWildcardDoNotDiffer) {
  EXPECT_EQ(find(story_of("3.5.10-j-wildcard.pcap"), "configurations_differ"), nullptr);
}

TEST(FindingsOfMembers, AConfigurationOnItsWayIsNotLeftBehind) {
  EXPECT_EQ(find(story_of("3.9.3-f-reconfig.pcap"), "configuration_left_behind"), nullptr);
}

TEST(FindingsOfMembers, AServerLineThatOthersDoNotHaveIsAProblem) {
  const Story story = story_of("outages/configurations-differ.pcap");
  const Finding* const finding = find(story, "configurations_differ");
  ASSERT_NE(finding, nullptr);
  EXPECT_EQ(finding->severity, Severity::kProblem);
  EXPECT_NE(finding->detail.find("names 3 servers in one and 4 in the other"), std::string::npos);
  // Three of four it would need, and it knows two.
  ASSERT_NE(find(story, "no_leader"), nullptr);
  EXPECT_EQ(find(story, "no_leader")->servers, std::vector<Sid>{Sid(3)});
}

TEST(FindingsOfMembers, StrangersAndOtherProtocolsAreNoted) {
  const Story story = story_of("outages/strangers.pcap");
  const Finding* const stranger = find(story, "stranger");
  ASSERT_NE(stranger, nullptr);
  EXPECT_EQ(stranger->severity, Severity::kNote);
  const Finding* const http = find(story, "foreign_bytes");
  ASSERT_NE(http, nullptr);
  EXPECT_NE(http->title.find("GET / HT"), std::string::npos);
  EXPECT_EQ(story.elections.size(), 1U);  // they take no part
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
