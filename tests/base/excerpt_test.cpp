#include "base/excerpt.hpp"

#include <gtest/gtest.h>

namespace zkprobe {
namespace {

TEST(Excerpt, ShowsUpToThirtyTwoBytes) {
  EXPECT_EQ(excerpt({}), "none");
  EXPECT_EQ(excerpt(Bytes{0x00, 0xff}), "00ff");
  EXPECT_EQ(excerpt(Bytes(32, 0xab)), hex_encode(Bytes(32, 0xab)));
  EXPECT_EQ(excerpt(Bytes(33, 0xab)), hex_encode(Bytes(32, 0xab)) + "...");
}

}  // namespace
}  // namespace zkprobe
