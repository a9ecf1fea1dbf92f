// WorkerReceiver.run; more of it is told in fixtures/election (strangers, answers_by_release,
// note_sizes, fle_malformed).
#include <gtest/gtest.h>

#include "election/election.hpp"
#include "election/machine.hpp"
#include "support/fixtures.hpp"

namespace zkprobe::election {
namespace {

using test::at;
using test::from;
using test::only;
using test::receivers;
using test::settings_of;
using test::voters;
using wire::ServerState;

const LogPosition kEmpty{Zxid(0), PeerEpoch(0)};
const Release kReleases[] = {{3, 3, 6}, {3, 4, 0},  {3, 4, 5}, {3, 4, 14}, {3, 5, 0},
                             {3, 5, 4}, {3, 5, 10}, {3, 6, 0}, {3, 8, 0},  kNewestRelease};

TEST(Receiver, EveryPrefixOfAVoteIsHeardOrReported) {
  const Bytes whole =
      test::payload({ServerState::kLooking, 3, 7, 1, 0, wire::to_text(voters({1, 2, 3}))});
  for (const Release release : kReleases) {
    for (std::size_t length = 0; length <= whole.size(); ++length) {
      Election machine(settings_of(1, release), voters({1, 2, 3}));
      machine.step(at(0), Look{kEmpty});
      const test::ExactBuffer exact(BytesView(whole).first(length));
      const Bytes cut(exact.view().begin(), exact.view().end());
      const Effects effects = machine.step(at(0), Received{Sid(2), cut});
      EXPECT_NE(only<Heard>(effects).empty(), !test::reports(effects, Report::Kind::kBytes))
          << to_string(release) << " " << length;
      EXPECT_EQ(ServerState::kLooking, machine.state());
    }
  }
}

TEST(Receiver, AStrangerIsAnsweredAndNotListenedTo) {
  for (const Release release : kReleases) {
    Election machine(settings_of(1, release), voters({1, 2, 3}));
    machine.step(at(0), Look{kEmpty});
    const Effects effects = machine.step(at(0), from(9, {ServerState::kLooking, 9, 99, 50, 9, ""}));
    EXPECT_EQ(std::vector<std::int64_t>{9}, receivers(effects)) << to_string(release);
    EXPECT_EQ(ElectionRound(1), machine.round());
    EXPECT_EQ(Sid(1), machine.current_vote().vote.leader);
  }
}

TEST(Receiver, TheAnonymousObserversNumberIsAStranger) {
  Election machine(settings_of(1), voters({1, 2, 3}));
  machine.step(at(0), Look{kEmpty});
  EXPECT_EQ(std::vector<std::int64_t>{-1}, receivers(machine.step(at(0), from(-1, {}))));
}

TEST(Receiver, WhoDoesNotLookGetsNoAnswerFromOneThatDecided) {
  Election machine(settings_of(1), voters({1, 2, 3}));
  machine.step(at(0), Look{kEmpty});
  machine.step(at(0), from(3, {ServerState::kLeading, 3, 0, 4, 0, ""}));
  machine.step(at(0), from(2, {ServerState::kFollowing, 3, 0, 4, 0, ""}));
  for (const ServerState state :
       {ServerState::kFollowing, ServerState::kLeading, ServerState::kObserving}) {
    EXPECT_TRUE(receivers(machine.step(at(0), from(2, {state, 2, 9, 9, 9, ""}))).empty());
  }
  EXPECT_EQ(std::vector<std::int64_t>{2}, receivers(machine.step(at(0), from(2, {}))));
  EXPECT_EQ(ServerState::kFollowing, machine.state());
}

}  // namespace
}  // namespace zkprobe::election
