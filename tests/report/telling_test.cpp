#include "report/telling.hpp"

#include "analysis/story_of.hpp"

namespace zkprobe::report {
namespace {

using analysis::story_of;

TEST(Telling, TellsAnElectionInTheOrderOfItsPackets) {
  const analysis::Story story = story_of("3.4.13-a-cold.pcap");
  const std::vector<Line> lines = lines_of(story, story.elections.front());
  ASSERT_FALSE(lines.empty());
  EXPECT_EQ(lines.front().step, Step::kProposes);
  EXPECT_EQ(lines.back().step, Step::kServes);
  for (std::size_t i = 1; i < lines.size(); ++i) {
    EXPECT_LE(lines[i - 1].place.packet, lines[i].place.packet);
  }
}

TEST(Telling, SumsUpAnElectionInOneLine) {
  const analysis::Story story = story_of("3.4.13+3.8.0+3.9.6-g-mixed.pcap");
  EXPECT_EQ(headline(story, story.elections[0]), "servers 1, 2 and 3 elected server 2 in 305 ms");
  EXPECT_EQ(headline(story, story.elections[2]), "server 2 joined leader 3 in 19 ms");
}

TEST(Telling, SaysNothingOfWhatIsLeftOutWhereAllIsThere) {
  EXPECT_EQ(left_out(story_of("3.9.3-a-cold.pcap")), "");
  analysis::RecorderBounds bounds;
  bounds.broadcast = 0;
  const analysis::Story some = tell(analysis::recording_of("3.9.3-a-cold.pcap", bounds));
  EXPECT_NE(left_out(some).find("are counted only"), std::string::npos);
}

}  // namespace
}  // namespace zkprobe::report
