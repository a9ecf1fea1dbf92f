#include "analysis/ensembles.hpp"

#include "made_recording.hpp"
#include "story_of.hpp"

namespace zkprobe::analysis {
namespace {

using wire::ServerState;

std::string config(const std::string& host, int server_of_own = 0) {
  const std::string first = server_of_own == 1 ? "0.0.0.0" : host + "1";
  return "server.1=" + first + ":2888:3888:participant\nserver.2=" + host +
         "2:2889:3889:participant\nversion=0";
}

// Two pairs of servers 1 and 2, one after the other; the second at so much higher ports.
Recording two_pairs(const std::string& first, const std::string& second, std::uint16_t apart) {
  MadeRecording all;
  const auto one = all.text(first);
  const auto other = all.text(second);
  all.vote(0, 1, 2, ServerState::kLooking, 1, 1, one);
  all.vote(1, 2, 1, ServerState::kLooking, 2, 1, one);
  const std::size_t streams = all.made.streams.size();
  const std::size_t records = all.made.records.size();
  for (std::size_t i = 0; i < streams; ++i) {
    StreamRecord stream = all.made.streams[i];
    stream.info.number = all.made.streams.size();
    stream.info.acceptor.port = static_cast<std::uint16_t>(stream.info.acceptor.port + apart);
    all.made.streams.push_back(stream);
  }
  for (std::size_t i = 0; i < records; ++i) {
    Record record = all.made.records[i];
    record.stream += static_cast<StreamIndex>(streams);
    record.place.packet += records;
    record.text = other;
    all.made.records.push_back(record);
  }
  return std::move(all.made);
}

TEST(Ensembles, AreSeveralWhereNothingIsInCommon) {
  const Recording recording = two_pairs(config("a"), config("b"), 100);
  const Ensembles ensembles(recording, Roster(recording));
  ASSERT_EQ(ensembles.all().size(), 2U);
  EXPECT_EQ(ensembles.all()[1].record, 2U);
  EXPECT_EQ(ensembles.all()[0].ports, (std::vector<std::uint16_t>{2888, 2889, 3888, 3889}));
  EXPECT_TRUE(ensembles.apart(0, 1));
  const Story story = tell(two_pairs(config("a"), config("b"), 100));
  const Finding* const finding = find(story, "several_ensembles");
  ASSERT_NE(finding, nullptr);
  EXPECT_EQ(finding->severity, Severity::kNote);
  EXPECT_EQ(finding->title, "This capture holds 2 ensembles with the same ids");
  EXPECT_NE(finding->advice.find("'tcp port 2888 or 2889 or 3888 or 3889'"), std::string::npos);
  EXPECT_EQ(find(story, "configurations_differ"), nullptr);
}

TEST(Ensembles, AreOneWhereTheOtherConfigurationIsAnnouncedToTheSameServers) {
  const Recording recording = two_pairs(config("a"), config("b"), 0);
  EXPECT_FALSE(Ensembles(recording, Roster(recording)).several());
  EXPECT_NE(find(tell(two_pairs(config("a"), config("b"), 0)), "configurations_differ"), nullptr);
}

TEST(Ensembles, AreOneWhereAMemberIsNamedByBoth) {
  const Recording recording = two_pairs(config("a"), config("a", 1), 100);
  EXPECT_FALSE(Ensembles(recording, Roster(recording)).several());
}

TEST(Ensembles, AreNotToldApartWithoutConfigurations) {
  const Recording recording = recording_of("3.4.13-a-cold.pcap");
  EXPECT_TRUE(Ensembles(recording, Roster(recording)).all().empty());
}

}  // namespace
}  // namespace zkprobe::analysis
