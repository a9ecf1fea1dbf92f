#include "base/result.hpp"

#include <gtest/gtest.h>

namespace zkprobe {
namespace {

TEST(DecodeError, SaysWhatWhereAndWhatWasExpected) {
  const DecodeError error{DecodeFault::kOutOfRange, "configLength", 40, "0..4", "-5"};
  EXPECT_EQ(to_string(error), "configLength at byte 40: expected 0..4, found -5");
}

TEST(Decoded, HoldsAValueOrTheError) {
  const Decoded<int> value = 7;
  const Decoded<int> failed = DecodeFailure(DecodeError{});
  EXPECT_EQ(value.value(), 7);
  ASSERT_FALSE(failed.has_value());
  EXPECT_EQ(failed.error().fault, DecodeFault::kMalformed);
}

}  // namespace
}  // namespace zkprobe
