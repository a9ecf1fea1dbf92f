#include "learner/following.hpp"

#include <gtest/gtest.h>

#include "learner/script.hpp"

namespace zkprobe::learner::test {
namespace {

using Lines = Script::Lines;

const std::string kTail = " delete /a session=0x1000 cxid=1";

Settings follower(std::int64_t last_zxid = 0) {
  Settings settings = Script::defaults();
  settings.role = Role::kFollower;
  settings.accepted_epoch = PeerEpoch(4);
  settings.current_epoch = PeerEpoch(4);
  settings.last_zxid = Zxid(last_zxid);
  return settings;
}

Bytes bytes_of(const std::string& text) { return Bytes(text.begin(), text.end()); }
std::string append(const std::string& zxid) { return "append " + zxid + " bytes=38"; }
std::string ack(const std::string& zxid) { return "send when durable ACK zxid=" + zxid; }

// Synchronised by an empty DIFF at 0x400000009, in epoch 5.
struct Follows : Script {
  explicit Follows(Settings settings = follower(0x400000009)) : Script(std::move(settings)) {
    synchronise();
  }
};

QuorumPacket commit_and_activate(std::int64_t zxid, Bytes leader) {
  return packet(PacketType::kCommitAndActivate, zxid, std::move(leader));
}

TEST(Following, AProposalIsLoggedAndAcknowledgedWhenItIsDurable) {
  Follows s;
  EXPECT_EQ(s.say(proposal(0x500000001)),
            (Lines{"txn 0x500000001 proposed" + kTail, append("0x500000001"), ack("0x500000001")}));
  EXPECT_EQ(s.learner().last_zxid(), Zxid(0x400000009));
  EXPECT_EQ(s.say(commit(0x500000001)), Lines{"txn 0x500000001 committed" + kTail});
  EXPECT_EQ(s.learner().last_zxid(), Zxid(0x500000001));
}

TEST(Following, ProposalsMayWaitForTheirCommits) {
  Follows s;
  for (int i = 1; i <= 3; ++i) s.say(proposal(0x500000000 + i));
  EXPECT_EQ(s.say(commit(0x500000001)), Lines{"txn 0x500000001 committed" + kTail});
  s.say(proposal(0x500000004));
  EXPECT_EQ(s.say(commit(0x500000002)), Lines{"txn 0x500000002 committed" + kTail});
}

TEST(Following, AGapARepetitionAndAnotherEpochEndTheLink) {
  for (const std::int64_t wrong : std::vector<std::int64_t>{0x500000003, 0x500000001, 0x500000000,
                                                            0x400000002, 0x600000001, -1}) {
    Follows s;
    s.say(proposal(0x500000001));
    const Lines lines = s.say(proposal(wrong));
    ASSERT_EQ(lines.size(), 1u) << to_hex(wrong);
    EXPECT_TRUE(lines[0].starts_with("leave PROPOSAL at byte "));
    EXPECT_TRUE(lines[0].ends_with("expected the proposal 0x500000002, found " + to_hex(wrong)))
        << lines[0];
  }
}

TEST(Following, TheFirstProposalOfAnEpochIsItsFirst) {
  Follows s;
  EXPECT_TRUE(s.say(proposal(0x500000002))
                  .back()
                  .ends_with("expected the proposal 0x500000001, found 0x500000002"));
}

TEST(Following, WhoComesLateGoesOnWhereTheLeaderIs) {
  Settings settings = follower(0x500000007);
  settings.accepted_epoch = PeerEpoch(5);
  Follows s(settings);
  EXPECT_EQ(s.say(proposal(0x500000008)).size(), 3u);
}

TEST(Following, ACommitOfAnythingButTheOldestProposalEndsTheLink) {
  Follows without;
  EXPECT_TRUE(without.say(commit(0x500000001))
                  .back()
                  .ends_with("expected a PROPOSAL before the COMMIT, found that of 0x500000001"));
  for (const std::int64_t wrong : {0x500000002, 0x500000003, 0x400000001}) {
    Follows s;
    s.say(proposal(0x500000001));
    s.say(proposal(0x500000002));
    EXPECT_TRUE(
        s.say(commit(wrong))
            .back()
            .ends_with("expected the COMMIT of 0x500000001, found that of " + to_hex(wrong)));
  }
}

TEST(Following, ACommitAndActivateNamesTheLeaderThatIsWanted) {
  Follows s;
  Writer writer;
  writer.i64(0x1000);
  writer.i32(1);
  writer.i64(0x500000001);
  writer.i64(3);
  writer.i32(16);
  writer.raw(*hex_decode("00000011" + hex_encode(bytes_of("/zookeeper/config"))));
  const std::string config = "server.1=a:2888:3888:participant;c:2181\nversion=500000001";
  writer.i32(static_cast<std::int32_t>(config.size()));
  writer.raw(bytes_of(config));
  writer.i32(-1);
  const Lines proposed = s.say(packet(PacketType::kProposal, 0x500000001, writer.take()));
  ASSERT_EQ(proposed.size(), 4u);
  EXPECT_TRUE(proposed[0].starts_with("config proposed: "));
  const Lines done = s.say(commit_and_activate(0x500000001, wire::encode_long(2)));
  ASSERT_EQ(done.size(), 2u);
  EXPECT_TRUE(done[0].starts_with("txn 0x500000001 committed reconfig"));
  EXPECT_TRUE(done[1].starts_with("config committed: "));
  EXPECT_TRUE(done[1].ends_with(" leader=2"));
}

TEST(Following, ACommitAndActivateWithoutALeaderEndsTheLink) {
  Follows s;
  s.say(proposal(0x500000001));
  const Lines lines = s.say(commit_and_activate(0x500000001, Bytes(7)));
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_TRUE(lines[0].starts_with("leave COMMITANDACTIVATE at byte ")) << lines[0];
  EXPECT_NE(lines[0].find("designated leader"), std::string::npos) << lines[0];
}

TEST(Following, APingIsAnsweredAtOnce) {
  Follows s;
  s.say(proposal(0x500000001));
  EXPECT_EQ(s.say(packet(PacketType::kPing, 0x500000001)).size(), 1u);
  EXPECT_TRUE(s.say(packet(PacketType::kPing, 0x500000001))[0].starts_with("send PING"));
}

TEST(Following, WhatIsForObserversEndsTheLink) {
  Follows s;
  EXPECT_TRUE(s.say(inform(0x500000001)).back().starts_with("leave INFORM at byte "));
}

TEST(Following, AProposalThatCannotBeReadEndsTheLink) {
  Follows s;
  EXPECT_TRUE(s.say(packet(PacketType::kProposal, 0x500000001, Bytes(31)))
                  .back()
                  .starts_with("leave PROPOSAL at byte "));
}

TEST(Following, ProposalsWithoutCommitsHaveABound) {
  Script script(follower(0x400000009));
  script.synchronise();
  std::string last;
  for (std::size_t i = 1; i <= kMaxOutstandingTxns + 1; ++i) {
    last = script.say(proposal(0x500000000 + static_cast<std::int64_t>(i))).back();
  }
  EXPECT_TRUE(last.starts_with("leave 100000 transactions of ")) << last;
}

// ---- a follower's synchronisation
struct FollowerSync : Script {
  explicit FollowerSync(Settings settings = follower(0x400000009)) : Script(std::move(settings)) {
    connect();
    say(leader_info(5));
  }
};

TEST(FollowerSync, TheEpochIsAcceptedOnDiskBeforeItIsAcknowledged) {
  Script s(follower(0x400000009));
  EXPECT_TRUE(s.connect().back().starts_with("send FOLLOWERINFO zxid=0x400000000"));
  const Lines lines = s.say(leader_info(5));
  ASSERT_GE(lines.size(), 2u);
  EXPECT_EQ(lines[0], "persist acceptedEpoch 5");
  EXPECT_TRUE(lines[1].starts_with("send when durable ACKEPOCH zxid=0x400000009")) << lines[1];
}

TEST(FollowerSync, WhatIsCommittedIsLoggedBeforeTheAckOfNewLeader) {
  FollowerSync s;
  s.say(packet(PacketType::kDiff, 0x40000000a));
  EXPECT_EQ(s.say(proposal(0x40000000a)), Lines{"txn 0x40000000a proposed" + kTail});
  EXPECT_EQ(s.say(commit(0x40000000a)),
            (Lines{append("0x40000000a"), "txn 0x40000000a committed" + kTail}));
  s.say(proposal(0x500000001));
  EXPECT_EQ(s.say(packet(PacketType::kNewLeader, kEpoch5)),
            (Lines{"persist currentEpoch 5", ack("0x500000000")}));
  // From the ACK on proposals and commits wait for UPTODATE.
  s.say(proposal(0x500000002));
  EXPECT_TRUE(s.say(commit(0x500000001)).empty());
  Lines lines = s.say(packet(PacketType::kUpToDate, -1));
  ASSERT_EQ(lines.size(), 8u);
  EXPECT_EQ(lines[0], ack("0x500000000"));
  EXPECT_EQ(lines[2], "phase SYNCHRONIZATION -> BROADCAST epoch=5");
  lines.erase(lines.begin(), lines.begin() + 3);
  EXPECT_EQ(lines, (Lines{append("0x500000001"), ack("0x500000001"), append("0x500000002"),
                          ack("0x500000002"), "txn 0x500000001 committed" + kTail}));
  EXPECT_EQ(s.say(commit(0x500000002)), Lines{"txn 0x500000002 committed" + kTail});
  EXPECT_EQ(s.say(proposal(0x500000003)).size(), 3u);
}

TEST(FollowerSync, ATruncIsFollowedByASnapshotOfOurs) {
  FollowerSync s;
  EXPECT_EQ(s.say(packet(PacketType::kTrunc, 0x400000005)),
            (Lines{"truncate after 0x400000005", "sync TRUNC from=0x400000009 to=0x400000005"}));
  EXPECT_EQ(s.say(packet(PacketType::kNewLeader, kEpoch5)),
            (Lines{"take snapshot", "persist currentEpoch 5", ack("0x500000000")}));
  s.say(packet(PacketType::kUpToDate, -1));
  EXPECT_EQ(s.say(proposal(0x500000001)).size(), 3u);
}

TEST(FollowerSync, ASnapshotIsStoredAsItComes) {
  FollowerSync s(follower());
  s.say(packet(PacketType::kSnap, 0x400000009));
  const Bytes stream = snapshot();
  const BytesView all(stream);
  EXPECT_EQ(s.raw(all.first(500)), Lines{"store snapshot 0x400000009 bytes=500"});
  EXPECT_EQ(s.raw(all.subspan(500)), (Lines{"store snapshot 0x400000009 bytes=819 complete",
                                            "snapshot nodes=12 bytes=1319 complete"}));
  // The snapshot was taken after these two were applied: it has the first of them.
  s.say(proposal(0x400000009));
  EXPECT_EQ(s.say(commit(0x400000009)), Lines{"txn 0x400000009 committed" + kTail});
  s.say(proposal(0x40000000a));
  EXPECT_EQ(s.say(commit(0x40000000a)),
            (Lines{append("0x40000000a"), "txn 0x40000000a committed" + kTail}));
  EXPECT_EQ(s.say(packet(PacketType::kNewLeader, kEpoch5)),
            (Lines{"persist currentEpoch 5", ack("0x500000000")}));
}

TEST(FollowerSync, WhatWeHoldAlreadyAndGapsEndTheLink) {
  for (const std::int64_t wrong : {0x400000009, 0x400000008, 0x40000000b, 0x300000001}) {
    FollowerSync s;
    s.say(packet(PacketType::kDiff, 0x40000000a));
    EXPECT_TRUE(s.say(proposal(wrong)).back().starts_with("leave PROPOSAL at byte "))
        << to_hex(wrong);
  }
}

TEST(FollowerSync, ACommitThatDoesNotMatchEndsTheLink) {
  FollowerSync s;
  s.say(packet(PacketType::kDiff, 0x40000000b));
  s.say(proposal(0x40000000a));
  s.say(proposal(0x40000000b));
  EXPECT_TRUE(s.say(commit(0x40000000b))
                  .back()
                  .ends_with("expected the COMMIT of 0x40000000a, found that of 0x40000000b"));
}

TEST(FollowerSync, ALateCommitThatDoesNotMatchEndsTheLinkAfterUpToDate) {
  FollowerSync s;
  s.say(packet(PacketType::kDiff, 0x400000009));
  s.say(packet(PacketType::kNewLeader, kEpoch5));
  s.say(commit(0x500000001));
  EXPECT_TRUE(s.say(packet(PacketType::kUpToDate, -1)).back().starts_with("leave COMMIT at byte "));
}

TEST(FollowerSync, ALeaderOf33IsNotFollowed) {
  Script s(follower());
  s.connect();
  EXPECT_TRUE(s.say(packet(PacketType::kNewLeader, kEpoch5)).back().starts_with("leave NEWLEADER"));
}

// ---- at the zxid of no transaction
// In epoch 5, up to UPTODATE; with these packets before it.
Lines up_to_date(const Settings& settings, std::int64_t diff,
                 const std::vector<QuorumPacket>& before = {}) {
  FollowerSync s(settings);
  s.say(packet(PacketType::kDiff, diff));
  s.say(packet(PacketType::kNewLeader, kEpoch5));
  for (const QuorumPacket& each : before) s.say(each);
  return s.say(packet(PacketType::kUpToDate, -1));
}
Lines asked(const Lines& lines) {
  Lines out;
  for (const std::string& line : lines) {
    if (line.find("REQUEST") != std::string::npos) out.push_back(line);
  }
  return out;
}
Settings at_the_beginning_of_epoch_5() {
  Settings settings = follower(kEpoch5);
  settings.accepted_epoch = settings.current_epoch = PeerEpoch(5);
  return settings;
}

TEST(FollowerAtNoTransaction, AsksOnceForASessionAfterItsLastAck) {
  FollowerSync s(at_the_beginning_of_epoch_5());
  s.say(packet(PacketType::kDiff, kEpoch5));
  s.say(packet(PacketType::kNewLeader, kEpoch5));
  const Lines lines = s.say(packet(PacketType::kUpToDate, -1));
  ASSERT_EQ(lines.size(), 5u);
  EXPECT_EQ(lines[0], ack("0x500000000"));
  EXPECT_TRUE(lines[3].starts_with("note what we hold ends at 0x500000000, ")) << lines[3];
  EXPECT_EQ(lines[4],
            "send when durable REQUEST zxid=0xffffffffffffffff "
            "session=0x900000000000005 cxid=0 type=-10 body=4");
  EXPECT_TRUE(asked(s.say(proposal(0x500000001))).empty());
  EXPECT_TRUE(asked(s.say(commit(0x500000001))).empty());
  EXPECT_TRUE(asked(s.say(packet(PacketType::kPing, 0x500000001))).empty());
}

// Where that leader was gone before it could propose anything.
TEST(FollowerAtNoTransaction, AsksTheLeaderOfALaterEpochToo) {
  EXPECT_EQ(asked(up_to_date(follower(0x400000000), 0x400000000)).size(), 1u);
}

TEST(FollowerAtNoTransaction, AsksAfterASnapshotThatItGotAsAFollower) {
  FollowerSync s(follower());
  s.say(packet(PacketType::kSnap, kEpoch5));
  s.raw(snapshot());
  s.say(packet(PacketType::kNewLeader, kEpoch5));
  EXPECT_EQ(asked(s.say(packet(PacketType::kUpToDate, -1))).size(), 1u);
}

TEST(FollowerAtNoTransaction, NothingIsAskedWhereThereIsATransaction) {
  EXPECT_TRUE(asked(up_to_date(follower(0x400000009), 0x400000009)).empty());
  EXPECT_TRUE(asked(up_to_date(follower(), 0)).empty());  // a new ensemble: nobody holds anything
  // Proposed before UPTODATE, not yet committed.
  EXPECT_TRUE(
      asked(up_to_date(at_the_beginning_of_epoch_5(), kEpoch5, {proposal(0x500000001)})).empty());
}

TEST(FollowerAtNoTransaction, AnObserverAsksForNothing) {
  for (const bool keeps : {false, true}) {
    Settings settings = at_the_beginning_of_epoch_5();
    settings.role = Role::kObserver;
    settings.keeps_state = keeps;
    EXPECT_TRUE(asked(up_to_date(settings, kEpoch5)).empty());
  }
}

TEST(ObserverThatKeeps, LogsWhatItIsInformedOf) {
  Settings settings = Script::defaults();
  settings.keeps_state = true;
  settings.last_zxid = Zxid(0x400000009);
  Script s(settings);
  s.synchronise();
  EXPECT_EQ(s.say(inform(0x500000001)),
            (Lines{append("0x500000001"), "txn 0x500000001 committed" + kTail}));
}

}  // namespace
}  // namespace zkprobe::learner::test
