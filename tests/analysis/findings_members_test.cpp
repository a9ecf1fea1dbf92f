#include "analysis/findings.hpp"
#include "made_recording.hpp"
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
  const Story story = story_of("../report/strangers.pcap");
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

// Greetings with these ids from these hosts, one connection each.
Story greetings(const std::vector<std::pair<std::int64_t, const char*>>& from) {
  Recording recording;
  for (const auto& [sid, host] : from) {
    StreamRecord stream;
    stream.protocol = capture::Protocol::kElection;
    stream.info.number = recording.streams.size();
    stream.info.dialler = {*capture::parse_ip(host), 40'000};
    stream.info.acceptor = {*capture::parse_ip("10.0.0.9"), 3'888};
    stream.info.from_start = stream.info.answered = true;
    stream.sids[0] = Sid(sid);
    stream.sids[1] = Sid(9);
    Record record;
    record.what = What::kGreeting;
    record.stream = static_cast<StreamIndex>(recording.streams.size());
    record.place.packet = recording.streams.size() + 1;
    stream.greeting = static_cast<RecordIndex>(recording.records.size());
    recording.streams.push_back(stream);
    recording.records.push_back(record);
  }
  return tell(std::move(recording));
}

TEST(FindingsOfMembers, OneIdOnTwoHostsIsToldFromAServerThatMoved) {
  const Story twice = greetings({{1, "10.0.0.1"}, {1, "10.0.0.2"}, {1, "10.0.0.1"}});
  const Finding* const finding = find(twice, "same_id_twice");
  ASSERT_NE(finding, nullptr);
  EXPECT_EQ(finding->evidence.size(), 3U);
  EXPECT_EQ(find(greetings({{1, "10.0.0.1"}, {1, "10.0.0.2"}}), "same_id_twice"), nullptr);
  EXPECT_EQ(find(greetings({{1, "10.0.0.1"}, {2, "10.0.0.2"}, {1, "10.0.0.1"}}), "same_id_twice"),
            nullptr);
}

TEST(FindingsOfMembers, BytesThatTheCaptureMissesAreSaid) {
  Recording recording;
  recording.streams.emplace_back();
  Record gap;
  gap.what = What::kGap;
  gap.number = 1'448;
  recording.records = {gap, gap};
  const Story story = tell(std::move(recording));
  const Finding* const finding = find(story, "capture_incomplete");
  ASSERT_NE(finding, nullptr);
  EXPECT_EQ(finding->title, "The capture misses 2896 bytes in 2 places");
}

TEST(FindingsOfMembers, ConnectionsThatSpeakTlsAreSaidToBeHidden) {
  MadeRecording all;
  for (const std::int64_t to : {1, 2}) {
    StreamRecord& stream = all.made.streams[all.record_stream(3, to)];
    stream.protocol = capture::Protocol::kTls;
    stream.info.bytes[0] = 517;
  }
  const Story story = tell(std::move(all.made));
  const Finding* const finding = find(story, "hidden_by_tls");
  ASSERT_NE(finding, nullptr);
  EXPECT_EQ(finding->severity, Severity::kNote);
  EXPECT_EQ(finding->count, 2U);
  EXPECT_EQ(finding->title, "2 connections are TLS: nothing in them is seen");
  EXPECT_EQ(finding->evidence.front().what, "server 3 dials server 1 and speaks TLS");
}

// Server 1 announces the first configuration so long after server 2 announced the second.
Story announced_again_after(std::int64_t ms) {
  const std::string lines = "server.1=a:2888:3888:participant\nserver.2=b:2888:3888:participant\n";
  MadeRecording all;
  const auto first = all.text(lines + "version=0");
  const auto second = all.text(lines + "version=100000000");
  using wire::ServerState;
  all.vote(0, 1, 2, ServerState::kFollowing, 2, 1, first);
  all.vote(1, 2, 1, ServerState::kLeading, 2, 1, second);
  all.vote(1 + ms, 1, 2, ServerState::kFollowing, 2, 1, first);
  return tell(std::move(all.made));
}

TEST(FindingsOfMembers, AServerThatKeepsTheOldConfigurationIsNoted) {
  const Story story = announced_again_after(2'500);
  const Finding* const finding = find(story, "configuration_left_behind");
  ASSERT_NE(finding, nullptr);
  EXPECT_EQ(finding->severity, Severity::kNote);
  EXPECT_EQ(finding->servers, std::vector<Sid>{Sid(1)});
  EXPECT_EQ(finding->title, "Server 1 still has configuration 0x0 where others have 0x100000000");
  EXPECT_EQ(finding->evidence.size(), 2U);
  EXPECT_EQ(find(announced_again_after(500), "configuration_left_behind"), nullptr);
}

}  // namespace
}  // namespace zkprobe::analysis
