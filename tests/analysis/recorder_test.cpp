#include "analysis/recorder.hpp"

#include "story_of.hpp"

namespace zkprobe::analysis {
namespace {

TEST(Recorder, KeepsEveryMessageOfASmallCapture) {
  const Recording recording = recording_of("3.9.3-a-cold.pcap");
  EXPECT_EQ(recording.messages, 49U);
  EXPECT_EQ(recording.records.size(), 49U);
  EXPECT_FALSE(recording.left_out.any());
  for (std::size_t i = 1; i < recording.records.size(); ++i) {
    EXPECT_LE(recording.records[i - 1].place.packet, recording.records[i].place.packet);
  }
}

TEST(Recorder, StaysWithinItsBoundsAndSaysWhatItLeftOut) {
  RecorderBounds bounds;
  bounds.votes = 5;
  bounds.broadcast = 2;
  bounds.streams = 3;
  bounds.texts = 1;
  const Recording recording = recording_of("3.9.3-a-cold.pcap", bounds);
  EXPECT_EQ(recording.messages, 49U);
  EXPECT_LE(recording.records.size(), 7U);
  EXPECT_LE(recording.streams.size(), 3U);
  EXPECT_LE(recording.texts.size(), 1U);
  EXPECT_TRUE(recording.left_out.any());
  EXPECT_GT(recording.left_out.streams, 0U);
  EXPECT_EQ(recording.records.size() + recording.left_out.votes + recording.left_out.broadcast,
            49U);
}

TEST(Recorder, KeepsWhatIsInsideOfTheWindow) {
  const Recording all = recording_of("3.9.3-a-cold.pcap");
  RecorderBounds bounds;
  bounds.from = all.records[5].place.time;
  bounds.to = all.records[10].place.time;
  const Recording some = recording_of("3.9.3-a-cold.pcap", bounds);
  EXPECT_GE(some.records.size(), 6U);
  EXPECT_EQ(some.records.size() + some.left_out.outside, 49U);
  // Who is who is learnt from the whole.
  EXPECT_EQ(some.from(some.records.front()), all.from(all.records[5]));
}

}  // namespace
}  // namespace zkprobe::analysis
