#include "address.hpp"

#include <gtest/gtest.h>
#include <CLI/CLI.hpp>

#include <initializer_list>
#include <utility>

namespace zkprobe::tool {
namespace {

using wire::HostPort;

TEST(Address, TakesHostPortAndBracketedIpv6) {
  EXPECT_EQ(parse_address("zk1"), (HostPort{"zk1", 3888}));
  EXPECT_EQ(parse_address("zk1:21"), (HostPort{"zk1", 21}));
  EXPECT_EQ(parse_address("10.0.0.1:65535"), (HostPort{"10.0.0.1", 65535}));
  EXPECT_EQ(parse_address("[::1]:3888"), (HostPort{"::1", 3888}));
  EXPECT_EQ(parse_address("[fe80::1%eth0]"), (HostPort{"fe80::1%eth0", 3888}));
  EXPECT_EQ(parse_address("zk1", 2181), (HostPort{"zk1", 2181}));
}

TEST(Address, TakesIpv6WithoutBracketsAsAHostAlone) {
  EXPECT_EQ(parse_address("::1"), (HostPort{"::1", 3888}));
  EXPECT_EQ(parse_address("2001:db8::1"), (HostPort{"2001:db8::1", 3888}));
}

TEST(Address, SaysWhatIsWrongAndWhatWasExpected) {
  const std::initializer_list<std::pair<std::string, std::string>> wrong = {
      {"", "the host is missing"},
      {":3888", "the host is missing"},
      {"h:", "the port '' is not a number of 1..65535"},
      {"h:0", "the port '0' is not"},
      {"h:65536", "the port '65536' is not"},
      {"h:-1", "the port '-1' is not"},
      {"h:38x", "the port '38x' is not"},
      {"h:99999999999999999999", "is not a number of 1..65535"},
      {"[::1", "']' is missing"},
      {"[::1]3888", "':' must follow ']'"},
      {"[::1]:", "the port '' is not"},
      {"[]:1", "no IPv6 address in brackets"},
      {"[zk1]:3888", "no IPv6 address in brackets"},
      {"a b", "a character that no host has"},
      {"zk://h", "the port '//h' is not"},
      {"h/x", "a character that no host has"},
      {"http://h:1", "two colons"},
      {"h:1:2", "two colons"},
      {std::string(254, 'a'), "longer than 253 characters"},
  };
  for (const auto& [text, why] : wrong) {
    const auto result = parse_address(text);
    ASSERT_FALSE(result.has_value()) << text;
    EXPECT_NE(result.error().find(why), std::string::npos) << result.error();
    EXPECT_NE(result.error().find("expected host[:port] or [IPv6]:port"), std::string::npos);
    EXPECT_EQ(result.error().find('\n'), std::string::npos);
  }
}

TEST(Address, AListHasNoEmptyPiece) {
  const auto list = parse_address_list("zk1,[::1]:1,zk3:2");
  ASSERT_TRUE(list.has_value());
  EXPECT_EQ(*list, (std::vector<HostPort>{{"zk1", 3888}, {"::1", 1}, {"zk3", 2}}));
  for (const char* text : {"", ",", "a,", ",a", "a,,b"}) {
    EXPECT_FALSE(parse_address_list(text).has_value()) << text;
  }
}

TEST(Address, EqualAddressesAreAskedOnceAndTooManyAreRefused) {
  std::vector<HostPort> addresses;
  CLI::App app;
  add_addresses(app, &addresses, "");
  app.parse("a b,a:3888 c");
  EXPECT_EQ(addresses, (std::vector<HostPort>{{"a", 3888}, {"b", 3888}, {"c", 3888}}));

  std::vector<HostPort> one;
  CLI::App single;
  add_addresses(single, &one, "", 1);
  EXPECT_THROW(single.parse("a b"), CLI::ParseError);
}

}  // namespace
}  // namespace zkprobe::tool
