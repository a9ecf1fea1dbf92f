#include "made_recording.hpp"
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

TEST(FindingsOfElections, TwoLeadersAreProvenByThreeMessages) {
  const Story story = story_of("outages/two-leaders.pcap");
  const Finding* const finding = find(story, "two_leaders");
  ASSERT_NE(finding, nullptr);
  EXPECT_EQ(finding->severity, Severity::kProblem);
  EXPECT_EQ(finding->servers, (std::vector<Sid>{Sid(2), Sid(3)}));
  ASSERT_EQ(finding->evidence.size(), 3U);
  EXPECT_NE(finding->evidence[1].what.find("server 3"), std::string::npos);
  EXPECT_NE(finding->evidence[2].what.find("server 2 tells server 3 that it is LEADING"),
            std::string::npos);
  EXPECT_EQ(story.elections.size(), 4U);
}

TEST(FindingsOfElections, ElectionsOfALeaderThatNobodySupportsAreCounted) {
  const Story story = story_of("outages/unsupported-leader.pcap");
  const Finding* const finding = find(story, "unsupported_leader");
  ASSERT_NE(finding, nullptr);
  EXPECT_EQ(finding->severity, Severity::kProblem);
  EXPECT_EQ(finding->count, 2U);
  const Finding* const cut = find(story, "synchronisation_cut_off");
  ASSERT_NE(cut, nullptr);
  EXPECT_EQ(cut->servers, (std::vector<Sid>{Sid(1), Sid(3)}));
  EXPECT_GT(cut->count, 3U);
}

TEST(FindingsOfElections, AReconfigHandsTheLeadOver) {
  const Story story = story_of("3.9.3-f-reconfig.pcap");
  const Finding* const finding = find(story, "leader_handed_over");
  ASSERT_NE(finding, nullptr);
  EXPECT_EQ(finding->severity, Severity::kNormal);
  EXPECT_EQ(finding->servers, std::vector<Sid>{Sid(2)});
  EXPECT_EQ(finding->count, 3U);
}

// Servers 1 and 2 look and elect 2, so many times, each taking so long.
Story elections(std::int64_t count, std::int64_t took_ms) {
  using wire::ServerState;
  MadeRecording all;
  for (std::int64_t round = 1; round <= count; ++round) {
    const std::int64_t at = round * (took_ms + 10);
    all.vote(at, 1, 2, ServerState::kLooking, 1, round);
    all.vote(at, 2, 1, ServerState::kLooking, 2, round);
    all.vote(at + 1, 1, 2, ServerState::kLooking, 2, round);
    all.vote(at + took_ms, 2, 1, ServerState::kLeading, 2, round);
    all.vote(at + took_ms, 1, 2, ServerState::kFollowing, 2, round);
  }
  return tell(std::move(all.made));
}

TEST(FindingsOfElections, AnElectionOfFiveSecondsIsSlow) {
  const Story slow = elections(1, 5'100);
  const Finding* const finding = find(slow, "slow_election");
  ASSERT_NE(finding, nullptr);
  EXPECT_EQ(finding->severity, Severity::kNote);
  EXPECT_NE(finding->detail.find("was the last to decide"), std::string::npos);
  EXPECT_EQ(finding->evidence.size(), 2U);
  EXPECT_EQ(find(elections(1, 4'900), "slow_election"), nullptr);
}

TEST(FindingsOfElections, ElectionsBeyondTheBoundAreCountedAndAProblem) {
  const Story many = elections(kMaxElections + 1, 300);
  EXPECT_EQ(many.elections.size(), kMaxElections);
  const Finding* const finding = find(many, "too_many_elections");
  ASSERT_NE(finding, nullptr);
  EXPECT_EQ(finding->severity, Severity::kProblem);
  EXPECT_EQ(finding->title, "More than 500 elections");
  EXPECT_EQ(find(elections(kMaxElections, 300), "too_many_elections"), nullptr);
}

}  // namespace
}  // namespace zkprobe::analysis
