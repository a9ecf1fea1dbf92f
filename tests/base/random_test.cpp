#include "base/random.hpp"

#include <gtest/gtest.h>

namespace zkprobe {
namespace {

TEST(SeededRandom, TheSameSeedGivesTheSameNumbers) {
  SeededRandom a(7);
  SeededRandom b(7);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(a.next(), b.next());
  EXPECT_EQ(SeededRandom(1).next(), 0x910a2dec89025cc1ULL);  // SplitMix64's published sequence
}

TEST(SeededRandom, StaysBelowItsBound) {
  SeededRandom random(3);
  for (int i = 0; i < 1000; ++i) EXPECT_LT(random.below(7), 7U);
  EXPECT_EQ(random.below(0), 0U);
  EXPECT_FALSE(random.chance(0));
  EXPECT_TRUE(random.chance(100));
}

}  // namespace
}  // namespace zkprobe
