#include "analysis/live_adaptation.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace zkprobe::analysis {
namespace {

using wire::GreetingForm;
using wire::NotificationForm;
using wire::ServerState;

// Peer 3 and counterpart 1, who stood at epoch 2, zxid 0x200000005, round 4.
LiveScript script(ServerState state = ServerState::kLooking, Sid leader = Sid(1)) {
  LiveScript made;
  made.peer = Sid(3);
  made.counterpart = Sid(1);
  made.greeting = GreetingForm::kV1;
  made.standing = {state, leader, Zxid(0x200000005), ElectionRound(4), PeerEpoch(2)};
  return made;
}
// Server 11, which stands at epoch 7, zxid 0x700000100, round 40.
LiveTarget target(Sid leader = Sid(11)) {
  LiveTarget made;
  made.sid = Sid(11);
  made.standing = {ServerState::kLooking, leader, Zxid(0x700000100), ElectionRound(40),
                   PeerEpoch(7)};
  made.config_text = "server.11=a:1:2:participant\nversion=500000000";
  return made;
}
wire::Notification vote(std::int64_t leader, std::int64_t zxid, std::int64_t round,
                        std::int64_t epoch) {
  return {ServerState::kLooking,
          Sid(leader),
          Zxid(zxid),
          ElectionRound(round),
          PeerEpoch(epoch),
          2,
          "server.1=b:1:2:participant\nversion=0"};
}

TEST(LiveAdaptation, NumbersKeepTheirDistanceFromWhereTheCounterpartStood) {
  const LiveScript from = script();
  const LiveAdaptation adapt(from, target(), Sid(13), true);
  const wire::Notification out = adapt.vote(vote(3, 0x200000008, 5, 3));
  EXPECT_EQ(out.leader, Sid(13));
  EXPECT_EQ(out.zxid, Zxid(0x700000103));
  EXPECT_EQ(out.election_epoch, ElectionRound(41));
  EXPECT_EQ(out.peer_epoch, PeerEpoch(8));
  EXPECT_EQ(out.config, target().config_text);
  EXPECT_EQ(adapt.sid(Sid(1)), Sid(11));
  EXPECT_EQ(adapt.sid(Sid(2)), Sid(2));
  // The target's id is another server's in the capture: the two change places.
  EXPECT_EQ(adapt.sid(Sid(11)), Sid(1));
}

TEST(LiveAdaptation, NumbersWithAMeaningOfTheirOwnStay) {
  const LiveScript from = script();
  const LiveAdaptation adapt(from, target(), Sid(13), true);
  EXPECT_EQ(adapt.zxid(Zxid::min()), Zxid::min());
  EXPECT_EQ(adapt.zxid(Zxid(-1)), Zxid(-1));
  EXPECT_EQ(adapt.epoch(PeerEpoch::min()), PeerEpoch::min());
  EXPECT_EQ(adapt.round(ElectionRound(0)), ElectionRound(0));
  EXPECT_EQ(adapt.sid(Sid::min()), Sid::min());
}

TEST(LiveAdaptation, NothingFallsBelowZeroNorOverflows) {
  const LiveScript from = script();
  LiveTarget low = target();
  low.standing.zxid = Zxid(0);
  low.standing.round = ElectionRound(1);
  low.standing.epoch = PeerEpoch(0);
  const LiveAdaptation adapt(from, low, Sid(13), true);
  EXPECT_EQ(adapt.zxid(Zxid(0x100000000)), Zxid(0));
  EXPECT_EQ(adapt.round(ElectionRound(1)), ElectionRound(0));
  EXPECT_EQ(adapt.epoch(PeerEpoch(1)), PeerEpoch(0));
  const auto most = std::numeric_limits<std::int64_t>::max();
  const LiveAdaptation up(from, target(), Sid(13), true);
  EXPECT_EQ(up.zxid(Zxid(most)), Zxid(0));
}

TEST(LiveAdaptation, TheLeaderOfACounterpartThatHasOneBecomesTheTargets) {
  const LiveScript from = script(ServerState::kFollowing, Sid(2));
  const LiveAdaptation adapt(from, target(Sid(12)), Sid(13), true);
  EXPECT_EQ(adapt.sid(Sid(2)), Sid(12));
  // The target leads itself: then 2 stays.
  const LiveAdaptation leads(from, target(Sid(11)), Sid(13), true);
  EXPECT_EQ(leads.sid(Sid(2)), Sid(2));
}

TEST(LiveAdaptation, AMembersVotesHaveTheCapturesFormAndTheTargetsConfiguration) {
  const LiveScript from = script();
  const LiveAdaptation adapt(from, target(), Sid(13), true);
  EXPECT_EQ(adapt.greeting(), GreetingForm::kV1);
  for (const NotificationForm form :
       {NotificationForm::kBytes28, NotificationForm::kBytes40, NotificationForm::kConfig}) {
    const Bytes bytes = adapt.payload({Duration(0), 1, vote(3, 0, 4, 2), form, true});
    EXPECT_EQ(wire::form_of(bytes), form);
  }
  const Bytes bytes =
      adapt.payload({Duration(0), 1, vote(3, 0, 4, 2), NotificationForm::kConfig, true});
  const auto read = wire::decode_notification(bytes, wire::Dialect{});
  ASSERT_TRUE(read);
  EXPECT_EQ(read->config, target().config_text);
}

// 3.5.0 to 3.5.7 and 3.6.0 lose their receiver by 36 bytes.
TEST(LiveAdaptation, VotesThatWouldHurtTheTargetAreSentInTheFormOfFortyBytes) {
  const LiveScript from = script();
  EXPECT_EQ(LiveAdaptation(from, target(), Sid(13), true).form(NotificationForm::kBytes36),
            NotificationForm::kBytes40);
  LiveTarget old = target();
  old.form = NotificationForm::kBytes36;
  old.config_text.reset();
  const LiveAdaptation adapt(from, old, Sid(13), true);
  EXPECT_EQ(adapt.form(NotificationForm::kBytes36), NotificationForm::kBytes36);
  EXPECT_EQ(adapt.form(NotificationForm::kConfig), NotificationForm::kBytes40);
}

TEST(LiveAdaptation, AnIdThatIsNotListedNeverSendsAConfiguration) {
  const LiveScript from = script();
  const LiveAdaptation adapt(from, target(), Sid(99), false);
  EXPECT_EQ(adapt.greeting(), GreetingForm::kBareSid);
  for (const NotificationForm form : {NotificationForm::kBytes28, NotificationForm::kBytes36,
                                      NotificationForm::kBytes40, NotificationForm::kConfig}) {
    const Bytes bytes = adapt.payload({Duration(0), 1, vote(3, 0, 4, 2), form, true});
    EXPECT_EQ(wire::form_of(bytes), NotificationForm::kBytes40);
    EXPECT_EQ(bytes.size(), 40U);
  }
}

}  // namespace
}  // namespace zkprobe::analysis
