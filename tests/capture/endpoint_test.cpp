#include "capture/endpoint.hpp"

#include <gtest/gtest.h>

namespace zkprobe::capture {
namespace {

TEST(Endpoint, IsWrittenAsRfc5952Says) {
  for (const char* text : {"127.0.0.1", "0.0.0.0", "::1", "::", "2001:db8::1",
                           "2001:db8:0:1:1:1:1:1", "1::2:0:0:3", "fe80::", "1:2:3:4:5:6:7:8"}) {
    const auto host = parse_ip(text);
    ASSERT_TRUE(host) << text;
    EXPECT_EQ(to_string(*host), text);
  }
  EXPECT_EQ(to_string(Endpoint{*parse_ip("::1"), 3888}), "[::1]:3888");
  EXPECT_EQ(to_string(Endpoint{*parse_ip("10.0.0.1"), 2888}), "10.0.0.1:2888");
}

TEST(Endpoint, EverySpellingOfAnAddressIsTheSame) {
  EXPECT_EQ(parse_ip("0:0:0:0:0:0:0:1"), parse_ip("::1"));
  EXPECT_EQ(parse_ip("::ffff:10.0.0.1"), parse_ip("10.0.0.1"));
  EXPECT_EQ(parse_ip("2001:DB8::1"), parse_ip("2001:db8:0:0:0:0:0:1"));
}

TEST(Endpoint, NamesAndHalfAddressesAreNone) {
  for (const char* text :
       {"", "localhost", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1.2.3.4 ", ":", ":::", "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9", "12345::", "g::", "1::2::3"}) {
    EXPECT_FALSE(parse_ip(text)) << text;
  }
}

}  // namespace
}  // namespace zkprobe::capture
