#include "capture/directory.hpp"

#include <gtest/gtest.h>

#include "build.hpp"

namespace zkprobe::capture {
namespace {

const IpAddress kElsewhere = *parse_ip("10.9.9.9");

TEST(Directory, KnowsTheAddressesOfAConfiguration) {
  Directory directory;
  directory.config(
      "server.1=10.0.0.1:2888:3888:participant;0.0.0.0:2181\n"
      "server.2=10.0.0.2:2888:3888:observer\nversion=0");
  EXPECT_EQ(directory.find(at("10.0.0.1", 3888), kElsewhere), Sid(1));
  EXPECT_EQ(directory.find(at("10.0.0.2", 2888), kElsewhere), Sid(2));
  EXPECT_TRUE(directory.election_port(at("10.0.0.1", 3888)));
  EXPECT_TRUE(directory.learner_port(at("10.0.0.1", 2888)));
  EXPECT_FALSE(directory.election_port(at("10.0.0.1", 2888)));
  EXPECT_FALSE(directory.find(at("10.0.0.3", 3888), kElsewhere));
}

TEST(Directory, NamesAreKnownByTheirPortWhileOnlyOneServerHasIt) {
  Directory directory;
  directory.config(
      "server.1=zoo1:2881:3881:participant\nserver.2=zoo2:2882:3882:participant\nversion=0");
  EXPECT_EQ(directory.find(at("10.0.0.1", 3881), kElsewhere), Sid(1));
  directory.config(
      "server.1=zoo1:2881:3881:participant\nserver.3=zoo3:2881:3881:participant\nversion=1");
  EXPECT_FALSE(directory.find(at("10.0.0.1", 3881), kElsewhere));
}

TEST(Directory, AHostIsItsOnlyServerForThoseWhoStandElsewhere) {
  Directory directory;
  directory.greeting(*parse_ip("10.0.0.3"), {wire::GreetingForm::kBareSid, Sid(3), {}});
  EXPECT_EQ(directory.find(at("10.0.0.3", 3888), kElsewhere), Sid(3));
  EXPECT_FALSE(directory.find(at("10.0.0.3", 3888), *parse_ip("10.0.0.3")));
  directory.learner(*parse_ip("10.0.0.3"), Sid(4));
  EXPECT_FALSE(directory.find(at("10.0.0.3", 3888), kElsewhere));
}

TEST(Directory, AGreetingsWildcardIsNoAddress) {
  Directory directory;
  directory.greeting(kElsewhere, {wire::GreetingForm::kV1, Sid(2), {{"0.0.0.0", 3882}}});
  EXPECT_FALSE(directory.election_port(at("0.0.0.0", 3882)));
  EXPECT_EQ(directory.find(at("10.0.0.1", 3882), kElsewhere), Sid(2));
}

TEST(Directory, WhatWasLearntLastCounts) {
  Directory directory;
  directory.leading(kAcceptor, Sid(1));
  const auto before = directory.version();
  directory.leading(kAcceptor, Sid(1));
  EXPECT_EQ(directory.version(), before);
  directory.leading(kAcceptor, Sid(2));
  EXPECT_EQ(directory.find(kAcceptor, kElsewhere), Sid(2));
}

TEST(Directory, IsBounded) {
  Directory directory;
  for (std::uint32_t i = 0; i < 2 * Directory::kMaxEntries; ++i) {
    Endpoint endpoint = kAcceptor;
    endpoint.host.low = (endpoint.host.low & ~std::uint64_t{0xffff}) | (i & 0xffff);
    endpoint.port = static_cast<std::uint16_t>(1 + (i >> 16));
    directory.leading(endpoint, Sid(i));
  }
  EXPECT_LE(directory.version(), Directory::kMaxEntries);
}

}  // namespace
}  // namespace zkprobe::capture
