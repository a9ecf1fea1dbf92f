#include "base/release.hpp"

#include <gtest/gtest.h>

namespace zkprobe {
namespace {

TEST(Release, ReadsFullAndShortNames) {
  EXPECT_EQ(parse_release("3.4.14"), (Release{3, 4, 14}));
  EXPECT_EQ(parse_release("3.5.0-alpha"), (Release{3, 5, 0}));
  EXPECT_EQ(parse_release("3.3"), (Release{3, 3, 6}));
  EXPECT_EQ(parse_release("3.9"), kNewestRelease);
  EXPECT_EQ(to_string(Release{3, 6, 4}), "3.6.4");
}

TEST(Release, RefusesWhatIsNone) {
  for (const char* text :
       {"", "3", "3.4.", "3.4.x", "3.4.1.2", "2.0.0", "4.0.0", "3.-4.1", "auto"}) {
    EXPECT_FALSE(parse_release(text).has_value()) << text;
  }
}

TEST(Release, IsOrdered) {
  EXPECT_LT((Release{3, 4, 14}), (Release{3, 5, 0}));
  EXPECT_LT((Release{3, 5, 9}), (Release{3, 5, 10}));
}

}  // namespace
}  // namespace zkprobe
