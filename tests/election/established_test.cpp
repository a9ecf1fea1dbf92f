// The branches for FOLLOWING and LEADING; more of it is told in fixtures/election
// (established_by_release, leader_has_not_spoken, fle_*).
#include <gtest/gtest.h>

#include "election/election.hpp"
#include "election/machine.hpp"

namespace zkprobe::election {
namespace {

using test::at;
using test::from;
using test::settings_of;
using test::voters;
using wire::ServerState;

constexpr auto F = ServerState::kFollowing;
constexpr auto E = ServerState::kLeading;
const LogPosition kEmpty{Zxid(0), PeerEpoch(0)};

Election looking(const Settings& settings, std::initializer_list<std::int64_t> sids = {1, 2, 3}) {
  Election machine(settings, voters(sids));
  machine.step(at(0), Look{kEmpty});
  return machine;
}

TEST(Established, TheOrderOfTheAnswersDoesNotMatter) {
  for (const bool leader_first : {true, false}) {
    Election machine = looking(settings_of(1));
    machine.step(at(0), leader_first ? from(3, {E, 3, 0, 9, 1, ""}) : from(2, {F, 3, 5, 8, 1, ""}));
    EXPECT_EQ(ServerState::kLooking, machine.state());
    machine.step(at(0), leader_first ? from(2, {F, 3, 5, 8, 1, ""}) : from(3, {E, 3, 0, 9, 1, ""}));
    EXPECT_EQ(ServerState::kFollowing, machine.state());
    EXPECT_EQ(Sid(3), machine.current_vote().vote.leader);
  }
}

TEST(Established, AQuorumWithoutTheLeadersWordIsNotEnough) {
  Election machine = looking(settings_of(1), {1, 2, 3, 4, 5});
  for (const std::int64_t sid : {2, 4, 5}) machine.step(at(0), from(sid, {F, 3, 0, 7, 1, ""}));
  EXPECT_EQ(ServerState::kLooking, machine.state());
}

TEST(Established, TheLeadersWordWithoutAQuorumIsNotEnough) {
  Election machine = looking(settings_of(1), {1, 2, 3, 4, 5});
  machine.step(at(0), from(3, {E, 3, 0, 7, 1, ""}));
  machine.step(at(0), from(2, {F, 3, 0, 7, 1, ""}));
  EXPECT_EQ(ServerState::kLooking, machine.state());
}

TEST(Established, VotesForTwoLeadersDoNotAddUp) {
  Election machine = looking(settings_of(1), {1, 2, 3, 4, 5});
  machine.step(at(0), from(3, {E, 3, 0, 7, 1, ""}));
  machine.step(at(0), from(2, {F, 4, 0, 7, 1, ""}));
  machine.step(at(0), from(5, {F, 3, 0, 7, 1, ""}));
  EXPECT_EQ(ServerState::kLooking, machine.state());
}

TEST(Established, OneWhoChangesItsMindIsCountedOnce) {
  Election machine = looking(settings_of(1), {1, 2, 3, 4, 5});
  machine.step(at(0), from(3, {E, 3, 0, 7, 1, ""}));
  for (int i = 0; i < 5; ++i) machine.step(at(0), from(2, {F, 3, i, 7 + i, 1, ""}));
  EXPECT_EQ(ServerState::kLooking, machine.state());
}

TEST(Established, ADecliningVoterIsNeverTalkedIntoLeading) {
  for (const Release release :
       {Release{3, 3, 6}, Release{3, 4, 3}, Release{3, 4, 14}, Release{3, 5, 4}, kNewestRelease}) {
    Settings settings = settings_of(3, release);
    settings.declines = true;
    Election machine = looking(settings);
    for (const std::int64_t round : {1, 1, 7}) {
      machine.step(at(0), from(1, {F, 3, 0, round, 0, ""}));
      machine.step(at(0), from(2, {E, 3, 0, round, 0, ""}));
    }
    EXPECT_EQ(ServerState::kLooking, machine.state()) << to_string(release);
  }
}

TEST(Established, AnObserverObserves) {
  Settings settings = settings_of(9);
  settings.learner_type = wire::LearnerType::kObserver;
  Election machine = looking(settings);
  machine.step(at(0), from(3, {E, 3, 0, 7, 1, ""}));
  machine.step(at(0), from(1, {F, 3, 0, 7, 1, ""}));
  EXPECT_EQ(ServerState::kObserving, machine.state());
}

}  // namespace
}  // namespace zkprobe::election
