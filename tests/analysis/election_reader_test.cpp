#include "analysis/election_reader.hpp"

#include "made_recording.hpp"
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

// Followers 1 and 2 of leader 3 are started anew, one after the other.
TEST(ElectionReader, ARollingRestartIsOneElectionAndTwoWhoJoin) {
  const Story story = story_of("../report/rolling-restart.pcap");
  ASSERT_EQ(story.elections.size(), 3U);
  EXPECT_EQ(story.elections[0].tales.size(), 3U);
  for (const std::size_t at : {1U, 2U}) {
    const Election& election = story.elections[at];
    EXPECT_TRUE(election.join) << at;
    EXPECT_EQ(election.leader, Sid(3)) << at;
    ASSERT_EQ(election.tales.size(), 1U) << at;
    EXPECT_EQ(election.tales[0].sid, Sid(static_cast<std::int64_t>(at)));
    EXPECT_TRUE(election.tales[0].positions[0].restarted) << at;
  }
  EXPECT_EQ(alarms(story), "");
}

// What is told of it from the middle on: the first restart has not begun yet.
TEST(ElectionReader, AnUnknownServerThatRepeatsItsLastVoteDoesNotLook) {
  const Recording whole = recording_of("../report/rolling-restart.pcap");
  RecorderBounds later;
  later.from = whole.first + std::chrono::seconds(8);
  const Story story = tell(recording_of("../report/rolling-restart.pcap", later));
  ASSERT_EQ(story.elections.size(), 2U);
  for (const std::size_t at : {0U, 1U}) {
    EXPECT_TRUE(story.elections[at].join) << at;
    ASSERT_EQ(story.elections[at].tales.size(), 1U) << at;
    EXPECT_EQ(story.elections[at].tales[0].sid, Sid(static_cast<std::int64_t>(at) + 1));
  }
  EXPECT_EQ(alarms(story), "");
}

// A vote of server 3 on a new link, and so much later that it leads.
std::size_t proposals_before_it_leads(std::int64_t ms) {
  using wire::ServerState;
  MadeRecording all;
  all.vote(0, 1, 2, ServerState::kLooking, 1, 1);
  all.vote(1, 3, 1, ServerState::kLooking, 3, 1);
  all.vote(1 + ms, 3, 1, ServerState::kLeading, 3, 1);
  const Story story = tell(std::move(all.made));
  const Tale* const tale = story.elections.front().find(Sid(3));
  return tale == nullptr ? 0 : tale->positions.size();
}

TEST(ElectionReader, WhoLeadsMomentsAfterItsFirstVoteDidNotLook) {
  EXPECT_EQ(proposals_before_it_leads(20), 0U);
  EXPECT_EQ(proposals_before_it_leads(250), 1U);  // time enough to decide
}

}  // namespace
}  // namespace zkprobe::analysis
