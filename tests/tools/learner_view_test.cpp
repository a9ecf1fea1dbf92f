#include "learner_view.hpp"

#include <gtest/gtest.h>

#include "support/fixtures.hpp"

namespace zkprobe::tool {
namespace {

learner::TxnSeen seen(const std::string& golden, bool committed) {
  return {*wire::decode_txn(zkprobe::test::read_golden("txn/" + golden + ".hex")), committed};
}

TEST(LearnerView, ATransactionIsARecordWithItsPathAndSession) {
  EXPECT_EQ(effect_record(seen("setData", true))->dump(),
            R"({"event":"txn","zxid":"0x10000000c","type":"setData","path":"/a",)"
            R"("session":"0x20000473cd20000","committed":true})");
  EXPECT_FALSE(effect_record(seen("createSession", false))->contains("path"));
}

TEST(LearnerView, SeveralPathsAreAList) {
  const Json record = *effect_record(seen("multi", true));
  EXPECT_EQ(record["path"], "/m1");
  EXPECT_EQ(record["paths"].size(), 4u);
}

TEST(LearnerView, PeopleSeeATransactionOnceItIsCommitted) {
  EXPECT_FALSE(effect_line(seen("delete", false)));
  EXPECT_TRUE(effect_line(seen("delete", true))->starts_with("txn       0x"));
}

TEST(LearnerView, ASyncRecordHasNodesAfterASnapshotAlone) {
  learner::SyncDone sync{learner::SyncKind::kSnap,       Zxid(0), Zxid(5),
                         wire::SnapshotCounts{},         100,     0,
                         std::chrono::microseconds(1500)};
  sync.snapshot->nodes = 4;
  EXPECT_EQ(effect_record(sync)->dump(),
            R"({"event":"sync","kind":"SNAP","from":"0x0","to":"0x5","nodes":4,"bytes":100,)"
            R"("ms":1.5})");
  sync.snapshot.reset();
  EXPECT_FALSE(effect_record(sync)->contains("nodes"));
}

TEST(LearnerView, PacketsOfBothDirectionsAreRecords) {
  EXPECT_EQ(effect_record(learner::PacketSeen{wire::PacketType::kDiff, Zxid(1), 20})->dump(),
            R"({"event":"packet","dir":"in","type":"DIFF","zxid":"0x1","bytes":20})");
  const learner::Send ack{{wire::PacketType::kAck, Zxid(1), std::nullopt, std::nullopt}};
  EXPECT_EQ(effect_record(ack)->dump(),
            R"({"event":"packet","dir":"out","type":"ACK","zxid":"0x1","bytes":20})");
  EXPECT_FALSE(effect_line(ack));
}

TEST(LearnerView, AStrangeHostOrTextIsStillALine) {
  const std::string host = "a\x1b[31mRED\nFORGED";
  const std::string shown = "a\\x1b[31mRED\\x0aFORGED";
  EXPECT_EQ(link_line("dial", Sid(1), host + ":2888", "cannot resolve " + host),
            "link      dial leader 1 at " + shown + ":2888: cannot resolve " + shown);
  EXPECT_EQ(link_line("close", Sid(1), "", ""), "link      close leader 1");
  wire::Notification vote;
  vote.state = wire::ServerState::kLeading;
  vote.leader = Sid(1);
  vote.peer_epoch = PeerEpoch(2);
  EXPECT_EQ(vote_line({host, 3888}, vote),
            "vote      " + shown + ":3888 is LEADING, leader 1, epoch 0x2");
  EXPECT_EQ(effect_line(learner::Noted{host}), "note      " + shown);
}

TEST(LearnerView, ARecordOfAStrangePathIsStillALine) {
  wire::Txn txn;
  txn.header.type = wire::TxnType::kDelete;
  txn.body = wire::SimpleTxn(wire::DeleteTxn{"/\xff\x1b"});
  EXPECT_NE(to_line(*effect_record(learner::TxnSeen{txn, true})).find("\\u001b"),
            std::string::npos);
  EXPECT_NE(effect_line(learner::TxnSeen{txn, true})->find("/\\xff\\x1b"), std::string::npos);
}

TEST(LearnerView, TheRootIsASlash) {
  EXPECT_EQ((*effect_record(learner::NodeListed{}))["path"], "/");
}

}  // namespace
}  // namespace zkprobe::tool
