#include "analysis/election_reader.hpp"

#include "story_of.hpp"

namespace zkprobe::analysis {
namespace {

TEST(ElectionReader, FindsOneElectionInAColdStartOfEveryRelease) {
  for (const char* release : {"3.3.6", "3.4.5", "3.4.13", "3.5.10", "3.6.0", "3.8.0", "3.9.3"}) {
    const Story story = story_of(std::string(release) + "-a-cold.pcap");
    ASSERT_EQ(story.elections.size(), 1U) << release;
    const Election& election = story.elections.front();
    EXPECT_EQ(election.leader, Sid(3)) << release;
    EXPECT_FALSE(election.join) << release;
    ASSERT_EQ(election.tales.size(), 3U) << release;
    for (const Tale& tale : election.tales) {
      EXPECT_TRUE(tale.decision) << release << " server " << tale.sid.value;
      EXPECT_TRUE(tale.quorum) << release << " server " << tale.sid.value;
    }
  }
}

TEST(ElectionReader, TellsAReelectionAndAComebackApart) {
  const Story story = story_of("3.4.13+3.8.0+3.9.6-g-mixed.pcap");
  ASSERT_EQ(story.elections.size(), 3U);
  EXPECT_EQ(story.elections[0].leader, Sid(2));
  EXPECT_EQ(story.elections[1].leader, Sid(3));
  EXPECT_FALSE(story.elections[1].join);
  EXPECT_EQ(story.elections[1].find(Sid(2)), nullptr);  // it was killed
  EXPECT_TRUE(story.elections[2].join);
  EXPECT_EQ(story.elections[2].tales.size(), 1U);
  EXPECT_TRUE(story.elections[2].tales[0].positions[0].restarted);
}

TEST(ElectionReader, NamesTheMessageThatChangedAMind) {
  const Story story = story_of("3.4.13-a-cold.pcap");
  const Tale* const tale = story.elections.front().find(Sid(1));
  ASSERT_NE(tale, nullptr);
  ASSERT_EQ(tale->positions.size(), 3U);  // itself, then 2, then 3
  EXPECT_FALSE(tale->positions[0].because);
  for (const std::size_t change : {1U, 2U}) {
    const Position& position = tale->positions[change];
    ASSERT_TRUE(position.because);
    const Record& cause = story.recording.records[*position.because];
    EXPECT_EQ(cause.vote, position.vote);
    EXPECT_EQ(story.recording.to(cause), Sid(1));
    EXPECT_LT(*position.because, position.record);
  }
}

}  // namespace
}  // namespace zkprobe::analysis
