#include "analysis/lives.hpp"

#include <gtest/gtest.h>

namespace zkprobe::analysis {
namespace {

// A connection between two servers, from one packet to another; 0: it stands until the end.
void connect(Recording& recording, std::int64_t from, std::int64_t to, std::uint64_t opened,
             std::uint64_t ended) {
  StreamRecord stream;
  stream.info.from_start = stream.info.answered = true;
  stream.info.opened.packet = opened;
  if (ended != 0) {
    stream.info.ended_by = Side::kDialler;
    stream.info.ended.packet = ended;
  }
  stream.sids[0] = Sid(from);
  stream.sids[1] = Sid(to);
  recording.streams.push_back(stream);
}

TEST(Lives, EndWhereAMomentHasNoConnection) {
  Recording recording;
  connect(recording, 2, 1, 10, 50);
  connect(recording, 3, 2, 20, 60);
  connect(recording, 2, 1, 90, 0);
  const Lives lives(recording);
  EXPECT_EQ(lives.ended_between(Sid(2), 30, 95), 60U);
  EXPECT_FALSE(lives.ended_between(Sid(2), 30, 70));  // not back yet
  EXPECT_FALSE(lives.ended_between(Sid(2), 90, 95));  // before
  EXPECT_FALSE(lives.ended_between(Sid(7), 30, 95));
}

TEST(Lives, GoOnWhereAnotherConnectionStands) {
  Recording recording;
  connect(recording, 3, 1, 10, 50);  // 1 is started anew
  connect(recording, 3, 1, 70, 0);
  connect(recording, 2, 3, 20, 90);  // then 2
  connect(recording, 3, 2, 120, 0);
  const Lives lives(recording);
  EXPECT_FALSE(lives.ended_between(Sid(3), 30, 130));
  EXPECT_EQ(lives.ended_between(Sid(1), 30, 130), 50U);
  EXPECT_EQ(lives.ended_between(Sid(2), 30, 130), 90U);
}

TEST(Lives, DoNotRestOnADialThatNobodyTook) {
  Recording recording;
  connect(recording, 2, 1, 10, 50);
  connect(recording, 3, 2, 60, 61);
  recording.streams.back().info.answered = false;
  connect(recording, 2, 1, 90, 0);
  EXPECT_EQ(Lives(recording).ended_between(Sid(2), 30, 95), 50U);
}

TEST(Lives, BeganBeforeACaptureFromTheMiddle) {
  Recording recording;
  connect(recording, 3, 1, 10, 50);
  connect(recording, 2, 3, 80, 0);  // its first packet comes late
  recording.streams.back().info.from_start = false;
  EXPECT_FALSE(Lives(recording).ended_between(Sid(3), 30, 90));
}

}  // namespace
}  // namespace zkprobe::analysis
