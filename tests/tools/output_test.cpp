#include "output.hpp"

#include <gtest/gtest.h>

namespace zkprobe::tool {
namespace {

std::chrono::system_clock::time_point at(std::int64_t microseconds) {
  return std::chrono::system_clock::time_point(std::chrono::microseconds(microseconds));
}

TEST(Output, TimesHaveMicroseconds) {
  EXPECT_EQ(rfc3339(at(0)), "1970-01-01T00:00:00.000000Z");
  EXPECT_EQ(rfc3339(at(1'772'366'400'000'123)), "2026-03-01T12:00:00.000123Z");
  EXPECT_EQ(rfc3339(at(-1)), "1969-12-31T23:59:59.999999Z");
}

TEST(Output, ARecordIsOneLineInTheOrderOfItsKeys) {
  Json record;
  record["z"] = 1;
  record["a"] = "two\nlines";
  EXPECT_EQ(to_line(record), "{\"z\":1,\"a\":\"two\\nlines\"}\n");
}

TEST(Output, BytesThatAreNoUtf8DoNotThrow) {
  Json record;
  record["host"] =
      "a\xff"
      "b";
  EXPECT_EQ(to_line(record), "{\"host\":\"a\\ufffdb\"}\n");
}

TEST(Output, ARecordCannotDriveATerminal) {
  Json record;
  record["host"] = "\x1b[31m\x7f\xc2\x9b\xc3\xa9";
  EXPECT_EQ(to_line(record), "{\"host\":\"\\u001b[31m\\u007f\\u009b\\u00e9\"}\n");
}

TEST(Output, WhatAServerSentCannotDriveATerminal) {
  EXPECT_EQ(printable("zk1\x1b[31m\n\x7f\xc3"), "zk1\\x1b[31m\\x0a\\x7f\\xc3");
}

TEST(Output, ColumnsAreAlignedWithoutSpacesAtTheEnd) {
  Table table;
  table.add_row({{"A"}, {"BB"}, {"C"}});
  table.add_row({{"long"}, {""}, {"x"}});
  table.add_row({{"m"}, {"n"}});
  EXPECT_EQ(table.render(Style(false)),
            "A     BB  C\n"
            "long      x\n"
            "m     n\n");
}

TEST(Output, ColourDoesNotMoveColumns) {
  Table table;
  table.add_row({{"A", Colour::kBad}, {"B"}});
  table.add_row({{"long"}, {"x", Colour::kGood}});
  EXPECT_EQ(table.render(Style(true)),
            "\x1b[31mA\x1b[0m     B\n"
            "long  \x1b[32mx\x1b[0m\n");
  EXPECT_EQ(Style(false).paint(Colour::kBad, "x"), "x");
}

}  // namespace
}  // namespace zkprobe::tool
