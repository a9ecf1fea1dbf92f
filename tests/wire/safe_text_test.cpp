#include "wire/safe_text.hpp"

#include <gtest/gtest.h>

namespace zkprobe::wire {
namespace {

TEST(SafeText, PrintableTextStaysAsItIs) {
  EXPECT_EQ(safe_text("/a/b c-0000000001"), "/a/b c-0000000001");
  EXPECT_EQ(safe_text("/\xc3\xa4/\xe2\x82\xac/\xf0\x9f\x90\x98"),
            "/\xc3\xa4/\xe2\x82\xac/\xf0\x9f\x90\x98");
}

TEST(SafeText, AnEscapeSequenceCannotReachTheTerminal) {
  EXPECT_EQ(safe_text("/a\x1b[2J\n\x7f"), "/a\\x1b[2J\\x0a\\x7f");
  EXPECT_EQ(safe_text("\xc2\x9b"), "\\xc2\\x9b");
}

TEST(SafeText, BytesThatAreNoUtf8AreShownAsNumbers) {
  EXPECT_EQ(safe_text("\xff"), "\\xff");
  EXPECT_EQ(safe_text("a\x80"
                      "b"),
            "a\\x80"
            "b");
  EXPECT_EQ(safe_text("\xc3"), "\\xc3");
  EXPECT_EQ(safe_text("\xc0\xaf"), "\\xc0\\xaf");
  EXPECT_EQ(safe_text("\xe0\x80\xaf"), "\\xe0\\x80\\xaf");
  EXPECT_EQ(safe_text("\xf0\x80\x80\xaf"), "\\xf0\\x80\\x80\\xaf");
  EXPECT_EQ(safe_text("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");
}

TEST(SafeText, JavasSurrogatePairsAreShownAsNumbers) {
  EXPECT_EQ(safe_text("\xed\xa0\xbd\xed\xb0\x98"), "\\xed\\xa0\\xbd\\xed\\xb0\\x98");
}

TEST(SafeText, ABackslashIsDoubled) { EXPECT_EQ(safe_text("\\x1b"), "\\\\x1b"); }

}  // namespace
}  // namespace zkprobe::wire
