#include "analysis/identify.hpp"

#include "story_of.hpp"

namespace zkprobe::analysis {
namespace {

// Greetings of 3.3 and 3.4 name no address, and all servers of these captures share a host.
TEST(Identify, NamesEveryServerWhereGreetingsAreBareIds) {
  for (const char* name : {"3.3.6-a-cold.pcap", "3.4.5-a-cold.pcap", "3.4.13-a-cold.pcap",
                           "3.4.5-c-observer.pcap", "3.4.13-h-bigids.pcap"}) {
    const Recording recording = recording_of(name);
    for (const Record& record : recording.records) {
      EXPECT_TRUE(recording.from(record)) << name << " #" << record.place.packet;
      EXPECT_TRUE(recording.to(record)) << name << " #" << record.place.packet;
    }
  }
}

// In these captures server N votes on a port that ends in its number.
TEST(Identify, NamesThemRightly) {
  for (const char* name : {"3.3.6-a-cold.pcap", "3.4.13-a-cold.pcap", "3.9.3-a-cold.pcap"}) {
    const Recording recording = recording_of(name);
    for (const StreamRecord& stream : recording.streams) {
      if (stream.protocol != capture::Protocol::kElection) continue;
      ASSERT_TRUE(stream.sid(Side::kAcceptor)) << name;
      EXPECT_EQ(stream.info.acceptor.port % 100, stream.sid(Side::kAcceptor)->value) << name;
    }
  }
}

}  // namespace
}  // namespace zkprobe::analysis
