#include "analysis/story.hpp"

#include "story_of.hpp"

namespace zkprobe::analysis {
namespace {

TEST(Story, AnEmptyCaptureHasNothingToTell) {
  const Story story = tell(Recording());
  EXPECT_TRUE(story.elections.empty());
  EXPECT_TRUE(story.findings.empty());
  EXPECT_TRUE(story.roster.servers().empty());
}

TEST(Story, DescribesAMessageInOneLine) {
  const Story story = story_of("3.9.3-a-cold.pcap");
  bool greeted = false, voted = false, synchronised = false;
  for (const Record& record : story.recording.records) {
    const std::string line = describe(story.recording, record);
    EXPECT_EQ(line.find('\n'), std::string::npos);
    greeted = greeted || line.find("announcing 127.0.0.1:") != std::string::npos;
    voted = voted || line.find("votes for server 3") != std::string::npos;
    synchronised = synchronised || line.find("sends DIFF") != std::string::npos;
  }
  EXPECT_TRUE(greeted && voted && synchronised);
  EXPECT_EQ(describe(quorum::Vote{PeerEpoch::min(), Zxid::min(), Sid::min()}),
            "nobody (an observer)");
}

}  // namespace
}  // namespace zkprobe::analysis
