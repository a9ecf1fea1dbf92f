#include "quorum/link_policy.hpp"

#include <gtest/gtest.h>

#include "quorum/config_text.hpp"

namespace zkprobe::quorum {
namespace {

using wire::HostPort;
using Addresses = std::vector<HostPort>;

constexpr Release k34{3, 4, 14};

TEST(LinkPolicy, OfTwoServersExactlyOneKeepsTheLinkItDialled) {
  for (const auto& [a, b] : {std::pair(1, 2), std::pair(-1, 0), std::pair(7, -3)}) {
    const bool a_keeps = dialler_keeps(Sid(a), Sid(b));
    EXPECT_NE(a_keeps, dialler_keeps(Sid(b), Sid(a)));
    EXPECT_EQ(a_keeps ? LinkDecision::kKeep : LinkDecision::kCloseAndDialBack,
              decide_accepted(Sid(b), Sid(a)));
  }
}

TEST(LinkPolicy, OurOwnIdIsRefused) {
  EXPECT_EQ(LinkDecision::kRefuseOwnId, decide_accepted(Sid(3), Sid(3)));
}

TEST(LinkPolicy, ObserversWithoutAnIdAreCountedDownAndDialledBack) {
  ObserverIds ids;
  EXPECT_EQ(Sid(-1), ids.name(kObserverId));
  EXPECT_EQ(Sid(5), ids.name(Sid(5)));
  EXPECT_EQ(Sid(-2), ids.name(kObserverId));
  EXPECT_EQ(LinkDecision::kCloseAndDialBack, decide_accepted(Sid(0), Sid(-2)));
}

TEST(LinkPolicy, TheGreetingsAddressIsDialledBack) {
  const auto config = test::config_of({1, 2, 3});
  const Addresses greeting{{"10.0.0.1", 3888}};
  EXPECT_EQ(greeting, dial_back_addresses(Sid(1), greeting, config, nullptr, kNewestRelease));
  EXPECT_EQ(greeting, dial_back_addresses(Sid(-1), greeting, config, nullptr, kNewestRelease));
}

TEST(LinkPolicy, AWildcardInTheGreetingIsNotDialled) {
  const auto config = test::config_of({1, 2, 3});
  const Addresses wildcard{{"0.0.0.0", 3888}, {"::", 3888}};
  EXPECT_EQ((Addresses{{"127.0.0.1", 30001}}),
            dial_back_addresses(Sid(1), wildcard, config, nullptr, kNewestRelease));
  EXPECT_EQ((Addresses{{"b", 2}}), dial_back_addresses(Sid(1), {{"0.0.0.0", 1}, {"b", 2}}, config,
                                                       nullptr, kNewestRelease));
  EXPECT_EQ(Addresses{}, dial_back_addresses(Sid(9), wildcard, config, nullptr, kNewestRelease));
}

TEST(LinkPolicy, The34LineDoesNotLookAtTheGreetingsAddress) {
  const auto config = test::config_of({1, 2, 3});
  EXPECT_EQ((Addresses{{"127.0.0.1", 30001}}),
            dial_back_addresses(Sid(1), {{"10.0.0.1", 3888}}, config, nullptr, k34));
}

TEST(LinkPolicy, CommittedAddressesComeBeforeLastSeenOnesThatDiffer) {
  const auto committed = test::config_of({1, 2, 3});
  auto last_seen = test::config_of({1, 2, 3, 4}, {}, "", "5");
  EXPECT_EQ((Addresses{{"127.0.0.1", 30001}}),
            dial_addresses(Sid(1), committed, &last_seen, kNewestRelease));
  last_seen.servers[0].addresses[0].election_port = 4000;
  EXPECT_EQ((Addresses{{"127.0.0.1", 30001}, {"127.0.0.1", 4000}}),
            dial_addresses(Sid(1), committed, &last_seen, kNewestRelease));
  EXPECT_EQ((Addresses{{"127.0.0.1", 30004}}),
            dial_addresses(Sid(4), committed, &last_seen, kNewestRelease));
  EXPECT_EQ(Addresses{}, dial_addresses(Sid(4), committed, &last_seen, k34));
  EXPECT_EQ(Addresses{}, dial_addresses(Sid(9), committed, nullptr, kNewestRelease));
}

TEST(LinkPolicy, Release33KeepsAHundredPayloadsAndLaterOnesTheNewest) {
  EXPECT_EQ(send_capacity({3, 3, 6}), 100u);
  EXPECT_TRUE(repeats_before_waiting({3, 3, 6}));
  for (const Release release : {Release{3, 4, 0}, Release{3, 5, 0}, kNewestRelease}) {
    EXPECT_EQ(send_capacity(release), 1u);
    EXPECT_FALSE(repeats_before_waiting(release));
  }
}

TEST(LinkPolicy, DecisionsHaveNames) {
  EXPECT_EQ("keep", to_string(LinkDecision::kKeep));
  EXPECT_EQ("close and dial back", to_string(LinkDecision::kCloseAndDialBack));
  EXPECT_EQ("refuse our own id", to_string(LinkDecision::kRefuseOwnId));
}

}  // namespace
}  // namespace zkprobe::quorum
