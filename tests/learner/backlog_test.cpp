#include "learner/backlog.hpp"

#include <gtest/gtest.h>

namespace zkprobe::learner {
namespace {

constexpr Instant kStart{std::chrono::seconds(1000)};
constexpr Instant after(Duration time) { return kStart + time; }

TEST(Backlog, UnreadBytesForLongerThanFiveSecondsMeanBehind) {
  Backlog backlog;
  EXPECT_FALSE(backlog.note(true, kStart));
  EXPECT_FALSE(backlog.note(true, after(3s)));
  EXPECT_FALSE(backlog.note(true, after(5s)));
  EXPECT_TRUE(backlog.note(true, after(5001ms)));
  EXPECT_TRUE(backlog.note(true, after(6s)));
}

TEST(Backlog, OneReadThatTakesAllStartsTheTimeAnew) {
  Backlog backlog;
  EXPECT_FALSE(backlog.note(true, kStart));
  EXPECT_FALSE(backlog.note(false, after(4s)));
  EXPECT_FALSE(backlog.note(false, after(60s)));
  EXPECT_FALSE(backlog.note(true, after(61s)));
  EXPECT_FALSE(backlog.note(true, after(66s)));
  EXPECT_TRUE(backlog.note(true, after(66s) + 1ms));
}

// The first note only starts the time: nothing is known of what was before it.
TEST(Backlog, SilenceBetweenTwoReadsIsNotHeldAgainstTheSecond) {
  Backlog backlog;
  EXPECT_FALSE(backlog.note(false, kStart));
  EXPECT_FALSE(backlog.note(true, after(std::chrono::hours(1))));
}

TEST(Backlog, AResetForgets) {
  Backlog backlog;
  EXPECT_FALSE(backlog.note(true, kStart));
  backlog.reset();
  EXPECT_FALSE(backlog.note(true, after(6s)));
}

TEST(Backlog, ThePatienceCanBeChosen) {
  Backlog backlog(10ms);
  EXPECT_FALSE(backlog.note(true, kStart));
  EXPECT_FALSE(backlog.note(true, after(10ms)));
  EXPECT_TRUE(backlog.note(true, after(10ms) + Duration(1)));
}

TEST(Backlog, ASocketThatWasEmptyIsLookedAtNowAndThenAndAFullOneAfterEachRead) {
  Backlog backlog;
  EXPECT_TRUE(backlog.due(kStart));
  backlog.note(false, kStart);
  EXPECT_FALSE(backlog.due(after(99ms)));
  EXPECT_TRUE(backlog.due(after(100ms)));
  backlog.note(true, after(100ms));
  EXPECT_TRUE(backlog.due(after(100ms)));
  backlog.note(false, after(101ms));
  EXPECT_FALSE(backlog.due(after(150ms)));
}

}  // namespace
}  // namespace zkprobe::learner
