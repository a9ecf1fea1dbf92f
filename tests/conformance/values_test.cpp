#include "conformance/values.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <stdexcept>

namespace zkprobe::conformance {
namespace {

TEST(Values, NumbersAreDecimalHexOrTheSmallest) {
  EXPECT_EQ(number("12"), 12);
  EXPECT_EQ(number("-1"), -1);
  EXPECT_EQ(number("0x10000"), 65536);
  EXPECT_EQ(number("0xffffffffffffffff"), -1);
  EXPECT_EQ(number("min"), std::numeric_limits<std::int64_t>::min());
  for (const char* text : {"", "x", "1x", "0x", "0xg", "1.5", "99999999999999999999"}) {
    EXPECT_THROW(number(text), std::invalid_argument) << text;
  }
}

TEST(Values, AZxidIsANumberOrEpochAndCounter) {
  EXPECT_EQ(zxid_number("2:1"), 0x200000001);
  EXPECT_EQ(zxid_number("0:0"), 0);
  EXPECT_EQ(zxid_number("-1"), -1);
  for (const char* text : {":", "1:", ":1", "-1:0", "0:-1", "4294967296:0", "0:4294967296"}) {
    EXPECT_THROW(zxid_number(text), std::invalid_argument) << text;
  }
}

TEST(Values, AnOptionThatIsNotGivenHasAnotherValue) {
  EXPECT_EQ(option({{"a", "1"}}, "a", "2"), "1");
  EXPECT_EQ(option({{"a", "1"}}, "b", "2"), "2");
}

}  // namespace
}  // namespace zkprobe::conformance
