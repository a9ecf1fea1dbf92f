#include "learner/sync.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "learner/script.hpp"

namespace zkprobe::learner::test {
namespace {

using Lines = Script::Lines;

const std::string kTxnTail = " delete /a session=0x1000 cxid=1";

Settings holding(std::int64_t zxid) {
  Settings settings = Script::defaults();
  settings.last_zxid = Zxid(zxid);
  return settings;
}

// Connected and past the handshake, in epoch 5.
struct Syncing : Script {
  explicit Syncing(Settings settings = defaults()) : Script(std::move(settings)) {
    connect();
    say(leader_info(5));
  }
};

TEST(Sync, ADiffBringsWhatIsMissing) {
  Syncing s(holding(0x400000001));
  EXPECT_EQ(s.say(packet(PacketType::kDiff, 0x400000003)),
            Lines{"sync DIFF from=0x400000001 to=0x400000003"});
  EXPECT_EQ(s.say(proposal(0x400000002)), Lines{"txn 0x400000002 proposed" + kTxnTail});
  EXPECT_EQ(s.say(commit(0x400000002)), Lines{"txn 0x400000002 committed" + kTxnTail});
  EXPECT_EQ(s.learner().last_zxid(), Zxid(0x400000002));
  s.say(proposal(0x400000003));
  s.say(commit(0x400000003));
  EXPECT_EQ(s.say(packet(PacketType::kNewLeader, kEpoch5)),
            (Lines{"persist currentEpoch 5", "send ACK zxid=0x500000000"}));
  EXPECT_EQ(s.say(inform(0x500000001)), Lines{"txn 0x500000001 committed" + kTxnTail});
  EXPECT_EQ(
      s.say(packet(PacketType::kUpToDate, -1)),
      (Lines{"send ACK zxid=0x500000000", "synced DIFF from=0x400000001 to=0x500000001 txns=3",
             "phase SYNCHRONIZATION -> BROADCAST epoch=5"}));
  EXPECT_EQ(s.learner().last_zxid(), Zxid(0x500000001));
}

TEST(Sync, ASnapshotIsCountedAndItsEndRecognised) {
  Syncing s;
  EXPECT_EQ(s.say(packet(PacketType::kSnap, 0x400000009)),
            Lines{"sync SNAP from=0x0 to=0x400000009"});
  const Bytes stream = snapshot();
  const BytesView all(stream);
  EXPECT_TRUE(s.raw(all.first(500)).empty());
  EXPECT_EQ(s.learner().last_zxid(), Zxid(0));
  // The rest of the stream and NEWLEADER in one read.
  Bytes rest(all.begin() + 500, all.end());
  const Bytes next = wire::encode(packet(PacketType::kNewLeader, kEpoch5));
  rest.insert(rest.end(), next.begin(), next.end());
  EXPECT_EQ(s.raw(rest), (Lines{"snapshot nodes=12 bytes=1319 complete", "persist currentEpoch 5",
                                "send ACK zxid=0x500000000"}));
  EXPECT_EQ(s.say(packet(PacketType::kUpToDate, -1))[1],
            "synced SNAP from=0x0 to=0x400000009 txns=0 nodes=12 bytes=1319");
  EXPECT_EQ(s.learner().last_zxid(), Zxid(0x400000009));
}

TEST(Sync, NodesAreListedOnRequest) {
  Settings settings = Script::defaults();
  settings.list_nodes = true;
  Syncing s(settings);
  s.say(packet(PacketType::kSnap, 0x400000009));
  const Lines lines = s.raw(snapshot());
  ASSERT_EQ(lines.size(), 13u);
  EXPECT_EQ(lines[0], "node ");
  EXPECT_EQ(lines[1], "node /a");
}

TEST(Sync, ATruncGoesBackToWhatTheLeaderHas) {
  Syncing s(holding(0x400000009));
  EXPECT_EQ(s.say(packet(PacketType::kTrunc, 0x400000005)),
            Lines{"sync TRUNC from=0x400000009 to=0x400000005"});
  s.say(packet(PacketType::kNewLeader, kEpoch5));
  s.say(packet(PacketType::kUpToDate, -1));
  EXPECT_EQ(s.learner().last_zxid(), Zxid(0x400000005));
}

TEST(Sync, WhatWasCutShortIsResumedFromZero) {
  Syncing trunc(holding(0x400000009));
  trunc.say(packet(PacketType::kTrunc, 0x400000005));
  trunc.close();
  EXPECT_EQ(trunc.learner().last_zxid(), Zxid(0));
  Syncing snap(holding(0x400000009));
  snap.say(packet(PacketType::kSnap, 0x400000005));
  snap.close();
  EXPECT_EQ(snap.learner().last_zxid(), Zxid(0));
  // A DIFF keeps what was there.
  Syncing diff(holding(0x400000009));
  diff.say(packet(PacketType::kDiff, 0x40000000a));
  diff.close();
  EXPECT_EQ(diff.learner().last_zxid(), Zxid(0x400000009));
}

TEST(Sync, AnythingElseFirstIsOutOfOrder) {
  for (int type = -1; type <= 21; ++type) {
    if (type >= 13 && type <= 15) continue;
    Syncing s;
    const Lines lines = s.say(packet(static_cast<PacketType>(type), 0));
    ASSERT_EQ(lines.size(), 1u) << type;
    EXPECT_TRUE(
        lines[0].ends_with("at byte 24 of the leader's stream: expected DIFF, TRUNC or SNAP"))
        << lines[0];
  }
}

TEST(Sync, ASecondFirstPacketIsOutOfOrder) {
  for (const PacketType type :
       {PacketType::kDiff, PacketType::kTrunc, PacketType::kSnap, PacketType::kLeaderInfo}) {
    Syncing s;
    s.say(packet(PacketType::kDiff, 0));
    const Lines lines = s.say(packet(type, 0));
    ASSERT_EQ(lines.size(), 1u);
    EXPECT_TRUE(lines[0].starts_with("leave ")) << lines[0];
  }
}

TEST(Sync, ACommitWithoutAnyProposalIsOutOfOrder) {
  Syncing s;
  s.say(packet(PacketType::kDiff, 0));
  EXPECT_EQ(s.say(commit(0x500000001)),
            Lines{"leave COMMIT at byte 44 of the leader's stream: expected a PROPOSAL before the "
                  "COMMIT of 0x500000001"});
}

TEST(Sync, ACommitOfAnotherProposalIsPassedOver) {
  Syncing s;
  s.say(packet(PacketType::kDiff, 0));
  s.say(proposal(0x500000001));
  EXPECT_EQ(s.say(commit(0x500000002)),
            Lines{"note COMMIT of 0x500000002, but the next proposal is 0x500000001"});
  s.say(proposal(0x500000002));
  EXPECT_EQ(s.say(commit(0x500000002)),
            (Lines{"note COMMIT of 0x500000002 passes over the proposal 0x500000001",
                   "txn 0x500000002 committed" + kTxnTail}));
}

TEST(Sync, UpToDateWithoutNewLeaderIsOutOfOrder) {
  Syncing s;
  s.say(packet(PacketType::kDiff, 0));
  EXPECT_EQ(s.say(packet(PacketType::kUpToDate, -1)),
            Lines{"leave UPTODATE at byte 44 of the leader's stream: expected NEWLEADER before "
                  "it"});
}

TEST(Sync, ANewLeaderThatComesTwiceIsAnsweredTwice) {
  Syncing s;
  s.say(packet(PacketType::kDiff, 0));
  s.say(packet(PacketType::kNewLeader, kEpoch5));
  EXPECT_EQ(s.say(packet(PacketType::kNewLeader, kEpoch5)),
            (Lines{"persist currentEpoch 5", "send ACK zxid=0x500000000"}));
}

TEST(Sync, TheConfigurationComesWithNewLeader) {
  Syncing s;
  s.say(packet(PacketType::kDiff, 0));
  const std::string text = "server.1=h:1:2:participant;3\nversion=100000000";
  EXPECT_EQ(s.say(packet(PacketType::kNewLeader, kEpoch5, Bytes(text.begin(), text.end())))[0],
            "config with NEWLEADER: 1 participant (1), majority, version 0x100000000");
  // One that cannot be read is said, and no reason to leave.
  const std::string bad = "server.x=y";
  const Lines lines = s.say(packet(PacketType::kNewLeader, kEpoch5, Bytes(bad.begin(), bad.end())));
  EXPECT_TRUE(lines[0].starts_with("note a configuration cannot be read: ")) << lines[0];
  EXPECT_EQ(lines.back(), "send ACK zxid=0x500000000");
}

TEST(Sync, AReconfigIsSeenWhenProposedAndWhenCommitted) {
  const Bytes reconfig = zkprobe::test::read_golden("txn/reconfig.hex");
  Syncing s;
  s.say(packet(PacketType::kDiff, 0));
  EXPECT_EQ(s.say(packet(PacketType::kProposal, 0x10000001c, reconfig))[0],
            "config proposed: 2 participants (1 2), 1 observer (3), majority, version "
            "0x10000001c");
  EXPECT_EQ(s.say(packet(PacketType::kCommitAndActivate, 0x10000001c, wire::encode_long(2)))[0],
            "config committed: 2 participants (1 2), 1 observer (3), majority, version "
            "0x10000001c leader=2");
}

TEST(Sync, PingsStayUnansweredUntilTheEnd) {
  Syncing s;
  s.say(packet(PacketType::kDiff, 0));
  EXPECT_TRUE(s.say(packet(PacketType::kPing, 0)).empty());
  s.say(packet(PacketType::kNewLeader, kEpoch5));
  EXPECT_TRUE(s.say(packet(PacketType::kPing, 0)).empty());
}

TEST(Sync, AGapIsNotedOrLeftAsTheSettingsSay) {
  Syncing lenient;
  lenient.say(packet(PacketType::kDiff, 0));
  lenient.say(proposal(0x500000001));
  EXPECT_EQ(lenient.say(proposal(0x500000003))[0],
            "note zxids do not follow each other: expected 0x500000002, found 0x500000003 after "
            "0x500000001");
  Settings settings = Script::defaults();
  settings.leave_on_gap = true;
  Syncing strict(settings);
  strict.say(packet(PacketType::kDiff, 0));
  strict.say(proposal(0x500000001));
  const Lines lines = strict.say(proposal(0x500000003));
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_TRUE(lines[0].ends_with("expected 0x500000002, found 0x500000003 after 0x500000001"));
  EXPECT_EQ(strict.learner().phase(), Phase::kLeft);
  // The largest zxid has a next one, as Java's longs have.
  Syncing ends(settings);
  ends.say(packet(PacketType::kDiff, 0));
  ends.say(proposal(std::numeric_limits<std::int64_t>::max()));
  EXPECT_TRUE(ends.say(proposal(std::numeric_limits<std::int64_t>::max()))[0].ends_with(
      "expected 0x8000000000000000, found 0x7fffffffffffffff after 0x7fffffffffffffff"));
  // A newer epoch starts where it likes.
  Syncing epochs(settings);
  epochs.say(packet(PacketType::kDiff, 0));
  epochs.say(proposal(0x400000009));
  EXPECT_EQ(epochs.say(proposal(0x500000001)).size(), 1u);
}

TEST(Sync, WhatIsOutstandingAndInformedLaterIsSeenOnce) {
  Syncing s;
  s.say(packet(PacketType::kDiff, 0));
  s.say(proposal(0x500000001));
  s.say(packet(PacketType::kNewLeader, kEpoch5));
  EXPECT_EQ(s.say(inform(0x500000001)).back(), "txn 0x500000001 committed" + kTxnTail);
  EXPECT_EQ(s.say(commit(0x500000001)).size(), 1u);
  EXPECT_EQ(s.learner().phase(), Phase::kLeft);
}

TEST(Sync, ProposalsWithoutCommitsHaveABound) {
  Syncing s;
  s.say(packet(PacketType::kDiff, 0));
  const Bytes big(1'000'000);
  Writer data;
  data.raw(BytesView(txn(0)).first(28));
  data.i32(5);
  data.raw(*hex_decode("000000022f61"));
  data.i32(static_cast<std::int32_t>(big.size()));
  data.raw(big);
  data.i32(1);
  Lines lines;
  for (int i = 0; i < 100 && s.learner().phase() != Phase::kLeft; ++i) {
    lines = s.say(packet(PacketType::kProposal, 0, data.bytes()));
  }
  EXPECT_EQ(s.learner().phase(), Phase::kLeft);
  EXPECT_TRUE(lines.back().ends_with("wait for their COMMIT, more than are held")) << lines.back();
}

TEST(Sync, ATransactionThatCannotBeReadIsLeftWithItsPlace) {
  for (const PacketType type : {PacketType::kProposal, PacketType::kInform}) {
    Syncing s;
    s.say(packet(PacketType::kDiff, 0));
    const Lines lines = s.say(packet(type, 1, Bytes(31)));
    EXPECT_EQ(lines, Lines{"leave " + std::string(wire::to_string(type)) +
                           " at byte 44 of the leader's stream: type at byte 28: expected 4 "
                           "bytes, found 3"});
  }
  Syncing s;
  s.say(packet(PacketType::kDiff, 0));
  EXPECT_EQ(s.say(packet(PacketType::kInformAndActivate, 1, Bytes(7))),
            Lines{"leave INFORMANDACTIVATE at byte 44 of the leader's stream: designated leader at "
                  "byte 0: expected 8 bytes, found 7 bytes"});
}

TEST(Sync, ASnapshotThatCannotBeReadIsLeftWithItsPlace) {
  Syncing s;
  s.say(packet(PacketType::kSnap, 1));
  EXPECT_EQ(s.raw(*hex_decode("00000000 00000000 fffffffe")),
            Lines{"leave snapshot at byte 44 of the leader's stream: path at byte 8: expected "
                  "-1..2097150, found -2"});
}

TEST(Sync, SilenceIsLeftAfterInitLimitAndAfterTheAckAfterSyncLimit) {
  Syncing s;
  s.say(packet(PacketType::kDiff, 0));
  EXPECT_EQ(s.learner().deadline(), s.now() + std::chrono::seconds(20));
  s.say(packet(PacketType::kNewLeader, kEpoch5));
  EXPECT_EQ(s.learner().deadline(), s.now() + std::chrono::seconds(10));
  EXPECT_EQ(s.wait(std::chrono::seconds(10)),
            Lines{"leave nothing came from the leader for 10 s, in SYNCHRONIZATION"});
}

TEST(Sync, BeforeZookeeper3911TheReadTimeoutShortensAtUpToDate) {
  for (const auto& [release, at_ack] : {std::pair{Release{3, 5, 9}, false},
                                        {Release{3, 5, 10}, true},
                                        {Release{3, 6, 2}, false},
                                        {Release{3, 6, 3}, true},
                                        {Release{3, 4, 14}, false}}) {
    Settings settings = Script::defaults();
    settings.release = release;
    Syncing s(settings);
    s.say(packet(PacketType::kDiff, 0));
    s.say(packet(PacketType::kNewLeader, kEpoch5));
    const auto expected = at_ack ? std::chrono::seconds(10) : std::chrono::seconds(20);
    EXPECT_EQ(s.learner().deadline(), s.now() + expected) << to_string(release);
    s.say(packet(PacketType::kUpToDate, -1));
    EXPECT_EQ(s.learner().deadline(), s.now() + std::chrono::seconds(10)) << to_string(release);
  }
}

TEST(Sync, AByteKeepsTheLinkAlive) {
  Syncing s;
  s.wait(std::chrono::seconds(19));
  const Bytes diff = wire::encode(packet(PacketType::kDiff, 0));
  s.raw(BytesView(diff).first(1));
  EXPECT_TRUE(s.wait(std::chrono::seconds(19)).empty());
}

}  // namespace
}  // namespace zkprobe::learner::test
