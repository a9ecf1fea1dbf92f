#include "quorum/quorum_verifier.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "quorum/config_text.hpp"

namespace zkprobe::quorum {
namespace {

using test::config_of;

SidSet sids(std::initializer_list<std::int64_t> ids) {
  SidSet set;
  for (const std::int64_t id : ids) set.insert(Sid(id));
  return set;
}

// QuorumMajorityTest.testMajQuorums, its first half: five voters; 6 is nobody.
TEST(QuorumMajority, MoreThanHalfOfFiveVoters) {
  const QuorumVerifier verifier(config_of({1, 2, 3, 4, 5}));
  EXPECT_FALSE(verifier.contains_quorum(sids({1, 2})));
  EXPECT_FALSE(verifier.contains_quorum(sids({1, 2, 6})));
  EXPECT_TRUE(verifier.contains_quorum(sids({1, 2, 6, 3})));
}

// Its second half: three voters, 4 and 5 observe.
TEST(QuorumMajority, ObserversDoNotCount) {
  const QuorumVerifier verifier(config_of({1, 2, 3}, {4, 5}));
  EXPECT_FALSE(verifier.contains_quorum(sids({1})));
  EXPECT_FALSE(verifier.contains_quorum(sids({1, 4, 5})));
  EXPECT_FALSE(verifier.contains_quorum(sids({1, 4, 5, 6})));
  EXPECT_TRUE(verifier.contains_quorum(sids({1, 2, 4, 5, 6})));
}

TEST(QuorumMajority, HalfOfAnEvenNumberIsNotEnough) {
  const QuorumVerifier verifier(config_of({1, 2, 3, 4}));
  EXPECT_FALSE(verifier.contains_quorum(sids({1, 2})));
  EXPECT_TRUE(verifier.contains_quorum(sids({1, 2, 3})));
}

TEST(QuorumMajority, EveryIdWeighsOne) {
  const QuorumVerifier verifier(config_of({1, 2, 3}));
  EXPECT_EQ(1, verifier.weight(Sid(1)));
  EXPECT_EQ(1, verifier.weight(Sid(99)));
  EXPECT_EQ(sids({1, 2, 3}), verifier.voters());
}

TEST(QuorumMajority, NoVotersNoQuorum) {
  const QuorumVerifier verifier(wire::QuorumConfig{});
  EXPECT_FALSE(verifier.contains_quorum({}));
  EXPECT_FALSE(verifier.contains_quorum(sids({1})));
}

// HierarchicalQuorumTest: group 2 weighs nothing, so that only group 1 counts.
TEST(QuorumHierarchical, AGroupOfWeightZeroDoesNotCount) {
  const QuorumVerifier verifier(config_of({1, 2, 3, 4, 5}, {},
                                          "group.1=1:2:3\ngroup.2=4:5\n"
                                          "weight.1=1\nweight.2=1\nweight.3=1\n"
                                          "weight.4=0\nweight.5=0\n"));
  EXPECT_TRUE(verifier.contains_quorum(sids({1, 2})));
  EXPECT_FALSE(verifier.contains_quorum(sids({1})));
  EXPECT_FALSE(verifier.contains_quorum(sids({1, 4, 5})));
  EXPECT_FALSE(verifier.contains_quorum({}));
  EXPECT_EQ(0, verifier.weight(Sid(4)));
  EXPECT_EQ(1, verifier.weight(Sid(3)));
}

// ObserverHierarchicalQuorumTest: 4 and 5 observe and are in no group.
TEST(QuorumHierarchical, ObserversDoNotCount) {
  const QuorumVerifier verifier(config_of({1, 2, 3}, {4, 5}, "group.1=1:2:3\n"));
  EXPECT_TRUE(verifier.contains_quorum(sids({1, 2, 4})));
  EXPECT_FALSE(verifier.contains_quorum(sids({1, 4, 5})));
}

TEST(QuorumHierarchical, MoreThanHalfOfTheGroupsByMoreThanHalfOfTheirWeight) {
  const QuorumVerifier verifier(
      config_of({1, 2, 3, 4, 5, 6, 7, 8, 9}, {}, "group.1=1:2:3\ngroup.2=4:5:6\ngroup.3=7:8:9\n"));
  EXPECT_TRUE(verifier.contains_quorum(sids({1, 2, 4, 5})));
  EXPECT_FALSE(verifier.contains_quorum(sids({1, 2, 3, 4, 7})));
  EXPECT_FALSE(verifier.contains_quorum(sids({1, 2, 3})));
  EXPECT_TRUE(verifier.contains_quorum(sids({4, 6, 8, 9})));
}

TEST(QuorumHierarchical, WeightsCount) {
  const QuorumVerifier verifier(
      config_of({1, 2, 3}, {}, "group.1=1:2:3\nweight.1=3\nweight.2=1\nweight.3=1\n"));
  EXPECT_TRUE(verifier.contains_quorum(sids({1})));
  EXPECT_FALSE(verifier.contains_quorum(sids({2, 3})));
}

TEST(QuorumHierarchical, AnIdWithoutAWeightWeighsNothing) {
  const QuorumVerifier verifier(config_of({1, 2, 3}, {}, "group.1=1:2:3\n"));
  EXPECT_EQ(0, verifier.weight(Sid(9)));
}

TEST(QuorumHierarchical, HostileWeightsWrapAsJavasLongDoes) {
  const std::string max = std::to_string(std::numeric_limits<std::int64_t>::max());
  const QuorumVerifier verifier(
      config_of({1, 2}, {}, "group.1=1:2\nweight.1=" + max + "\nweight.2=" + max + "\n"));
  EXPECT_TRUE(verifier.contains_quorum(sids({1})));  // the group weighs -2
}

// QuorumOracleMajTest.testMajQuorums: two voters; the leader's oracle is asked only when it has
// lost all followers.
TEST(QuorumOracle, AsksTheOracleOnlyWithoutFollowers) {
  wire::QuorumConfig config = config_of({1, 2});
  config.oracle = true;
  QuorumVerifier named(config);
  QuorumVerifier not_named(config);
  named.set_oracle(true, false);
  not_named.set_oracle(false, false);
  EXPECT_FALSE(named.contains_quorum(sids({1})));
  EXPECT_FALSE(named.contains_quorum(sids({1, 6})));
  EXPECT_TRUE(named.contains_quorum(sids({1, 6, 2})));
  named.set_oracle(true, true);
  not_named.set_oracle(false, true);
  EXPECT_TRUE(named.contains_quorum(sids({1})));
  EXPECT_FALSE(not_named.contains_quorum(sids({1})));
  EXPECT_TRUE(not_named.contains_quorum(sids({1, 2})));
}

TEST(QuorumOracle, IsNotAskedWithMoreThanTwoVoters) {
  wire::QuorumConfig config = config_of({1, 2, 3});
  config.oracle = true;
  QuorumVerifier verifier(config);
  verifier.set_oracle(true, true);
  EXPECT_FALSE(verifier.contains_quorum(sids({1})));
  EXPECT_TRUE(verifier.contains_quorum(sids({1, 2})));
}

TEST(QuorumOracle, MakesGroupsAMajority) {
  wire::QuorumConfig config = config_of({1, 2, 3}, {}, "group.1=1:2:3\nweight.1=9\n");
  config.oracle = true;
  const QuorumVerifier verifier(config);
  EXPECT_FALSE(verifier.contains_quorum(sids({1})));
  EXPECT_EQ(1, verifier.weight(Sid(1)));
}

TEST(SameConfig, AnEqualVersionIsEnough) {
  EXPECT_TRUE(same_config(config_of({1, 2}, {}, "", "5"), config_of({1, 3}, {}, "", "5")));
}

TEST(SameConfig, OtherwiseMembersTypesAndAddressesMustAgree) {
  const wire::QuorumConfig one = config_of({1, 2}, {3}, "", "5");
  EXPECT_TRUE(same_config(one, config_of({2, 1}, {3}, "", "6")));
  EXPECT_FALSE(same_config(one, config_of({1, 3}, {2}, "", "6")));
  EXPECT_FALSE(same_config(one, config_of({1, 2}, {3, 4}, "", "6")));
  wire::QuorumConfig moved = config_of({1, 2}, {3}, "", "6");
  moved.servers[0].addresses[0].election_port = 1;
  EXPECT_FALSE(same_config(one, moved));
  wire::QuorumConfig client = config_of({1, 2}, {3}, "", "6");
  client.servers[0].client = wire::HostPort{"127.0.0.1", 2181};
  EXPECT_FALSE(same_config(one, client));
}

TEST(SameConfig, TheOrderOfAddressesDoesNotMatter) {
  wire::QuorumConfig one = config_of({1}, {}, "", "5");
  wire::QuorumConfig other = config_of({1}, {}, "", "6");
  one.servers[0].addresses = {{"a", 1, 2}, {"b", 1, 2}};
  other.servers[0].addresses = {{"b", 1, 2}, {"a", 1, 2}};
  EXPECT_TRUE(same_config(one, other));
}

TEST(SameConfig, GroupsAndWeightsMustAgree) {
  const std::string group = "group.1=1:2:3\n";
  const wire::QuorumConfig one = config_of({1, 2, 3}, {}, group, "5");
  EXPECT_TRUE(same_config(one, config_of({1, 2, 3}, {}, group + "weight.1=1\n", "6")));
  EXPECT_FALSE(same_config(one, config_of({1, 2, 3}, {}, group + "weight.1=2\n", "6")));
  EXPECT_FALSE(same_config(one, config_of({1, 2, 3}, {}, "group.1=1:2\ngroup.2=3\n", "6")));
  EXPECT_FALSE(same_config(one, config_of({1, 2, 3}, {}, "", "5")));
}

TEST(SameConfig, AnOracleIsAnotherKindOfVerifier) {
  wire::QuorumConfig oracle = config_of({1, 2}, {}, "", "5");
  oracle.oracle = true;
  EXPECT_FALSE(same_config(oracle, config_of({1, 2}, {}, "", "5")));
}

}  // namespace
}  // namespace zkprobe::quorum
