#include "learner/handshake.hpp"

#include <gtest/gtest.h>

#include "learner/script.hpp"

namespace zkprobe::learner::test {
namespace {

using Lines = Script::Lines;

Settings with_epochs(std::int64_t accepted, std::int64_t current) {
  Settings settings = Script::defaults();
  settings.accepted_epoch = PeerEpoch(accepted);
  settings.current_epoch = PeerEpoch(current);
  settings.last_zxid = Zxid(0x200000007);
  settings.config_version = ConfigVersion(0x100000003);
  return settings;
}

TEST(Handshake, AnObserverThatHoldsNothingMovesNoEpoch) {
  Script script;
  EXPECT_EQ(script.connect(), (Lines{"phase CONNECTING -> DISCOVERY epoch=0",
                                     "send OBSERVERINFO zxid=0x0 sid=9 protocol=0x10000 "
                                     "config=0x0"}));
  EXPECT_EQ(script.say(leader_info(5)),
            (Lines{"persist acceptedEpoch 5", "send ACKEPOCH zxid=0x0 currentEpoch=0",
                   "phase DISCOVERY -> SYNCHRONIZATION epoch=5"}));
}

TEST(Handshake, AMemberSaysWhatItAcceptedAndWhatItHolds) {
  Script script(with_epochs(3, 2));
  EXPECT_EQ(script.connect()[1],
            "send OBSERVERINFO zxid=0x300000000 sid=9 protocol=0x10000 config=0x100000003");
  EXPECT_EQ(script.say(leader_info(4)),
            (Lines{"persist acceptedEpoch 4", "send ACKEPOCH zxid=0x200000007 currentEpoch=2",
                   "phase DISCOVERY -> SYNCHRONIZATION epoch=4"}));
}

TEST(Handshake, AnEpochThatWasAcceptedBeforeIsNotAcknowledgedAgain) {
  Script script(with_epochs(4, 2));
  script.connect();
  EXPECT_EQ(script.say(leader_info(4)), (Lines{"send ACKEPOCH zxid=0x200000007 currentEpoch=-1",
                                               "phase DISCOVERY -> SYNCHRONIZATION epoch=4"}));
}

TEST(Handshake, AnEpochBelowTheAcceptedOneIsRefused) {
  Script script(with_epochs(5, 2));
  script.connect();
  EXPECT_EQ(script.say(leader_info(4)),
            Lines{"leave the leader's epoch 4 is less than the accepted epoch 5"});
  EXPECT_EQ(script.learner().phase(), Phase::kLeft);
}

TEST(Handshake, TheInfoOfEachReleaseHasItsLength) {
  Settings settings = with_epochs(3, 2);
  settings.release = Release{3, 4, 14};
  Script v34(settings);
  EXPECT_EQ(v34.connect()[1], "send OBSERVERINFO zxid=0x300000000 sid=9 protocol=0x10000");
  settings.release = Release{3, 3, 6};
  Script v33(settings);
  EXPECT_EQ(v33.connect()[1], "send OBSERVERINFO zxid=0x200000007 sid=9");
}

TEST(Handshake, ALeaderOf33AnswersWithNewLeader) {
  Script script;
  script.connect();
  EXPECT_EQ(script.say(packet(PacketType::kNewLeader, kEpoch5)),
            (Lines{"persist acceptedEpoch 5", "phase DISCOVERY -> SYNCHRONIZATION epoch=5"}));
  EXPECT_EQ(script.say(packet(PacketType::kDiff, 0)), Lines{"sync DIFF from=0x0 to=0x0"});
  EXPECT_EQ(
      script.say(packet(PacketType::kUpToDate, -1)),
      (Lines{"persist currentEpoch 5", "send ACK zxid=0x500000000",
             "synced DIFF from=0x0 to=0x0 txns=0", "phase SYNCHRONIZATION -> BROADCAST epoch=5"}));
}

TEST(Handshake, A33LearnerRefusesALeaderThatIsBehindItsLog) {
  Settings settings = with_epochs(0, 0);
  settings.release = Release{3, 3, 6};
  Script script(settings);
  script.connect();
  EXPECT_EQ(script.say(packet(PacketType::kNewLeader, 1LL << 32)),
            Lines{"leave the leader's epoch 1 is less than our epoch 2"});
}

TEST(Handshake, A33LearnerKnowsNoLeaderInfo) {
  Settings settings = Script::defaults();
  settings.release = Release{3, 3, 6};
  Script script(settings);
  script.connect();
  EXPECT_EQ(script.say(leader_info(5)),
            Lines{"leave LEADERINFO at byte 0 of the leader's stream: expected NEWLEADER"});
}

TEST(Handshake, EveryOtherAnswerIsOutOfOrder) {
  for (int type = -1; type <= 21; ++type) {
    if (type == 10 || type == 17) continue;
    Script script;
    script.connect();
    const Lines lines = script.say(packet(static_cast<PacketType>(type), kEpoch5));
    ASSERT_EQ(lines.size(), 1u) << type;
    EXPECT_TRUE(lines[0].starts_with("leave ")) << lines[0];
    EXPECT_TRUE(
        lines[0].ends_with("at byte 0 of the leader's stream: expected LEADERINFO or NEWLEADER"))
        << lines[0];
  }
}

TEST(Handshake, AProtocolVersionThatIsCutIsMalformed) {
  for (std::size_t n = 0; n < 4; ++n) {
    Script script;
    script.connect();
    const Lines lines = script.say(packet(PacketType::kLeaderInfo, kEpoch5, Bytes(n)));
    ASSERT_EQ(lines.size(), 1u);
    EXPECT_EQ(lines[0],
              "leave LEADERINFO at byte 0 of the leader's stream: protocolVersion at "
              "byte 0: expected 4 bytes, found " +
                  std::to_string(n) + " bytes");
  }
}

TEST(Handshake, SilenceIsLeftAfterInitLimit) {
  Script script;
  script.connect();
  EXPECT_EQ(script.learner().deadline(), script.now() + std::chrono::seconds(20));
  EXPECT_TRUE(script.wait(std::chrono::milliseconds(19'999)).empty());
  EXPECT_EQ(script.wait(1ms), Lines{"leave nothing came from the leader for 20 s, in DISCOVERY"});
  EXPECT_EQ(script.learner().deadline(), std::nullopt);
}

TEST(Handshake, ALinkThatCloses) {
  Script script;
  script.connect();
  const Bytes bytes = wire::encode(leader_info(5));
  script.raw(BytesView(bytes).first(7));
  EXPECT_EQ(script.close("end of stream"),
            Lines{"leave the leader closed the connection: end of stream, 7 bytes into a packet "
                  "at byte 0 of its stream"});
}

}  // namespace
}  // namespace zkprobe::learner::test
