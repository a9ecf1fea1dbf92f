#include "quorum/vote.hpp"

#include <gtest/gtest.h>

#include <map>

#include "quorum/config_text.hpp"
#include "quorum/tally.hpp"

namespace zkprobe::quorum {
namespace {

using wire::ServerState;

constexpr Release k336{3, 3, 6};
constexpr Release k343{3, 4, 3};
constexpr Release k345{3, 4, 5};
constexpr Release k3414{3, 4, 14};
constexpr Release k354{3, 5, 4};
constexpr Release k355{3, 5, 5};

Vote vote(std::int64_t leader, std::int64_t zxid, std::int64_t epoch) {
  return {PeerEpoch(epoch), Zxid(zxid), Sid(leader)};
}

// As Java's tests write a vote: version, leader, zxid as epoch and counter, round, peerEpoch,
// state.
CastVote cast(std::int32_t version, std::int64_t leader, std::int64_t zxid_epoch,
              std::int64_t counter, std::int64_t round, std::int64_t epoch, ServerState state) {
  return {{PeerEpoch(epoch), make_zxid(PeerEpoch(zxid_epoch), counter), Sid(leader)},
          ElectionRound(round),
          state,
          version};
}

// FLEPredicateTest.testPredicate.
TEST(Vote, TheNewerEpochThenTheLongerLogThenTheLargerIdWins) {
  for (const Release release : {k345, k3414, k354, kNewestRelease}) {
    EXPECT_FALSE(beats(vote(4, 0, 0), vote(3, 0, 2), release));
    EXPECT_TRUE(beats(vote(0, 0, 1), vote(1, 0, 0), release));
    EXPECT_TRUE(beats(vote(0, 1, 0), vote(1, 0, 0), release));
    EXPECT_TRUE(beats(vote(1, 1, 0), vote(0, 1, 0), release));
    EXPECT_FALSE(beats(vote(1, 1, 0), vote(1, 1, 0), release));
  }
}

TEST(Vote, Before344ALargerIdWinsOverANewerEpochOfTheSameZxid) {
  EXPECT_TRUE(beats(vote(4, 0, 0), vote(3, 0, 2), k343));
  EXPECT_FALSE(beats(vote(4, 0, 0), vote(3, 0, 2), Release{3, 4, 4}));
  EXPECT_TRUE(beats(vote(1, 0, 2), vote(4, 7, 1), k343));
  EXPECT_FALSE(beats(vote(4, 6, 1), vote(1, 7, 1), k343));
}

TEST(Vote, In33OnlyZxidAndIdCount) {
  EXPECT_FALSE(beats(vote(9, 1, 9), vote(1, 2, 0), k336));
  EXPECT_TRUE(beats(vote(2, 2, 0), vote(1, 2, 9), k336));
}

TEST(Vote, LongMinValueLosesAgainstAll) {
  const Vote declining{PeerEpoch::min(), Zxid::min(), Sid(9)};
  for (const Release release : {k336, k343, k345, k3414, k354, kNewestRelease}) {
    EXPECT_TRUE(beats(vote(0, 0, 0), declining, release));
    EXPECT_FALSE(beats(declining, vote(0, 0, 0), release));
  }
}

TEST(Vote, WhoLooksMustAgreeInAllFourNumbers) {
  const CastVote looking = cast(0, 4, 2, 1, 1, 1, ServerState::kLooking);
  const CastVote leading = cast(2, 4, 2, 1, 1, 1, ServerState::kLeading);
  EXPECT_TRUE(same_vote(looking, leading, kNewestRelease));
  for (const CastVote& other : {cast(0, 3, 2, 1, 1, 1, ServerState::kLeading),
                                cast(0, 4, 2, 2, 1, 1, ServerState::kLeading),
                                cast(0, 4, 2, 1, 2, 1, ServerState::kLeading),
                                cast(0, 4, 2, 1, 1, 2, ServerState::kLeading)}) {
    EXPECT_FALSE(same_vote(looking, other, kNewestRelease));
    EXPECT_FALSE(same_vote(other, looking, kNewestRelease));
  }
}

TEST(Vote, EstablishedServersAgreeInLeaderAndEpoch) {
  const CastVote one = cast(2, 4, 1, 1, 1, 2, ServerState::kFollowing);
  EXPECT_TRUE(same_vote(one, cast(2, 4, 9, 9, 9, 2, ServerState::kLeading), kNewestRelease));
  EXPECT_FALSE(same_vote(one, cast(2, 4, 1, 1, 1, 3, ServerState::kLeading), kNewestRelease));
  EXPECT_TRUE(same_vote(one, cast(0, 4, 9, 9, 9, 3, ServerState::kLeading), kNewestRelease));
  EXPECT_FALSE(same_vote(one, cast(0, 5, 1, 1, 1, 2, ServerState::kLeading), kNewestRelease));
}

TEST(Vote, Until345AndIn350To354StatesDoNotMatter) {
  const CastVote one = cast(1, 4, 1, 1, 1, 2, ServerState::kFollowing);
  const CastVote other_round = cast(1, 4, 1, 1, 2, 2, ServerState::kFollowing);
  EXPECT_FALSE(same_vote(one, other_round, k345));
  EXPECT_TRUE(same_vote(one, other_round, Release{3, 4, 6}));
  EXPECT_FALSE(same_vote(one, other_round, k354));
  EXPECT_TRUE(same_vote(one, other_round, k355));
}

TEST(Vote, In33TheEpochIsNotCompared) {
  EXPECT_TRUE(same_vote(cast(0, 4, 1, 1, 1, 2, ServerState::kLooking),
                        cast(0, 4, 1, 1, 1, 3, ServerState::kLooking), k336));
  EXPECT_FALSE(same_vote(cast(0, 4, 1, 1, 1, 2, ServerState::kLooking),
                         cast(0, 4, 1, 1, 2, 2, ServerState::kLooking), k336));
}

// FLEOutOfElectionTest: the votes that server 3 of {0 1 2 3 4} has heard, and one to compare.
class OutOfElection : public testing::TestWithParam<Release> {
 protected:
  bool quorum(const std::map<int, CastVote>& votes, const CastVote& candidate) const {
    Tally tally(verifier_, nullptr);
    for (const auto& [sid, voted] : votes) {
      if (same_vote(candidate, voted, GetParam())) tally.add(Sid(sid));
    }
    return tally.has_all_quorums();
  }
  static constexpr ServerState L = ServerState::kLooking;
  static constexpr ServerState F = ServerState::kFollowing;
  static constexpr ServerState E = ServerState::kLeading;
  QuorumVerifier verifier_{test::config_of({0, 1, 2, 3, 4})};
};

TEST_P(OutOfElection, IgnoringZxidAndElectionEpoch) {
  EXPECT_TRUE(quorum({{0, cast(1, 4, 1, 1, 1, 2, F)},
                      {1, cast(1, 4, 1, 2, 1, 2, F)},
                      {3, cast(1, 4, 2, 1, 2, 2, F)},
                      {4, cast(1, 4, 2, 1, 2, 2, E)}},
                     cast(0, 4, 2, 1, 2, 2, F)));
}

TEST_P(OutOfElection, ElectionWithDifferentVersions) {
  EXPECT_TRUE(quorum({{0, cast(1, 4, 1, 1, 1, 1, F)},
                      {1, cast(1, 4, 1, 1, 1, 1, F)},
                      {3, cast(0, 4, 2, 1, 2, 2, F)},
                      {4, cast(0, 4, 2, 1, 2, 2, E)}},
                     cast(0, 4, 2, 1, 2, 2, F)));
}

TEST_P(OutOfElection, LookingNormal) {
  EXPECT_TRUE(quorum({{0, cast(0, 4, 2, 1, 1, 1, L)},
                      {1, cast(0, 4, 2, 1, 1, 1, L)},
                      {3, cast(0, 4, 2, 1, 1, 1, L)},
                      {4, cast(0, 4, 2, 1, 1, 1, E)}},
                     cast(0, 4, 2, 1, 1, 1, L)));
}

TEST_P(OutOfElection, LookingDifferentRounds) {
  EXPECT_FALSE(quorum({{0, cast(0, 4, 1, 1, 1, 1, L)},
                       {1, cast(0, 4, 2, 1, 2, 2, L)},
                       {3, cast(0, 4, 2, 1, 3, 2, L)},
                       {4, cast(0, 4, 2, 1, 3, 2, E)}},
                      cast(0, 4, 2, 1, 2, 2, L)));
}

TEST_P(OutOfElection, StrangersDoNotCount) {
  // Server 5 is the leader here, and no member: 1, 2 and 4 are three of five.
  const std::map<int, CastVote> votes{{1, cast(0, 5, 15, 0, 0xa, 0x17, F)},
                                      {2, cast(0, 5, 15, 0, 0xa, 0x17, F)},
                                      {4, cast(1, 5, 15, 0, 0xa, 0x18, F)},
                                      {5, cast(1, 5, 15, 0, 0xa, 0x18, E)}};
  EXPECT_TRUE(quorum(votes, cast(1, 5, 15, 0, 0xa, 0x18, E)));
  auto without_two = votes;
  without_two.erase(2);
  EXPECT_FALSE(quorum(without_two, cast(1, 5, 15, 0, 0xa, 0x18, E)));
}

INSTANTIATE_TEST_SUITE_P(Releases, OutOfElection, testing::Values(k3414, k355, kNewestRelease),
                         [](const auto& release) {
                           return std::to_string(release.param.minor) + "_" +
                                  std::to_string(release.param.patch);
                         });

}  // namespace
}  // namespace zkprobe::quorum
