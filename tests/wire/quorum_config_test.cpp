#include "wire/quorum_config.hpp"

#include <gtest/gtest.h>

#include "support/fixtures.hpp"
#include "wire/notification.hpp"

namespace zkprobe::wire {
namespace {

// The text as it is printed again, or the error.
std::string read(std::string_view text) {
  const test::ExactBuffer buffer(as_bytes(text));
  const auto config = parse_quorum_config(
      std::string_view(reinterpret_cast<const char*>(buffer.view().data()), text.size()));
  return config ? to_text(*config) : "refused: " + to_string(config.error());
}

std::string refusal(std::string_view text) {
  const auto config = parse_quorum_config(text);
  return config ? "taken" : config.error().expected;
}

TEST(QuorumConfig, ReadsAMajorityQuorum) {
  const auto config = parse_quorum_config(
      "server.1=a:1:2:participant;a:3\nserver.2=b:1:2|c:1:2:observer\nversion=1000000ff");
  ASSERT_TRUE(config.has_value());
  EXPECT_FALSE(config->hierarchical());
  EXPECT_EQ(config->version, ConfigVersion(0x1000000ff));
  EXPECT_EQ(config->voters(), std::vector<Sid>{Sid(1)});
  EXPECT_EQ(config->observers(), std::vector<Sid>{Sid(2)});
  EXPECT_EQ(config->find(Sid(1))->client, (HostPort{"a", 3}));
  EXPECT_EQ(config->find(Sid(2))->addresses.size(), 2U);
  EXPECT_EQ(config->find(Sid(3)), nullptr);
}

TEST(QuorumConfig, ReadsAHierarchicalQuorumAndAddsTheWeightOfOne) {
  EXPECT_EQ(read("server.1=a:1:2\nserver.2=b:1:2\nserver.3=c:1:2:observer\ngroup.1=1:2\n"
                 "weight.2=0\nversion=0"),
            "server.1=a:1:2:participant\nserver.2=b:1:2:participant\nserver.3=c:1:2:observer\n"
            "group.1=1:2\nweight.2=0\nweight.1=1\nversion=0");
}

// Found by the fuzzer: ":" splits into nothing, and Java prints no group that has no member.
TEST(QuorumConfig, AGroupWithoutMembersIsNone) {
  EXPECT_EQ(read("server.1=a:1:2\ngroup.1=1\ngroup.2=:\nweight.1=1"),
            "server.1=a:1:2:participant\ngroup.1=1\nweight.1=1\nversion=0");
}

TEST(QuorumConfig, FollowsTheSyntaxOfPropertyFiles) {
  EXPECT_EQ(read("# c\r\nserver.1 : a:1:2\\\r\n  :observer\nserver.1=a:1:2\n\\u0076ersion = Ff"),
            "server.1=a:1:2:participant\nversion=ff");
  EXPECT_EQ(read(""), "version=0");
  EXPECT_EQ(read("server.1=a:1:2\nserver.01=b:1:2"), "server.1=b:1:2:participant\nversion=0");
  EXPECT_EQ(read("\\ version=7"), "version=0");  // known by its trimmed name, then passed over
}

// What Java answers with a ConfigException: it goes on without the configuration.
TEST(QuorumConfig, RefusesWhatIsAConfigExceptionInJava) {
  EXPECT_EQ(refusal("tickTime=2000"), "server.*, group*, weight* or version");
  EXPECT_EQ(refusal("my very invalid config string"), "server.*, group*, weight* or version");
  EXPECT_EQ(refusal("server=a:1:2"), "server.*, group*, weight* or version");
  EXPECT_EQ(refusal("server.1=a:1"), "host:port:port[:type]");
  EXPECT_EQ(refusal("server.1=a:1:2\ngroup.1=1\ngroup.2=1"), "each server in one group");
  EXPECT_EQ(refusal("server.1=a:1:2\nweight.1=1"), "a group for every participant");
}

// What ends the receiver thread of every release: an error here and nothing more.
TEST(QuorumConfig, RefusesWhatKillsTheReceiverInJava) {
  EXPECT_EQ(refusal("server.x=a:1:2"), "a number behind the '.'");
  EXPECT_EQ(refusal("server.=a:1:2"), "a number behind the '.'");
  EXPECT_EQ(refusal("server.9223372036854775808=a:1:2"), "a number behind the '.'");
  EXPECT_EQ(refusal("server.1=a:1:65536"), "ports of 0..65535");
  EXPECT_EQ(refusal("server.1=;"), "server[;client[;secure client]]");
  EXPECT_EQ(refusal("version=x"), "a hexadecimal number");
  EXPECT_EQ(refusal("version="), "a hexadecimal number");
  EXPECT_EQ(refusal("version=0x1"), "a hexadecimal number");
  EXPECT_EQ(refusal("version=8000000000000000"), "a hexadecimal number");
  EXPECT_EQ(refusal("version=\\u12"), "\\u and four hex digits");
  EXPECT_EQ(refusal("group=1"), "a number behind the '.'");
  EXPECT_EQ(refusal("group.1="), "server ids with ':' between");
  EXPECT_EQ(refusal("weight.1=x"), "a number");
  EXPECT_EQ(refusal("server.1=a:1:2:observer"), "a participant");
  EXPECT_EQ(refusal("server.1=a:1:2\ngroup.1=1:9"), "a weight for every member of a group");
}

TEST(QuorumConfig, AnErrorNamesTheLine) {
  EXPECT_EQ(read("server.1=a:1:2\n\nserver.2=b:1:\n"),
            "refused: server.2 at byte 0: expected host:port:port[:type], "
            "found line 3: server.2=b:1:");
}

TEST(QuorumConfig, BoundsTheTextAndTheNumberOfServers) {
  EXPECT_EQ(refusal(std::string(kMaxConfigText + 1, '\n')), "at most 1048576 bytes");
  EXPECT_EQ(refusal(std::string(kMaxConfigText, '\n')), "taken");
  std::string text;
  for (std::size_t i = 0; i < kMaxServers; ++i) text += "server." + std::to_string(i) + "=a:1:2\n";
  EXPECT_EQ(refusal(text), "taken");
  EXPECT_EQ(refusal(text + "server.-1=a:1:2"), "at most 4096 servers");
}

TEST(QuorumConfig, EveryPrefixOfATextIsTakenOrRefusedWithoutHarm) {
  const auto golden =
      decode_notification(test::read_golden("wire/notification-3.9.3-hier.hex"), Dialect{});
  ASSERT_TRUE(golden.has_value());
  const std::string text = *golden->config;
  std::size_t taken = 0;
  for (std::size_t n = 0; n <= text.size(); ++n) {
    taken += read(std::string_view(text).substr(0, n)).starts_with("refused") ? 0 : 1;
  }
  EXPECT_GT(taken, 1U);
  EXPECT_LT(taken, text.size());
}

TEST(QuorumConfig, PrintsAVersionAsA64BitPattern) {
  QuorumConfig config;
  config.version = ConfigVersion(-1);
  EXPECT_EQ(to_text(config), "version=ffffffffffffffff");
}

// The order in which a Java 3.5.10 ensemble printed its members 17, 1, 33, 100 and 5000000000:
// buckets 1, 1, 1, 4 and 4. Within a bucket it is whatever the JVM made it.
TEST(OrderAsJava, GoesByBucket) {
  QuorumConfig config;
  for (const std::int64_t sid : {100L, 33L, 5'000'000'000L, 1L, 17L, -1L, 15L}) {
    config.servers.push_back({Sid(sid), {{"h", 1, 2}}, LearnerType::kParticipant, {}, {}});
    config.weights.push_back({Sid(sid), 1});
  }
  config.groups = {{16, {Sid(3), Sid(16)}}, {2, {Sid(2)}}};
  order_as_java(config);
  std::vector<std::int64_t> sids;
  for (const auto& server : config.servers) sids.push_back(server.sid.value);
  EXPECT_EQ(sids, (std::vector<std::int64_t>{-1, 33, 1, 17, 100, 5'000'000'000, 15}));
  EXPECT_EQ(config.weights.front().first, Sid(-1));
  EXPECT_EQ(config.groups.front(),
            (std::pair<std::int64_t, std::vector<Sid>>{16, {Sid(16), Sid(3)}}));
}

TEST(OrderAsJava, TheTableGrowsWithTheThirteenthEntry) {
  QuorumConfig config;
  for (const std::int64_t sid : {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 16}) {
    config.servers.push_back({Sid(sid), {{"h", 1, 2}}, LearnerType::kParticipant, {}, {}});
  }
  order_as_java(config);
  EXPECT_EQ(config.servers.front().sid, Sid(16));  // bucket 0 of 16
  config.servers.push_back({Sid(12), {{"h", 1, 2}}, LearnerType::kParticipant, {}, {}});
  order_as_java(config);
  EXPECT_EQ(config.servers.back().sid, Sid(16));  // bucket 16 of 32
}

}  // namespace
}  // namespace zkprobe::wire
