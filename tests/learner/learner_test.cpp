#include "learner/learner.hpp"

#include <gtest/gtest.h>

#include "learner/script.hpp"

namespace zkprobe::learner::test {
namespace {

using Lines = Script::Lines;

TEST(Learner, BytesThatCanNeverBecomeAPacketAreLeft) {
  Script script;
  script.synchronise();
  EXPECT_EQ(script.raw(*hex_decode("00000005 0000000000000000 fffffffe")),
            Lines{"leave packet at byte 84 of the leader's stream: data at byte 12: expected "
                  "-1..2097150, found -2"});
}

TEST(Learner, NothingComesAfterALeave) {
  Script script;
  script.connect();
  script.close();
  EXPECT_TRUE(script.say(leader_info(5)).empty());
  EXPECT_TRUE(script.wait(std::chrono::hours(1)).empty());
  EXPECT_TRUE(script.close().empty());
  EXPECT_TRUE(script.connect().empty());
  EXPECT_TRUE(script.learner().note_backlog(script.now(), true).empty());
}

TEST(Learner, NothingIsReadBeforeTheConnectionIsThere) {
  Script script;
  EXPECT_TRUE(script.say(leader_info(5)).empty());
  EXPECT_EQ(script.learner().deadline(), std::nullopt);
}

TEST(Learner, EveryPacketIsSeenWithItsSize) {
  Learner learner(Script::defaults());
  learner.step(Instant{}, Connected{});
  const Bytes bytes = wire::encode(leader_info(5));
  const Effects effects = learner.step(Instant{}, Received{bytes});
  const auto& seen = std::get<PacketSeen>(effects[0]);
  EXPECT_EQ(seen.type, PacketType::kLeaderInfo);
  EXPECT_EQ(seen.zxid, Zxid(kEpoch5));
  EXPECT_EQ(seen.bytes, 24u);
}

TEST(Learner, UnreadBytesForFiveSecondsMeanThatWeAreBehind) {
  Script script;
  script.synchronise();
  Learner& learner = script.learner();
  const Instant start = script.now();
  EXPECT_TRUE(learner.note_backlog(start, true).empty());
  EXPECT_TRUE(learner.note_backlog(start + std::chrono::seconds(5), true).empty());
  EXPECT_EQ(Script::lines(learner.note_backlog(start + std::chrono::milliseconds(5001), true)),
            Lines{"leave more than 5 s behind the leader"});
}

TEST(Learner, OneMomentWithoutUnreadBytesIsEnoughToKeepUp) {
  Script script;
  script.synchronise();
  Learner& learner = script.learner();
  const Instant start = script.now();
  learner.note_backlog(start, true);
  learner.note_backlog(start + std::chrono::seconds(4), false);
  EXPECT_TRUE(learner.note_backlog(start + std::chrono::seconds(6), true).empty());
  EXPECT_TRUE(learner.note_backlog(start + std::chrono::seconds(10), true).empty());
}

TEST(Learner, ASnapshotMayTakeAsLongAsItTakes) {
  Script script;
  script.connect();
  script.say(leader_info(5));
  script.say(packet(PacketType::kSnap, 1));
  Learner& learner = script.learner();
  learner.note_backlog(script.now(), true);
  EXPECT_TRUE(learner.note_backlog(script.now() + std::chrono::minutes(5), true).empty());
}

TEST(Learner, AResumedLearnerSaysWhereItStands) {
  Script first;
  first.synchronise();
  first.say(inform(0x500000001));
  Settings settings = Script::defaults();
  settings.last_zxid = first.learner().last_zxid();
  Script second(settings);
  second.connect();
  EXPECT_EQ(second.say(leader_info(6))[1], "send ACKEPOCH zxid=0x500000001 currentEpoch=0");
}

}  // namespace
}  // namespace zkprobe::learner::test
