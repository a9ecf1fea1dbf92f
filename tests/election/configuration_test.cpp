// Configurations in votes; more of it is told in fixtures/election (reconfig_*,
// two_configurations).
#include <gtest/gtest.h>

#include "election/election.hpp"
#include "election/machine.hpp"

namespace zkprobe::election {
namespace {

using test::at;
using test::from;
using test::only;
using test::settings_of;
using test::voters;
using wire::ServerState;

const LogPosition kEmpty{Zxid(0), PeerEpoch(0)};

Settings with_reconfig(std::int64_t self) {
  Settings settings = settings_of(self);
  settings.reconfig_enabled = true;
  return settings;
}

Received with_config(std::int64_t sid, const wire::QuorumConfig& config) {
  return from(sid, {ServerState::kLooking, sid, 0, 1, 0, wire::to_text(config)});
}

TEST(Configuration, ANewerOneWithOtherMembersRestartsTheElection) {
  Election machine(with_reconfig(1), voters({1, 2, 3}, 5));
  machine.step(at(0), Look{kEmpty});
  const auto adopted = only<AdoptConfig>(machine.step(at(0), with_config(2, voters({1, 2}, 6))));
  ASSERT_EQ(1U, adopted.size());
  EXPECT_EQ(voters({1, 2}, 6), adopted[0].config);
  EXPECT_TRUE(adopted[0].persist);
  EXPECT_TRUE(adopted[0].restart);
  EXPECT_FALSE(machine.deadline());
  EXPECT_EQ(ElectionRound(0), machine.round());
  EXPECT_EQ(ConfigVersion(6), machine.verifier().version());
}

// A server that is to be added by reconfig observes first, with a file that names it so.
TEST(Configuration, AnObserverThatIsNotNamedBecomesAParticipantWithoutAVote) {
  Settings settings = with_reconfig(4);
  settings.learner_type = wire::LearnerType::kObserver;
  Election machine(settings, voters({1, 2, 3}, 0));
  machine.step(at(0), Look{kEmpty});
  EXPECT_EQ(Zxid::min(), machine.current_vote().vote.zxid);
  machine.step(at(0), with_config(1, voters({1, 2}, 6)));
  machine.step(at(0), Look{kEmpty});
  EXPECT_EQ(Sid::min(), machine.current_vote().vote.leader);
  EXPECT_EQ(Zxid(0), machine.current_vote().vote.zxid);
  EXPECT_EQ(PeerEpoch(0), machine.current_vote().vote.peer_epoch);
}

TEST(Configuration, WithReconfigDisabledNothingIsTaken) {
  Election machine(settings_of(1), voters({1, 2, 3}, 5));
  machine.step(at(0), Look{kEmpty});
  const auto adopted = only<AdoptConfig>(machine.step(at(0), with_config(2, voters({1, 2}, 6))));
  ASSERT_EQ(1U, adopted.size());
  EXPECT_FALSE(adopted[0].persist);
  EXPECT_TRUE(adopted[0].restart);
  EXPECT_EQ(ConfigVersion(5), machine.verifier().version());
}

TEST(Configuration, AStrangerChangesNothing) {
  for (const bool enabled : {true, false}) {
    Settings settings = settings_of(1);
    settings.reconfig_enabled = enabled;
    Election machine(settings, voters({1, 2, 3}, 5));
    machine.step(at(0), Look{kEmpty});
    const Effects effects = machine.step(at(0), with_config(9, voters({9}, 6)));
    EXPECT_TRUE(only<AdoptConfig>(effects).empty());
    EXPECT_TRUE(test::reports(effects, Report::Kind::kConfig));
    EXPECT_EQ(ConfigVersion(5), machine.verifier().version());
    EXPECT_TRUE(machine.deadline());
  }
}

TEST(Configuration, AMemberOfTheLastSeenOneIsNoStranger) {
  Election machine(with_reconfig(1), voters({1, 2, 3}, 5), voters({1, 2, 9}, 6));
  machine.step(at(0), Look{kEmpty});
  EXPECT_EQ(1U,
            only<AdoptConfig>(machine.step(at(0), with_config(9, voters({1, 2, 9}, 6)))).size());
}

TEST(Configuration, TheLastSeenOneIsForgottenWhenItIsReached) {
  Election machine(with_reconfig(1), voters({1, 2, 3}, 5), voters({1, 2, 9}, 6));
  EXPECT_EQ((quorum::SidSet{Sid(1), Sid(2), Sid(3), Sid(9)}), machine.audience());
  machine.step(at(0), Look{kEmpty});
  machine.step(at(0), with_config(2, voters({1, 2, 9}, 6)));
  EXPECT_EQ((quorum::SidSet{Sid(1), Sid(2), Sid(9)}), machine.audience());
}

TEST(Configuration, ALastSeenOneThatIsNotNewerIsNotHeld) {
  const Election machine(with_reconfig(1), voters({1, 2, 3}, 5), voters({7, 8, 9}, 5));
  EXPECT_EQ((quorum::SidSet{Sid(1), Sid(2), Sid(3)}), machine.audience());
}

TEST(Configuration, TheRoleFollowsTheConfiguration) {
  wire::QuorumConfig demoted = voters({1, 2, 3}, 5);
  demoted.servers[0].type = wire::LearnerType::kObserver;
  Election machine(settings_of(1), demoted);
  const auto sent = only<Send>(machine.step(at(0), Look{{Zxid(4), PeerEpoch(4)}}));
  ASSERT_EQ(2U, sent.size());
  EXPECT_EQ(Sid::min(), sent[0].notification.leader);
  EXPECT_EQ(Zxid::min(), sent[0].notification.zxid);
  machine.step(at(0), ConfigChanged{voters({1, 2, 3}, 6), std::nullopt});
  EXPECT_EQ(3U, only<Send>(machine.step(at(0), Look{kEmpty})).size());
  EXPECT_EQ(Sid(1), machine.current_vote().vote.leader);
}

TEST(Configuration, AnOracleStaysOneAcrossConfigurations) {
  wire::QuorumConfig oracle = voters({1, 2}, 5);
  oracle.oracle = true;
  Election machine(with_reconfig(1), oracle);
  machine.step(at(0), OracleRead{true, true});
  machine.step(at(0), Look{kEmpty});
  const auto adopted = only<AdoptConfig>(machine.step(at(0), with_config(2, voters({1, 2}, 6))));
  ASSERT_EQ(1U, adopted.size());
  EXPECT_TRUE(adopted[0].config.oracle);
  EXPECT_FALSE(adopted[0].restart);
  EXPECT_TRUE(machine.verifier().contains_quorum({Sid(1)}));
}

TEST(Configuration, ReleasesBeforeTheOracleHaveMajorities) {
  wire::QuorumConfig oracle = voters({1, 2}, 5);
  oracle.oracle = true;
  Election machine(settings_of(1, Release{3, 7, 2}), oracle);
  machine.step(at(0), OracleRead{true, true});
  EXPECT_FALSE(machine.verifier().contains_quorum({Sid(1)}));
}

TEST(Configuration, ATextThatCannotBeReadLeavesTheVote) {
  Election machine(with_reconfig(1), voters({1, 2, 3}, 5));
  machine.step(at(0), Look{kEmpty});
  const Effects effects =
      machine.step(at(0), from(2, {ServerState::kLooking, 2, 0, 1, 0, "version=zz"}));
  EXPECT_TRUE(test::reports(effects, Report::Kind::kConfig));
  EXPECT_EQ(Sid(2), machine.current_vote().vote.leader);
}

}  // namespace
}  // namespace zkprobe::election
