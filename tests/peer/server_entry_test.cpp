#include "peer/server_entry.hpp"

#include <gtest/gtest.h>

namespace zkprobe::peer {
namespace {

constexpr Release k346{3, 4, 6};
constexpr Release k3414{3, 4, 14};
constexpr Release k350{3, 5, 0};
constexpr Release k3510{3, 5, 10};
constexpr Release k36{3, 6, 4};

ServerEntry parse(std::string_view value, Release release, bool multi_address = false) {
  return parse_server_entry(Sid(4), value, release, multi_address);
}

TEST(ServerEntry, TheElectionPortMayBeMissingUntil34) {
  const auto old = parse("host:2888", k3414);
  ASSERT_TRUE(old && *old);
  EXPECT_EQ((*old)->addresses[0], (wire::ServerAddress{"host", 2888, 0}));
  EXPECT_FALSE(parse("host:2888", k350));
  EXPECT_FALSE(parse("host:2888", k36));
}

TEST(ServerEntry, ALineOfFivePartsIsDroppedUntil346AndCutLater) {
  const auto dropped = parse("host:1:2:participant:x", k346);
  ASSERT_TRUE(dropped);
  EXPECT_FALSE(dropped->has_value());
  const auto cut = parse("host:1:2:observer:x", k3414);
  ASSERT_TRUE(cut && *cut);
  EXPECT_EQ((*cut)->type, wire::LearnerType::kObserver);
  EXPECT_FALSE(parse("host:1:2:observer:x", k3510));
}

TEST(ServerEntry, IPv6InBracketsCameWith349And352) {
  EXPECT_FALSE(parse("[::1]:1:2", Release{3, 4, 8}));
  EXPECT_TRUE(parse("[::1]:1:2", Release{3, 4, 9}));
  EXPECT_FALSE(parse("[::1]:1:2", Release{3, 5, 1}));
  const auto read = parse("[::1]:1:2;[::1]:3", Release{3, 5, 2});
  ASSERT_TRUE(read && *read);
  EXPECT_EQ((*read)->addresses[0].host, "0:0:0:0:0:0:0:1");
  EXPECT_EQ((*read)->client, (wire::HostPort{"0:0:0:0:0:0:0:1", 3}));
}

// ZOOKEEPER-2873
TEST(ServerEntry, EqualPortsAreRefusedFrom355On) {
  EXPECT_TRUE(parse("host:5:5", k3414));
  EXPECT_TRUE(parse("host:5:5", Release{3, 5, 4}));
  EXPECT_FALSE(parse("host:5:5", Release{3, 5, 5}));
  EXPECT_FALSE(parse("host:5:5", k36));
}

TEST(ServerEntry, SeveralAddressesNeed36AndTheProperty) {
  EXPECT_FALSE(parse("a:1:2|b:3:4", k3510, true));
  EXPECT_FALSE(parse("a:1:2|b:3:4", k36, false));
  const auto read = parse("a:1:2|b:3:4:observer", k36, true);
  ASSERT_TRUE(read && *read);
  EXPECT_EQ((*read)->addresses.size(), 2U);
}

TEST(ServerEntry, TheSecureClientPartIsOfNoReleaseYet) {
  EXPECT_TRUE(parse("a:1:2;3", k36));
  EXPECT_FALSE(parse("a:1:2;3;4", k36));
  EXPECT_FALSE(parse("a:1:2;3;4", k3510));
  EXPECT_TRUE(parse("a:1:2;;", k36)) << "empty pieces at the end are dropped";
}

TEST(ServerEntry, OnlyOldReleasesTrimTheLine) {
  EXPECT_TRUE(parse("a:1:2 ", k3414));
  EXPECT_FALSE(parse("a:1:2 ", k3510));
  EXPECT_FALSE(parse("a:1:2:participant ", k3510));
  EXPECT_TRUE(parse("a:1:2:participant ", k36));
}

TEST(ServerEntry, TheRefusalSaysWhatWasExpected) {
  EXPECT_EQ(parse("a:1:70000", k3414).error(), "ports of 0..65535");
  EXPECT_EQ(parse("a:1:2:voter", k3510).error(), "participant or observer");
  EXPECT_EQ(parse("a:1:2;x", k3510).error(), "a client part of port or host:port");
}

}  // namespace
}  // namespace zkprobe::peer
