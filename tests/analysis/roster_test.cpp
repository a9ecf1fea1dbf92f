#include "analysis/roster.hpp"

#include "story_of.hpp"

namespace zkprobe::analysis {
namespace {

TEST(Roster, TakesTheVotersFromTheConfiguration) {
  const Story story = story_of("3.8.0-e-hier.pcap");
  EXPECT_FALSE(story.roster.assumed());
  const auto& voters = story.roster.voters_at(0);
  EXPECT_EQ(voters.voters().size(), 5U);
  // Two groups of three decide, not any three of five.
  EXPECT_TRUE(voters.config().hierarchical());
}

TEST(Roster, CountsTheVotersWhereNoConfigurationIsThere) {
  const Story story = story_of("3.4.5-c-observer.pcap");
  EXPECT_TRUE(story.roster.assumed());
  EXPECT_EQ(story.roster.voters_at(0).voters(), (quorum::SidSet{Sid(1), Sid(2), Sid(3)}));
  ASSERT_NE(story.roster.find(Sid(4)), nullptr);
  EXPECT_TRUE(story.roster.find(Sid(4))->observer);
  EXPECT_EQ(story.roster.find(Sid(5)), nullptr);
}

TEST(Roster, KnowsTheReleaseOfEachServer) {
  const Story story = story_of("3.4.13+3.8.0+3.9.6-g-mixed.pcap");
  EXPECT_TRUE(story.roster.find(Sid(1))->release.contains(Release{3, 4, 13}));
  EXPECT_FALSE(story.roster.find(Sid(1))->release.contains(Release{3, 5, 0}));
  EXPECT_TRUE(story.roster.find(Sid(2))->release.contains(Release{3, 8, 0}));
  EXPECT_FALSE(story.roster.find(Sid(2))->release.contains(Release{3, 4, 14}));
}

}  // namespace
}  // namespace zkprobe::analysis
