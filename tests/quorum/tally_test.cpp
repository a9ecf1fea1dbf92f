#include "quorum/tally.hpp"

#include <gtest/gtest.h>

#include "quorum/config_text.hpp"

namespace zkprobe::quorum {
namespace {

using test::config_of;

TEST(Tally, OneConfigurationNeedsItsQuorum) {
  const QuorumVerifier committed(config_of({1, 2, 3}));
  Tally tally(committed, nullptr);
  EXPECT_FALSE(tally.has_all_quorums());
  EXPECT_TRUE(tally.add(Sid(1)));
  EXPECT_TRUE(tally.add(Sid(1)));
  EXPECT_FALSE(tally.add(Sid(9)));
  EXPECT_FALSE(tally.has_all_quorums());
  EXPECT_TRUE(tally.add(Sid(3)));
  EXPECT_TRUE(tally.has_all_quorums());
}

TEST(Tally, TwoConfigurationsNeedBothQuorums) {
  const QuorumVerifier committed(config_of({1, 2, 3}, {}, "", "1"));
  const QuorumVerifier next(config_of({3, 4, 5}, {}, "", "2"));
  Tally tally(committed, &next);
  tally.add(Sid(1));
  tally.add(Sid(2));
  EXPECT_FALSE(tally.has_all_quorums());
  EXPECT_TRUE(tally.add(Sid(4)));
  EXPECT_FALSE(tally.has_all_quorums());
  tally.add(Sid(3));
  EXPECT_TRUE(tally.has_all_quorums());
}

TEST(Tally, ALastSeenConfigurationThatIsNotNewerDoesNotCount) {
  const QuorumVerifier committed(config_of({1, 2, 3}, {}, "", "2"));
  const QuorumVerifier old(config_of({4, 5, 6}, {}, "", "2"));
  Tally tally(committed, &old);
  EXPECT_FALSE(tally.add(Sid(4)));
  tally.add(Sid(1));
  tally.add(Sid(2));
  EXPECT_TRUE(tally.has_all_quorums());
}

}  // namespace
}  // namespace zkprobe::quorum
