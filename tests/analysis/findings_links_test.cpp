#include "made_recording.hpp"
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

// ZOOKEEPER-3720: 3.5 closes what begins with -65535.
TEST(FindingsOfLinks, AGreetingThatARelease35RefusesIsAProblem) {
  const Story story = story_of("outages/refused-greeting.pcap");
  const Finding* const finding = find(story, "refused_greeting");
  ASSERT_NE(finding, nullptr);
  EXPECT_EQ(finding->severity, Severity::kProblem);
  EXPECT_NE(finding->title.find("-65535"), std::string::npos);
  EXPECT_NE(finding->detail.find("3.5.1 to 3.5.10"), std::string::npos);
  EXPECT_NE(finding->evidence[0].what.find("server 3 greets server"), std::string::npos);
  EXPECT_NE(finding->evidence[1].what.find("closes the connection"), std::string::npos);
  const Finding* const lonely = find(story, "no_leader");
  ASSERT_NE(lonely, nullptr);
  EXPECT_EQ(lonely->servers, std::vector<Sid>{Sid(3)});
}

TEST(FindingsOfLinks, AHigherIdThatDoesNotDialBackIsAProblem) {
  const Story story = story_of("outages/missing-dial-back.pcap");
  const Finding* const finding = find(story, "missing_dial_back");
  ASSERT_NE(finding, nullptr);
  EXPECT_EQ(finding->severity, Severity::kProblem);
  EXPECT_EQ(finding->servers, (std::vector<Sid>{Sid(1), Sid(3)}));
  ASSERT_NE(find(story, "no_leader"), nullptr);
  EXPECT_EQ(find(story, "no_leader")->servers, std::vector<Sid>{Sid(1)});
}

TEST(FindingsOfLinks, ASilentPeerAndHitAndRunAreToldApart) {
  const Story story = story_of("../report/strangers.pcap");
  const Finding* const silent = find(story, "silent_peer");
  ASSERT_NE(silent, nullptr);
  EXPECT_EQ(silent->severity, Severity::kProblem);
  EXPECT_EQ(silent->servers, std::vector<Sid>{Sid(2)});
  EXPECT_EQ(silent->count, 1U);
  const Finding* const hit = find(story, "hit_and_run");
  ASSERT_NE(hit, nullptr);
  EXPECT_EQ(hit->severity, Severity::kNote);
  EXPECT_EQ(hit->count, 4U);
}

TEST(FindingsOfLinks, AServerThatIsGreetedWithItsOwnIdDialsItself) {
  MadeRecording all;
  all.greeting(0, 2, 2);
  all.greeting(1, 2, 3);
  const Story story = tell(std::move(all.made));
  const Finding* const finding = find(story, "dials_itself");
  ASSERT_NE(finding, nullptr);
  EXPECT_EQ(finding->severity, Severity::kProblem);
  EXPECT_EQ(finding->servers, std::vector<Sid>{Sid(2)});
  EXPECT_EQ(finding->count, 1U);
  EXPECT_NE(finding->evidence.front().what.find("server 2 greets server 2"), std::string::npos);
}

void close(StreamRecord& stream, std::int64_t opened_ms, std::int64_t closed_ms) {
  stream.info.opened.time = std::chrono::milliseconds(opened_ms);
  stream.info.ended_by = Side::kDialler;
  stream.info.ended = stream.closed = {1, std::chrono::milliseconds(closed_ms)};
  stream.close = capture::CloseReason::kFin;
}

// Server 1 greets server 2, which has read it so many ms later; then 2 greets 1, if at all.
Story challenged(std::int64_t closed_ms, std::optional<std::int64_t> dial_back_ms) {
  MadeRecording all;
  all.vote(0, 3, 2, wire::ServerState::kLooking, 3, 1);  // a link of 2 that stands
  all.vote(0, 3, 1, wire::ServerState::kLooking, 3, 1);
  all.greeting(0, 1, 2);
  close(all.made.streams[all.record_stream(1, 2)], 0, closed_ms);
  if (dial_back_ms) {
    all.greeting(*dial_back_ms, 2, 1);
    close(all.made.streams[all.record_stream(2, 1)], *dial_back_ms, *dial_back_ms + 75);
  }
  all.made.last = std::chrono::seconds(20);
  return tell(std::move(all.made));
}

TEST(FindingsOfLinks, ADialBackThatTheLowerIdClosesIsNotMissing) {
  EXPECT_NE(find(challenged(1, std::nullopt), "missing_dial_back"), nullptr);
  EXPECT_EQ(find(challenged(1, 3), "missing_dial_back"), nullptr);
  EXPECT_NE(find(challenged(1, 3'000), "missing_dial_back"), nullptr);
  EXPECT_EQ(find(challenged(1, 3), "lost_challenge")->title,
            "A lost challenge: a connection from a lower id was closed, as it should be");
}

TEST(FindingsOfLinks, AServerThatHangsHasNotReadTheGreetingYet) {
  const Story story = challenged(9'000, std::nullopt);
  EXPECT_EQ(find(story, "missing_dial_back"), nullptr);
  EXPECT_EQ(find(story, "lost_challenge"), nullptr);
}

// Server 3 greets -9 as 3.6 does, and is cut off; -9 asked for votes with this zxid.
Story cut_off_by(std::int64_t zxid) {
  MadeRecording all;
  all.vote(0, 2, 3, wire::ServerState::kLooking, 2, 1);
  all.vote(1, -9, 2, wire::ServerState::kLooking, -9, 0);
  all.made.records.back().vote.zxid = Zxid(zxid);
  all.greeting(2, 3, -9);
  all.made.records.back().greeting = wire::GreetingForm::kV2;
  StreamRecord& stream = all.made.streams[all.record_stream(3, -9)];
  close(stream, 2, 3);
  stream.info.ended_by = Side::kAcceptor;
  return tell(std::move(all.made));
}

TEST(FindingsOfLinks, AProbeThatListensIsNoServerThatRefuses) {
  EXPECT_NE(find(cut_off_by(0), "refused_greeting"), nullptr);
  EXPECT_EQ(find(cut_off_by(-1), "refused_greeting"), nullptr);
}

}  // namespace
}  // namespace zkprobe::analysis
