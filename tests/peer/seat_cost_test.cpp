#include "peer/seat_cost.hpp"

#include <gtest/gtest.h>

namespace zkprobe::peer {
namespace {

wire::QuorumConfig voters(int count) {
  wire::QuorumConfig config;
  for (int sid = 1; sid <= count; ++sid) {
    config.servers.push_back({Sid(sid), {{"h", 1, 2}}, wire::LearnerType::kParticipant, {}, {}});
  }
  return config;
}

std::optional<std::size_t> left(int count, const quorum::SidSet& decline = {Sid(1)}) {
  return failures_left(quorum::QuorumVerifier(voters(count)), decline);
}

TEST(SeatCost, OfAMajorityIsOneFailureLess) {
  EXPECT_EQ(left(1), std::nullopt);
  EXPECT_EQ(left(2), std::nullopt);
  EXPECT_EQ(left(3), 0u);
  EXPECT_EQ(left(4), 0u);
  EXPECT_EQ(left(5), 1u);
  EXPECT_EQ(left(7), 2u);
  EXPECT_EQ(left(101), 49u);
}

TEST(SeatCost, OfSeveralIsThatOfEach) {
  EXPECT_EQ(left(3, {Sid(1), Sid(2)}), std::nullopt);
  EXPECT_EQ(left(5, {Sid(1), Sid(2)}), 0u);
  EXPECT_EQ(left(5, {Sid(1), Sid(2), Sid(3)}), std::nullopt);
  EXPECT_EQ(left(7, {Sid(1), Sid(7)}), 1u);
  EXPECT_EQ(left(5, {Sid(1), Sid(9)}), 1u) << "who is no voter costs nothing";
}

TEST(SeatCost, OfGroupsIsThatOfTheWorstSet) {
  wire::QuorumConfig config = voters(9);
  config.groups = {
      {1, {Sid(1), Sid(2), Sid(3)}}, {2, {Sid(4), Sid(5), Sid(6)}}, {3, {Sid(7), Sid(8), Sid(9)}}};
  for (int sid = 1; sid <= 9; ++sid) config.weights.emplace_back(Sid(sid), 1);
  // Two groups of the three suffice, and each bears one failure: 2 and 4 and 5 are too many.
  EXPECT_EQ(failures_left(quorum::QuorumVerifier(config), {Sid(1)}), 2u);
  // A group whose weight is the declining server's alone does not count any more.
  config.weights[1].second = 0;
  config.weights[2].second = 0;
  EXPECT_EQ(failures_left(quorum::QuorumVerifier(config), {Sid(1)}), 1u);
}

}  // namespace
}  // namespace zkprobe::peer
