#include "story_of.hpp"

namespace zkprobe::analysis {
namespace {

TEST(FindingsOfElections, ALeaderThatWasKilledIsNamed) {
  const Story story = story_of("3.4.13+3.8.0+3.9.6-g-mixed.pcap");
  const Finding* const finding = find(story, "leader_lost");
  ASSERT_NE(finding, nullptr);
  EXPECT_EQ(finding->servers, std::vector<Sid>{Sid(2)});
  EXPECT_NE(finding->detail.find("The leader's side ended"), std::string::npos);
}

TEST(FindingsOfElections, OneLeaderAtATimeIsNoAlarm) {
  for (const char* name : {"3.8.0-e-hier.pcap", "3.5.10-j-wildcard.pcap"}) {
    EXPECT_EQ(find(story_of(name), "two_leaders"), nullptr) << name;
    EXPECT_EQ(find(story_of(name), "unsupported_leader"), nullptr) << name;
    EXPECT_EQ(find(story_of(name), "no_leader"), nullptr) << name;
  }
}

}  // namespace
}  // namespace zkprobe::analysis
