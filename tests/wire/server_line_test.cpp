// Every line here was also given to QuorumPeer.QuorumServer of Java 3.9.6, with the same outcome
// but for two: the secure client part, which only the master reads, and "|", which Java takes for a
// server without any address.
#include <gtest/gtest.h>

#include "wire/quorum_config.hpp"

namespace zkprobe::wire {
namespace {

// The line as Java prints it, or "refused".
std::string read(std::string_view value, bool multi_address = true) {
  const auto server = parse_server(Sid(1), value, multi_address);
  return server ? to_text(*server) : "refused";
}

TEST(ServerLine, IsPrintedWithItsTypeAndAWholeClientAddress) {
  EXPECT_EQ(read("zk1:2888:3888"), "zk1:2888:3888:participant");
  EXPECT_EQ(read("zk1:2888:3888:observer;2181"), "zk1:2888:3888:observer;0.0.0.0:2181");
  EXPECT_EQ(read("zk1:2888:3888;zk1:2181"), "zk1:2888:3888:participant;zk1:2181");
  EXPECT_EQ(read("zk1:2888:3888;"), "zk1:2888:3888:participant");
  EXPECT_EQ(read("zk1:+2888:03888: OBSERVER "), "zk1:2888:3888:observer");
  EXPECT_EQ(read(":2888:3888"), "localhost:2888:3888:participant");
  EXPECT_EQ(read("zk1:2888:3888::"), "zk1:2888:3888:participant");
}

TEST(ServerLine, WritesIpv6InBracketsWithEightGroups) {
  EXPECT_EQ(read("[::1]:2888:3888:participant;[::]:2181"),
            "[0:0:0:0:0:0:0:1]:2888:3888:participant;[0:0:0:0:0:0:0:0]:2181");
  EXPECT_EQ(read("::1:2888:3888"), "refused");
}

TEST(ServerLine, SortsSeveralAddressesByHost) {
  EXPECT_EQ(read("b:1:2|a:3:4:observer"), "a:3:4|b:1:2:observer");
  EXPECT_EQ(read("a:1:2|a:1:2"), "a:1:2:participant");
  EXPECT_EQ(read("a:1:2|b:3:4", false), "refused");
  EXPECT_NE(to_string(parse_server(Sid(1), "a:1:2|b:3:4", false).error())
                .find("-Dzookeeper.multiAddress.enabled=true"),
            std::string::npos);
  EXPECT_EQ(read("a:1:2:observer|b:3:4:participant"), "refused");
  EXPECT_EQ(read("|"), "refused");
}

TEST(ServerLine, RefusesWhatJavaRefuses) {
  for (const char* value : {"",
                            ";",
                            ";2181",
                            "zk1",
                            "zk1:2888",
                            "zk1:2888:3888:participant:x",
                            "zk1:x:3888",
                            "zk1:2888:",
                            "zk1:2888:65536",
                            "zk1:-1:3888",
                            "zk1:2888:3888:leader",
                            "zk1:2888:2888",
                            "zk1:2888:3888;x",
                            "zk1:2888:3888;a:b:1",
                            "zk1:2888:3888;:",
                            "zk1:2888:3888;65536",
                            "zk1:2888:3888;[::1]",
                            "[::1:2888:3888",
                            "[::1]:",
                            "zk1:2888 :3888",
                            "zk1:2888:3888;1;2;3"}) {
    EXPECT_EQ(read(value), "refused") << value;
  }
}

TEST(ServerLine, ReadsTheSecureClientPartOfTheMaster) {
  EXPECT_EQ(read("zk1:2888:3888;2181;zk1:2281"), "zk1:2888:3888:participant;0.0.0.0:2181;zk1:2281");
  EXPECT_EQ(read("zk1:2888:3888;;2281"), "zk1:2888:3888:participant;;0.0.0.0:2281");
}

TEST(ServerLine, BoundsTheNumberOfAddresses) {
  std::string line = "h0:1:2";
  for (std::size_t i = 1; i < kMaxServerAddresses; ++i) line += "|h" + std::to_string(i) + ":1:2";
  EXPECT_EQ(parse_server(Sid(1), line)->addresses.size(), kMaxServerAddresses);
  EXPECT_EQ(read(line + "|more:1:2"), "refused");
}

TEST(ServerLine, AnErrorNamesTheServerAndShowsTheValueSafely) {
  const auto refused = parse_server(Sid(-4), "zk1:2888:3888:\x1b[2J");
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(to_string(refused.error()),
            "server.-4 at byte 0: expected participant or observer, found zk1:2888:3888:\\x1b[2J");
}

}  // namespace
}  // namespace zkprobe::wire
