#include "report/format.hpp"

#include <gtest/gtest.h>

namespace zkprobe::report {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(Format, WritesTimesInUtc) {
  const capture::CaptureTime time = seconds(1'795'325'405) + microseconds(123);
  EXPECT_EQ(rfc3339(time), "2026-11-22T05:30:05.000123Z");
  EXPECT_EQ(clock_time(time), "05:30:05.000123");
  EXPECT_EQ(rfc3339(capture::CaptureTime(0)), "1970-01-01T00:00:00.000000Z");
}

TEST(Format, WritesALengthOfTimeWithTheUnitThatFits) {
  EXPECT_EQ(span(microseconds(440)), "0.4 ms");
  EXPECT_EQ(span(milliseconds(213)), "213 ms");
  EXPECT_EQ(span(milliseconds(4'810)), "4.81 s");
  EXPECT_EQ(span(seconds(125)), "2 min 5 s");
}

TEST(Format, ListsIds) {
  EXPECT_EQ(list({}), "");
  EXPECT_EQ(list({Sid(1)}), "1");
  EXPECT_EQ(list({Sid(1), Sid(2), Sid(5)}), "1, 2 and 5");
  EXPECT_EQ(count(1, "server", "servers"), "1 server");
  EXPECT_EQ(count(0, "server", "servers"), "0 servers");
}

TEST(Format, WordsAreWrappedBehindTheIndent) {
  EXPECT_EQ(wrapped("", "  "), "");
  EXPECT_EQ(wrapped("two words", "  "), "  two words\n");
  const std::string half(60, 'a');
  EXPECT_EQ(wrapped(half + " " + half, "  "), "  " + half + "\n  " + half + "\n");
  const std::string longer(120, 'b');
  EXPECT_EQ(wrapped("x " + longer, " "), " x\n " + longer + "\n");
}

}  // namespace
}  // namespace zkprobe::report
