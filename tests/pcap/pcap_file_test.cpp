#include "pcap/pcap_file.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <map>
#include <sstream>

#include "capture/decoder.hpp"
#include "capture/release_evidence.hpp"
#include "support/fixtures.hpp"

namespace zkprobe::pcap {
namespace {

std::string path_of(const std::string& name) { return zkprobe::test::fixture_path("pcap/" + name); }

std::size_t count_packets(PcapFile& file) {
  capture::Packet packet;
  std::size_t count = 0;
  while (file.next(packet) == PcapFile::Next::kPacket) {
    EXPECT_EQ(packet.number, ++count);
    EXPECT_GE(packet.wire_length, packet.bytes.size());
  }
  return count;
}

// A file that is gone when the test ends.
struct Temporary {
  std::string path = testing::TempDir() + "zkprobe-" +
                     std::to_string(::testing::UnitTest::GetInstance()->random_seed()) +
                     ::testing::UnitTest::GetInstance()->current_test_info()->name();
  explicit Temporary(std::string_view bytes) { std::ofstream(path, std::ios::binary) << bytes; }
  ~Temporary() { std::remove(path.c_str()); }
};

TEST(PcapFile, ReadsEveryPacketOfACapture) {
  auto file = PcapFile::open(path_of("3.4.13-a-cold.pcap"));
  ASSERT_TRUE(file) << file.error();
  EXPECT_GT(count_packets(*file), 50U);
  EXPECT_EQ(file->error(), "");
}

TEST(PcapFile, SaysWhatIsWrongWithAFile) {
  EXPECT_NE(PcapFile::open("/nowhere/x.pcap").error().find("/nowhere/x.pcap: cannot be opened"),
            std::string::npos);
  Temporary text("this is no capture");
  EXPECT_NE(PcapFile::open(text.path).error().find("expected a pcap or pcapng capture"),
            std::string::npos);
  Temporary empty("");
  EXPECT_FALSE(PcapFile::open(empty.path));
}

TEST(PcapFile, ACaptureThatStopsInAPacketNamesThePacket) {
  const std::string whole = test::read_fixture("pcap/3.4.13-a-cold.pcap");
  Temporary cut(whole.substr(0, whole.size() - 5));
  auto all = PcapFile::open(path_of("3.4.13-a-cold.pcap"));
  const std::size_t count = count_packets(*all);
  auto file = PcapFile::open(cut.path);
  ASSERT_TRUE(file);
  EXPECT_EQ(count_packets(*file), count - 1);
  EXPECT_NE(file->error().find(": packet " + std::to_string(count) + ": "), std::string::npos);
}

TEST(PcapFile, RefusesALinkTypeThatItDoesNotKnow) {
  std::string bytes = test::read_fixture("pcap/3.4.13-a-cold.pcap");
  bytes[20] = 105;  // IEEE 802.11
  Temporary wifi(bytes);
  EXPECT_NE(PcapFile::open(wifi.path).error().find("link type 105 (IEEE802_11)"),
            std::string::npos);
}

// fixtures/pcap/expected.txt: file initial notification quorum_packet, then sid:release of each
// server.
struct Tally : capture::MessageSink {
  std::size_t kinds[5] = {};
  std::map<Sid, capture::ReleaseEvidence> servers;
  void on_message(const capture::Message& message) override {
    ++kinds[message.body.index()];
    if (message.src_sid()) servers[*message.src_sid()].add(capture::release_of(message.body));
  }
};

TEST(Captures, HoldTheMessagesOfTheirServers) {
  std::istringstream lines(test::read_fixture("pcap/expected.txt"));
  std::string line;
  std::size_t files = 0;
  while (std::getline(lines, line)) {
    if (line.empty() || line.front() == '#') continue;
    std::istringstream fields(line);
    std::string name, server;
    std::size_t expected[3] = {};
    fields >> name >> expected[0] >> expected[1] >> expected[2];
    SCOPED_TRACE(name);
    ++files;
    auto file = PcapFile::open(path_of(name));
    ASSERT_TRUE(file) << file.error();
    Tally tally;
    capture::Decoder decoder(tally);
    capture::Packet packet;
    while (file->next(packet) == PcapFile::Next::kPacket) decoder.packet(packet);
    decoder.finish();
    for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(tally.kinds[i], expected[i]) << i;
    EXPECT_EQ(tally.kinds[3], 0U);
    EXPECT_EQ(tally.kinds[4], 0U);
    EXPECT_EQ(decoder.conversations().skipped_bytes, 0U);
    while (fields >> server) {
      const std::size_t colon = server.find(':');
      const Sid sid(std::stoll(server.substr(0, colon)));
      const auto release = parse_release(server.substr(colon + 1));
      ASSERT_TRUE(release) << server;
      ASSERT_TRUE(tally.servers.contains(sid)) << server;
      const capture::ReleaseRange range = tally.servers[sid].range();
      EXPECT_TRUE(range.contains(*release)) << server << " in " << to_string(range);
      EXPECT_NE(range, capture::ReleaseRange()) << server << ": nothing was learnt";
    }
  }
  EXPECT_EQ(files, 17U);
}

}  // namespace
}  // namespace zkprobe::pcap
