// One leader, two, or none.
#include <gtest/gtest.h>

#include "survey_of.hpp"

namespace zkprobe::audit {
namespace {

using wire::ServerState;

TEST(Leaders, TwoInOneEnsembleAreAProblem) {
  const Judged judged({follows(101, 2), leads(102), leads(103)});
  EXPECT_EQ(judged.ids(), (Ids{"two_leaders"}));
  EXPECT_EQ(judged.get("two_leaders").servers, (std::vector{Sid(2), Sid(3)}));
  EXPECT_EQ(judged.get("two_leaders").evidence[0],
            "server 2 (h:102) is LEADING, leader 2, epoch 0x1, round 0x1");
}

TEST(Leaders, NobodyLeads) {
  const Judged quorum({looks(101), looks(102), lost(103)});
  EXPECT_EQ(quorum.ids(), (Ids{"no_leader", "server_down"}));
  EXPECT_NE(quorum.get("no_leader").detail.find("2 of 3 voters answer, which is a quorum"),
            std::string::npos);
  const Judged few({looks(101), lost(102), lost(103)});
  EXPECT_NE(few.get("no_leader").detail.find("1 of 3 voters answer, which is no quorum"),
            std::string::npos);
}

TEST(Leaders, ALeaderThatDoesNotKnowOrDoesNotAnswer) {
  EXPECT_EQ(Judged({follows(101, 3), follows(102, 3), looks(103)}).ids(),
            (Ids{"leader_not_leading", "server_looking"}));
  EXPECT_EQ(Judged({follows(101, 3), follows(102, 3), lost(103)}).ids(),
            (Ids{"leader_unseen", "server_down"}));
}

TEST(Leaders, FollowersOfDifferentLeaders) {
  const Judged judged({follows(101, 2), follows(102, 3), leads(103)});
  EXPECT_EQ(judged.ids(), (Ids{"leader_not_leading", "different_leaders", "no_reserve"}));
}

TEST(Leaders, AStragglerIsTold) {
  EXPECT_EQ(Judged({looks(101), follows(102, 3), leads(103)}).ids(),
            (Ids{"server_looking", "no_reserve"}));
}

TEST(Leaders, EpochsOfOneLeaderMustAgree) {
  Sighting old = follows(101, 3);
  (*old.result)->notification.peer_epoch = PeerEpoch(0);
  EXPECT_EQ(Judged({old, follows(102, 3), leads(103)}).ids(), Ids{"epochs_differ"});
  // 3.3 to 3.4.5 never renew it.
  (*old.result)->form = wire::NotificationForm::kBytes36;
  EXPECT_EQ(Judged({old, follows(102, 3), leads(103)}).get("epochs_differ").id, "");
}

TEST(Leaders, AQuorumMustBeSeenBehindALeader) {
  EXPECT_EQ(Judged({lost(101), lost(102), leads(103)}).ids(),
            (Ids{"quorum_unseen", "server_down", "server_down"}));
  const auto five = config_of(5);
  const Judged four({follows(101, 5, five), follows(102, 5, five), follows(103, 5, five), lost(104),
                     leads(105, five)});
  EXPECT_EQ(four.ids(), Ids{"server_down"}) << "one more may fail";
  const Judged three(
      {follows(101, 5, five), follows(102, 5, five), lost(103), lost(104), leads(105, five)});
  EXPECT_EQ(three.ids(), (Ids{"server_down", "server_down", "no_reserve"}));
}

TEST(Leaders, ObserversDoNotCount) {
  const auto config = config_of(3, 1);
  const Sighting observes = seen(104, says(ServerState::kObserving, 3, config));
  EXPECT_EQ(Judged({follows(101, 3, config), follows(102, 3, config), leads(103, config), observes})
                .ids(),
            Ids{});
  EXPECT_EQ(Judged({lost(101), lost(102), leads(103, config), observes}).ids().front(),
            "quorum_unseen");
}

TEST(Leaders, ARoleThatIsNotTheListedOne) {
  const auto config = config_of(3, 1);
  EXPECT_EQ(Judged({follows(101, 3, config), follows(102, 3, config), leads(103, config),
                    follows(104, 3, config)})
                .ids(),
            Ids{"role_differs"});
  EXPECT_EQ(Judged({seen(101, says(ServerState::kObserving, 3)), follows(102, 3), leads(103)})
                .get("role_differs")
                .servers,
            std::vector{Sid(1)});
}

TEST(Leaders, ALeaderUnderAnotherIdIsFound) {
  const Judged judged({seen(101, says(ServerState::kLeading, 3)), follows(102, 3)});
  EXPECT_EQ(judged.get("wrong_id").servers, std::vector{Sid(1)});
}

TEST(Leaders, Release34NamesNobodyAndIsJudgedAllTheSame) {
  const auto old = [](std::uint16_t port, ServerState state) {
    return seen(port, says(state, 2, std::nullopt));
  };
  EXPECT_EQ(Judged({old(7, ServerState::kFollowing), old(8, ServerState::kLeading)}).ids(), Ids{});
  EXPECT_EQ(Judged({old(7, ServerState::kFollowing), old(8, ServerState::kFollowing)}).ids(),
            Ids{"leader_not_asked"});
}

TEST(Leaders, ALeaderThatWasNotAskedIsNotSaidToBeSilent) {
  const auto alone = seen(7, says(ServerState::kFollowing, 2, std::nullopt));
  const Judged judged({alone});
  EXPECT_EQ(judged.ids(), Ids{"leader_not_asked"});
  EXPECT_EQ(judged.get("leader_not_asked").severity, Severity::kNote);
  EXPECT_EQ(judged.get("leader_not_asked").servers, std::vector{Sid(2)});
  EXPECT_EQ(Judged({alone, lost(8)}).get("leader_not_asked").evidence[1],
            "h:8 does not answer and may be it");
  // Its address means another machine here, and was left out.
  EXPECT_EQ(Judged({follows(101, 3), follows(102, 3)}).ids(), Ids{"leader_not_asked"});
  Sighting interrupted = lost(103);
  interrupted.result.reset();
  EXPECT_EQ(Judged({follows(101, 3), follows(102, 3), interrupted}).ids(), Ids{"leader_not_asked"});
}

}  // namespace
}  // namespace zkprobe::audit
