// Expected values were taken from Java 17.
#include "wire/java_text.hpp"

#include <gtest/gtest.h>

namespace zkprobe::wire {
namespace {

using Pieces = std::vector<std::string_view>;
using Parts = std::vector<std::string>;

TEST(JavaInt, TakesASignAndDigitsOnly) {
  EXPECT_EQ(java_int("0"), 0);
  EXPECT_EQ(java_int("+5"), 5);
  EXPECT_EQ(java_int("-2147483648"), -2147483647 - 1);
  EXPECT_EQ(java_int("007"), 7);
  for (const char* text :
       {"", "+", "-", "+-5", "-+5", "--5", " 5", "5 ", "0x5", "2147483648", "x"}) {
    EXPECT_FALSE(java_int(text).has_value()) << text;
  }
}

TEST(JavaLong, ReadsHexWithoutPrefixUpToLongMax) {
  EXPECT_EQ(java_long("100000009", 16), 0x100000009);
  EXPECT_EQ(java_long("FF", 16), 255);
  EXPECT_EQ(java_long("7fffffffffffffff", 16), INT64_MAX);
  EXPECT_EQ(java_long("-1", 16), -1);
  EXPECT_FALSE(java_long("8000000000000000", 16).has_value());
  EXPECT_FALSE(java_long("0xff", 16).has_value());
  EXPECT_FALSE(java_long("9223372036854775808").has_value());
}

TEST(JavaPort, IsBoundedBySixteenBits) {
  EXPECT_EQ(java_port("0"), 0);
  EXPECT_EQ(java_port("65535"), 65535);
  EXPECT_FALSE(java_port("65536").has_value());
  EXPECT_FALSE(java_port("-1").has_value());
}

TEST(JavaSplit, DropsEmptyPiecesAtTheEnd) {
  EXPECT_EQ(java_split("a:b", ':'), (Pieces{"a", "b"}));
  EXPECT_EQ(java_split("a::b", ':'), (Pieces{"a", "", "b"}));
  EXPECT_EQ(java_split(":a", ':'), (Pieces{"", "a"}));
  EXPECT_EQ(java_split("a::", ':'), (Pieces{"a"}));
  EXPECT_EQ(java_split("", ':'), (Pieces{""}));
  EXPECT_EQ(java_split("::", ':'), Pieces{});
}

TEST(JavaTrim, CutsEverythingUpToTheSpace) {
  EXPECT_EQ(java_trim(" \t\x01 a b\n"), "a b");
  EXPECT_EQ(java_trim("  "), "");
  EXPECT_EQ(java_trim("\xc2\xa0"), "\xc2\xa0");
}

TEST(JavaHostAndPorts, TakesIpv6LiteralsInBrackets) {
  EXPECT_EQ(java_host_and_ports("h:1:2"), (Parts{"h", "1", "2"}));
  EXPECT_EQ(java_host_and_ports("[::1]:1:2"), (Parts{"::1", "1", "2"}));
  EXPECT_EQ(java_host_and_ports("[::1]x1"), (Parts{"::1", "1"}));  // whatever stands behind ']'
  EXPECT_EQ(java_host_and_ports("[::1]"), (Parts{"::1"}));
  EXPECT_EQ(java_host_and_ports("[]:1"), (Parts{"", "1"}));
  EXPECT_FALSE(java_host_and_ports("[::1:1").has_value());
  EXPECT_FALSE(java_host_and_ports("[::1]:").has_value());
}

TEST(Printable, EscapesWhatATerminalWouldObey) {
  EXPECT_EQ(printable("a\x1b[2J\n\xff"), "a\\x1b[2J\\x0a\\xff");
  EXPECT_EQ(printable("abcdef", 3), "abc...");
}

}  // namespace
}  // namespace zkprobe::wire
