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

struct Ended {
  std::int64_t learner, opened_ms, ended_ms;
  Side by;
};

// Leader 3 was followed on these connections; at 30 s servers 1 and 2 look and elect 2.
Story lost_at_30_s(const std::vector<Ended>& connections) {
  using wire::ServerState;
  MadeRecording all;
  all.vote(0, 3, 1, ServerState::kLooking, 3, 1);
  all.vote(300, 3, 1, ServerState::kLeading, 3, 1);
  all.vote(30'000, 2, 1, ServerState::kLooking, 2, 2);
  all.vote(30'001, 1, 2, ServerState::kLooking, 2, 2);
  all.vote(30'300, 2, 1, ServerState::kLeading, 2, 2);
  all.vote(30'300, 1, 2, ServerState::kFollowing, 2, 2);
  for (const Ended& one : connections) {
    StreamRecord stream;
    stream.protocol = capture::Protocol::kLearner;
    stream.info.number = all.made.streams.size();
    stream.info.from_start = stream.info.answered = true;
    stream.sids[0] = Sid(one.learner);
    stream.sids[1] = Sid(3);
    const auto place = [](std::int64_t ms) {
      return Place{static_cast<std::uint64_t>(ms), std::chrono::milliseconds(ms)};
    };
    stream.info.opened = place(one.opened_ms);
    stream.info.ended_by = one.by;
    stream.info.ended = stream.closed = place(one.ended_ms);
    stream.close = capture::CloseReason::kFin;
    all.made.streams.push_back(stream);
  }
  for (Record& record : all.made.records) {
    record.place.packet = 1 + static_cast<std::uint64_t>(record.place.time.count() / 1'000'000);
  }
  return tell(std::move(all.made));
}

TEST(FindingsOfElections, WhoEndedTheFirstConnectionSaysWhyALeaderWasLost) {
  const Story stopped =
      lost_at_30_s({{1, 10, 29'950, Side::kAcceptor}, {2, 10, 29'960, Side::kAcceptor}});
  const Finding* finding = find(stopped, "leader_lost");
  ASSERT_NE(finding, nullptr);
  EXPECT_EQ(finding->evidence.size(), 3U);
  EXPECT_NE(finding->detail.find("The leader's side ended"), std::string::npos);
  const Story slow =
      lost_at_30_s({{1, 10, 29'950, Side::kDialler}, {2, 10, 29'960, Side::kAcceptor}});
  finding = find(slow, "leader_lost");
  ASSERT_NE(finding, nullptr);
  EXPECT_NE(finding->detail.find("Followers ended"), std::string::npos);
}

TEST(FindingsOfElections, AFollowerThatWentBeforeHasNoPartInIt) {
  // 22 s before, and back since; 3 s before, for ever.
  const Story story = lost_at_30_s({{1, 10, 8'000, Side::kDialler},
                                    {1, 9'000, 29'950, Side::kAcceptor},
                                    {2, 10, 29'960, Side::kAcceptor},
                                    {4, 10, 27'000, Side::kDialler}});
  const Finding* const finding = find(story, "leader_lost");
  ASSERT_NE(finding, nullptr);
  EXPECT_NE(finding->detail.find("The leader's side ended"), std::string::npos);
  EXPECT_EQ(finding->evidence.size(), 3U);
  EXPECT_EQ(
      find(lost_at_30_s({{1, 10, 29'000, Side::kDialler}, {1, 29'500, 31'000, Side::kAcceptor}}),
           "leader_lost"),
      nullptr);
}

// A learner's connection that ends without UPTODATE in the capture.
Story without_up_to_date(std::uint32_t pings, bool gap) {
  MadeRecording all;
  all.vote(0, 1, 3, wire::ServerState::kLooking, 3, 1);
  StreamRecord& stream = all.made.streams[all.record_stream(2, 3)];
  stream.protocol = capture::Protocol::kLearner;
  stream.pings[0] = pings;
  stream.info.ended_by = Side::kDialler;
  stream.close = capture::CloseReason::kFin;
  Record info;
  info.what = What::kPacket;
  info.type = wire::PacketType::kFollowerInfo;
  info.stream = all.record_stream(2, 3);
  info.place.packet = 2;
  all.made.records.push_back(info);
  info.what = What::kGap;
  if (gap) all.made.records.push_back(info);
  return tell(std::move(all.made));
}

TEST(FindingsOfElections, AnUpToDateThatTheCaptureMissedIsNoCutOff) {
  EXPECT_NE(find(without_up_to_date(0, false), "synchronisation_cut_off"), nullptr);
  EXPECT_EQ(find(without_up_to_date(3, false), "synchronisation_cut_off"), nullptr);
  EXPECT_EQ(find(without_up_to_date(0, true), "synchronisation_cut_off"), nullptr);
}

}  // namespace
}  // namespace zkprobe::analysis
