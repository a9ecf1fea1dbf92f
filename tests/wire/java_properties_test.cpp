// Every expected value is what java.util.Properties.load of Java 17 gave for the same text.
#include "wire/java_properties.hpp"

#include <gtest/gtest.h>

#include "support/fixtures.hpp"

namespace zkprobe::wire {
namespace {

// "<key|value>" for each, in order; "ERR" for an error.
std::string read(std::string_view text) {
  const test::ExactBuffer buffer(as_bytes(text));
  const std::string_view view(reinterpret_cast<const char*>(buffer.view().data()), text.size());
  const auto properties = parse_properties(view);
  if (!properties) return "ERR";
  std::string shown;
  for (const Property& property : *properties) {
    shown += "<" + property.key + "|" + property.value + ">";
  }
  return shown;
}

TEST(Properties, SeparateKeyAndValueInThreeWays) {
  EXPECT_EQ(read("a=1\nb:2\nc 3\nd"), "<a|1><b|2><c|3><d|>");
  EXPECT_EQ(read(" \f\tk = : v \n"), "<k|: v >");
  EXPECT_EQ(read("a :b"), "<a|b>");
  EXPECT_EQ(read("a= =b"), "<a|=b>");
  EXPECT_EQ(read("a==b"), "<a|=b>");
  EXPECT_EQ(read("=v"), "<|v>");
  EXPECT_EQ(read("k\\ e\\=y\\:=1"), "<k e=y:|1>");
}

TEST(Properties, EndLinesInThreeWays) {
  EXPECT_EQ(read("a=1\r\r\nb=2\rc=3\n\nd=4"), "<a|1><b|2><c|3><d|4>");
  EXPECT_EQ(read(""), "");
  EXPECT_EQ(read("\n \r\n\t"), "");
}

TEST(Properties, CommentsStandOnlyWhereALineBegins) {
  EXPECT_EQ(read("! x\n  #y\\\nz=1"), "<z|1>");
  EXPECT_EQ(read("a=1 # not a comment"), "<a|1 # not a comment>");
  EXPECT_EQ(read("a\\\n#b"), "<a#b|>");
  EXPECT_EQ(read("\\\n#c\na=1"), "<a|1>");
  EXPECT_EQ(read("#"), "");
}

TEST(Properties, ABackslashAtTheEndContinuesTheLine) {
  EXPECT_EQ(read("k\\\r\n  v\rx:=y\n"), "<kv|><x|=y>");
  EXPECT_EQ(read("a\\\\\nb"), "<a\\|><b|>");
  EXPECT_EQ(read("a\\\n\nb"), "<a|><b|>");
  EXPECT_EQ(read("a=1\\"), "<a|1>");
  EXPECT_EQ(read("a=1\\\n"), "<a|1>");
  EXPECT_EQ(read("a = 1 \\  \n b"), "<a|1   ><b|>");
}

TEST(Properties, AnEmptyLineThatOnlyContinuesIsAnEmptyEntryAtTheEndOfTheText) {
  EXPECT_EQ(read("\\"), "<|>");
  EXPECT_EQ(read("\\\n"), "<|>");
  EXPECT_EQ(read("\\\r"), "<|>");
  EXPECT_EQ(read("\\\r\n"), "");
  EXPECT_EQ(read("\\\n "), "");
  EXPECT_EQ(read("\\\n\\"), "<|>");
  EXPECT_EQ(read("\\\n\\\n"), "<|>");
  EXPECT_EQ(read("a\\\r"), "<a|>");
}

TEST(Properties, EscapesAreUndone) {
  EXPECT_EQ(read("a\\q\\t\\n=\\r\\f\\\\"), "<aq\t\n|\r\f\\>");
  EXPECT_EQ(read("\\u00e9=\\uD83D\\uDE00\\u20ac\\u0041"),
            "<\xc3\xa9|\xf0\x9f\x98\x80\xe2\x82\xac"
            "A>");
  EXPECT_EQ(read("a=\\uD83Dx\\uDE00"), "<a|?x?>");  // halves of a pair, as Java prints them
  EXPECT_EQ(read("\xc3\xa9=\xff"), "<\xc3\xa9|\xff>");
}

TEST(Properties, AMalformedUnicodeEscapeIsAnErrorThatNamesTheLine) {
  EXPECT_EQ(read("a=\\u12"), "ERR");
  EXPECT_EQ(read("a=\\u12g4"), "ERR");
  EXPECT_EQ(read("a\\u"), "ERR");
  EXPECT_EQ(read("a=\\uD83D\\u12"), "ERR");
  const auto refused = parse_properties("x=1\n# two\r\nb=\\u00x0");
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().offset, 11U);
  EXPECT_EQ(refused.error().found, "line 3: b=\\u00x0");
}

TEST(Properties, ARepeatedKeyKeepsItsLastValue) { EXPECT_EQ(read("a=1\na=2\nb=3"), "<a|2><b|3>"); }

TEST(Properties, SayOnWhichLineTheyBegin) {
  const auto properties = parse_properties("# one\r\na=\\\n  2\n\nb=5\na=6");
  ASSERT_TRUE(properties.has_value());
  EXPECT_EQ(*properties, (std::vector<Property>{{"a", "6", 6}, {"b", "5", 5}}));
}

}  // namespace
}  // namespace zkprobe::wire
