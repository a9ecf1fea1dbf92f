#include "peer/reconfig.hpp"

#include <gtest/gtest.h>

namespace zkprobe::peer {
namespace {

using wire::LearnerType;

wire::QuorumServer server(std::int64_t sid, LearnerType type = LearnerType::kParticipant,
                          std::uint16_t port = 2888) {
  return {Sid(sid), {{"zk" + std::to_string(sid), port, 3888}}, type, {}, {}};
}
wire::QuorumConfig config(std::vector<wire::QuorumServer> servers) {
  wire::QuorumConfig result;
  result.servers = std::move(servers);
  return result;
}
const wire::QuorumConfig kBefore = config({server(1), server(2), server(3)});

Reconfig judge(const wire::QuorumConfig& after, std::optional<std::int64_t> designated,
               LearnerType type = LearnerType::kParticipant) {
  std::optional<Sid> leader;
  if (designated) leader = Sid(*designated);
  return judge_reconfig(kBefore, after, Sid(3), type, Sid(1), leader);
}

TEST(Reconfig, ThatLeavesLeaderAndRoleChangesNothing) {
  const Reconfig result = judge(config({server(1), server(2), server(3), server(4)}), 1);
  EXPECT_FALSE(result.leaves());
}

TEST(Reconfig, AnObserverBecomesAParticipantAndTheOtherWayRound) {
  EXPECT_TRUE(judge(kBefore, 1, LearnerType::kObserver).role_changes);
  EXPECT_EQ(judge(kBefore, 1, LearnerType::kObserver).type, LearnerType::kParticipant);
  const auto observes = config({server(1), server(2), server(3, LearnerType::kObserver)});
  EXPECT_TRUE(judge(observes, 1).role_changes);
  EXPECT_FALSE(judge(observes, 1, LearnerType::kObserver).role_changes);
}

// "Becoming a non-voting participant": who was one already goes on following.
TEST(Reconfig, WhoIsNotNamedIsAParticipantWithoutAVote) {
  const auto without = config({server(1), server(2)});
  EXPECT_FALSE(judge(without, 1).leaves());
  EXPECT_TRUE(judge(without, 1, LearnerType::kObserver).role_changes);
}

TEST(Reconfig, AnotherDesignatedLeaderIsLookedFor) {
  EXPECT_TRUE(judge(config({server(2), server(3)}), 2).leader_changes);
  EXPECT_TRUE(judge(config({server(2), server(3)}), 3).leader_changes);
}

TEST(Reconfig, WithoutADesignatedLeaderItsAddressDecides) {
  EXPECT_FALSE(judge(kBefore, std::nullopt).leader_changes);
  EXPECT_TRUE(judge(config({server(2), server(3)}), std::nullopt).leader_changes);
  const auto moved = config({server(1, LearnerType::kParticipant, 2999), server(2), server(3)});
  EXPECT_TRUE(judge(moved, std::nullopt).leader_changes);
}

}  // namespace
}  // namespace zkprobe::peer
