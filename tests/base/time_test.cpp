#include "base/time.hpp"

#include <gtest/gtest.h>

namespace zkprobe {
namespace {

TEST(Time, PrintsDurationsForPeople) {
  EXPECT_EQ(to_string(Duration(12)), "12 us");
  EXPECT_EQ(to_string(Duration(1500)), "1.5 ms");
  EXPECT_EQ(to_string(Duration(200'000)), "200 ms");
  EXPECT_EQ(to_string(Duration(61'250'000)), "61.25 s");
}

TEST(Time, InstantsDifferByDurations) {
  const Instant start{Duration(5)};
  EXPECT_EQ((start + 200ms) - start, Duration(200'000));
  EXPECT_LT(start, start + Duration(1));
}

}  // namespace
}  // namespace zkprobe
