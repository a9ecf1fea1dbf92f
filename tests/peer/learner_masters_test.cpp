#include "peer/learner_masters.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace zkprobe::peer {
namespace {

wire::QuorumConfig config() {
  return *wire::parse_quorum_config(
      "server.1=h1:2888:3888:participant\nserver.2=h2:2888:3888|h2b:2889:3889:participant\n"
      "server.3=h3:2888:3888:participant\nserver.4=h4:2888:3888:observer\nversion=0");
}

TEST(LearnerMasters, WithoutThePortItIsTheLeaderWithAllItsAddresses) {
  LearnerMasters masters(0, SeededRandom(1));
  EXPECT_EQ(masters.next(config(), Sid(2)),
            (std::vector<wire::HostPort>{{"h2", 2888}, {"h2b", 2889}}));
  EXPECT_TRUE(masters.next(config(), Sid(9)).empty());
}

TEST(LearnerMasters, WithThePortEveryVoterHasItsTurn) {
  LearnerMasters masters(2191, SeededRandom(1));
  std::vector<std::string> turns;
  for (int i = 0; i < 6; ++i) {
    const auto to = masters.next(config(), Sid(2));
    ASSERT_EQ(to.size(), 1u);
    EXPECT_EQ(to[0].port, 2191);
    turns.push_back(to[0].host);
  }
  EXPECT_EQ(std::set<std::string>(turns.begin(), turns.begin() + 3),
            (std::set<std::string>{"h1", "h2", "h3"}));
  EXPECT_TRUE(std::equal(turns.begin(), turns.begin() + 3, turns.begin() + 3));
}

TEST(LearnerMasters, TheOrderIsRandom) {
  std::set<std::string> first;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    first.insert(LearnerMasters(2191, SeededRandom(seed)).next(config(), Sid(2))[0].host);
  }
  EXPECT_EQ(first.size(), 3u);
}

TEST(LearnerMasters, AnotherConfigurationIsListedAnew) {
  LearnerMasters masters(2191, SeededRandom(1));
  masters.next(config(), Sid(2));
  wire::QuorumConfig one = config();
  one.servers.resize(1);
  EXPECT_EQ(masters.next(one, Sid(1)), (std::vector<wire::HostPort>{{"h1", 2191}}));
  one.servers.clear();
  EXPECT_TRUE(masters.next(one, Sid(1)).empty());
}

}  // namespace
}  // namespace zkprobe::peer
