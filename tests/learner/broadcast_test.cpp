#include "learner/broadcast.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "learner/script.hpp"

namespace zkprobe::learner::test {
namespace {

using Lines = Script::Lines;

struct Serving : Script {
  Serving() { synchronise(); }
};

TEST(Broadcast, APingIsAnsweredWithItsZxidAndNoSessions) {
  Serving s;
  QuorumPacket ping = packet(PacketType::kPing, 0x500000003);
  ping.authinfo = std::vector<wire::AuthId>{{"x", "y"}};
  EXPECT_EQ(s.say(ping), Lines{"send PING zxid=0x500000003 sessions=0 authinfo=1"});
}

TEST(Broadcast, AnInformIsACommittedTransaction) {
  Serving s;
  EXPECT_EQ(s.say(inform(0x500000001)),
            Lines{"txn 0x500000001 committed delete /a session=0x1000 cxid=1"});
  EXPECT_EQ(s.learner().last_zxid(), Zxid(0x500000001));
  EXPECT_EQ(s.say(inform(0x500000003))[0],
            "note zxids do not follow each other: expected 0x500000002, found 0x500000003");
}

TEST(Broadcast, TheLargestZxidHasANextOne) {
  Serving s;
  s.say(inform(std::numeric_limits<std::int64_t>::max()));
  EXPECT_EQ(s.say(inform(std::numeric_limits<std::int64_t>::max()))[0],
            "note zxids do not follow each other: expected 0x8000000000000000, found "
            "0x7fffffffffffffff");
  EXPECT_EQ(s.say(inform(std::numeric_limits<std::int64_t>::min())),
            Lines{"txn 0x8000000000000000 committed delete /a session=0x1000 cxid=1"});
}

TEST(Broadcast, AReconfigSaysWhoLeads) {
  Serving s;
  Writer data;
  data.i64(2);
  data.raw(zkprobe::test::read_golden("txn/reconfig.hex"));
  const Lines lines = s.say(packet(PacketType::kInformAndActivate, 0x10000001c, data.take()));
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0],
            "config committed: 2 participants (1 2), 1 observer (3), majority, version "
            "0x10000001c leader=2");
  EXPECT_TRUE(lines[1].starts_with("txn 0x10000001c committed reconfig /zookeeper/config"));
}

TEST(Broadcast, AnswersToWhatWeNeverAskedAreHarmless) {
  Serving s;
  EXPECT_TRUE(s.say(packet(PacketType::kSync, 0)).empty());
  EXPECT_EQ(
      s.say(packet(PacketType::kRevalidate, -1, wire::encode(wire::RevalidateAnswer{7, true}))),
      Lines{"revalidated 0x7 valid"});
  EXPECT_EQ(s.say(packet(PacketType::kRevalidate, -1, Bytes(8))),
            Lines{"leave REVALIDATE at byte 133 of the leader's stream: revalidate at byte 0: "
                  "expected 9 bytes, found 8 bytes"});
}

TEST(Broadcast, WhatIsNotForAnObserverIsPassedOver) {
  Serving s;
  EXPECT_EQ(s.say(proposal(0x500000001)), Lines{"note PROPOSAL is not for an observer: ignored"});
  EXPECT_EQ(s.say(commit(0x500000001)), Lines{"note COMMIT is not for an observer: ignored"});
  EXPECT_EQ(s.say(packet(static_cast<PacketType>(99), 0)),
            Lines{"note an unexpected UNKNOWN (type 99): ignored"});
  EXPECT_EQ(s.learner().phase(), Phase::kBroadcast);
}

TEST(Broadcast, ANewSynchronisationInTheMiddleIsOutOfOrder) {
  for (const PacketType type : {PacketType::kDiff, PacketType::kTrunc, PacketType::kSnap,
                                PacketType::kNewLeader, PacketType::kLeaderInfo}) {
    Serving s;
    s.say(packet(type, 0));
    EXPECT_EQ(s.learner().phase(), Phase::kLeft) << wire::to_string(type);
  }
}

TEST(Broadcast, SilenceIsLeftAfterSyncLimit) {
  Serving s;
  EXPECT_TRUE(s.wait(std::chrono::milliseconds(9'999)).empty());
  EXPECT_EQ(s.wait(1ms), Lines{"leave nothing came from the leader for 10 s, in BROADCAST"});
}

TEST(Broadcast, ATransactionThatCannotBeReadIsLeft) {
  Serving s;
  s.say(packet(PacketType::kInform, 1, Bytes(5)));
  EXPECT_EQ(s.learner().phase(), Phase::kLeft);
}

}  // namespace
}  // namespace zkprobe::learner::test
