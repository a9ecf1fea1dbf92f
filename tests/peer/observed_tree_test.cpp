#include "peer/observed_tree.hpp"

#include <gtest/gtest.h>

#include "support/fixtures.hpp"

namespace zkprobe::peer {
namespace {

using learner::SyncKind;

learner::SyncStarted started(SyncKind kind, std::int64_t from, std::int64_t to) {
  return {kind, Zxid(from), Zxid(to)};
}
learner::SyncDone done(std::int64_t to) {
  learner::SyncDone sync;
  sync.to = Zxid(to);
  return sync;
}

wire::Txn create(std::int64_t zxid, std::string path, std::optional<std::int64_t> digest) {
  wire::Txn txn;
  txn.header = {1, 1, Zxid(zxid), 1, wire::TxnType::kCreate};
  txn.body = wire::SimpleTxn(wire::CreateTxn{std::move(path), Bytes{}, {}, false, 100});
  if (digest) txn.digest = {2, *digest};
  return txn;
}

struct Observed {
  void sync(std::size_t chunk) {
    tree.take(started(SyncKind::kSnap, 0, 0x200000010));
    const Bytes stream = test::read_golden("snapshot/file.3.9.6.hex");
    for (std::size_t at = 0; at < stream.size(); at += chunk) {
      const auto part = BytesView(stream).subspan(at, std::min(chunk, stream.size() - at));
      tree.take(learner::SnapshotBytes{Bytes(part.begin(), part.end()), Zxid(0x200000010),
                                       at + chunk >= stream.size()});
    }
  }
  ObservedTree tree{replica::DataTree::Settings{}};
};

TEST(ObservedTree, IsMadeOfASnapshotAndWhatFollows) {
  Observed o;
  o.sync(10);
  ASSERT_TRUE(o.tree.tree());
  EXPECT_EQ(to_hex(o.tree.tree()->digest()), "0x443fbd8a4");
  EXPECT_FALSE(o.tree.complete());
  // Before UPTODATE the tree may hold it already: nothing is compared.
  const auto early = o.tree.take(learner::TxnSeen{create(0x200000011, "/early", 1), true});
  ASSERT_TRUE(early);
  EXPECT_FALSE(early->difference);
  o.tree.take(done(0x200000011));
  EXPECT_TRUE(o.tree.complete());
  EXPECT_NE(o.tree.tree()->find("/early"), replica::kNoNode);
  EXPECT_EQ(o.tree.compared(), 0u);
  const auto later = o.tree.take(learner::TxnSeen{create(0x200000012, "/later", 1), true});
  ASSERT_TRUE(later && later->difference);
  EXPECT_EQ(o.tree.compared(), 1u);
  EXPECT_EQ(o.tree.differences(), 1u);
}

TEST(ObservedTree, TakesCommittedTransactionsAlone) {
  Observed o;
  o.sync(100);
  EXPECT_FALSE(o.tree.take(learner::TxnSeen{create(0x200000011, "/new", {}), false}));
  EXPECT_EQ(o.tree.tree()->find("/new"), replica::kNoNode);
}

TEST(ObservedTree, GoesOnWithADiff) {
  Observed o;
  o.sync(100);
  o.tree.take(done(0x200000010));
  o.tree.take(learner::Leave{});
  EXPECT_FALSE(o.tree.complete());
  o.tree.take(started(SyncKind::kDiff, 0x200000010, 0x200000011));
  o.tree.take(learner::TxnSeen{create(0x200000011, "/a", {}), true});
  o.tree.take(done(0x300000000));
  EXPECT_TRUE(o.tree.complete());
  EXPECT_EQ(o.tree.tree()->last_zxid(), Zxid(0x300000000));
  EXPECT_FALSE(o.tree.lost());
  const auto tree = o.tree.release();
  ASSERT_TRUE(tree);
  EXPECT_NE(tree->find("/a"), replica::kNoNode);
  EXPECT_EQ(o.tree.tree(), nullptr);
  EXPECT_FALSE(o.tree.complete());
  EXPECT_FALSE(o.tree.release());
}

TEST(ObservedTree, StartsAsAServerDoesWithADiffFromNothing) {
  Observed o;
  o.tree.take(started(SyncKind::kDiff, 0, 0));
  ASSERT_TRUE(o.tree.tree());
  EXPECT_EQ(o.tree.tree()->node_count(), 4u);
  ObservedTree other{replica::DataTree::Settings{}};
  other.take(started(SyncKind::kDiff, 5, 6));
  EXPECT_EQ(other.tree(), nullptr);
  EXPECT_TRUE(other.lost());
}

TEST(ObservedTree, IsLostWithATrunc) {
  Observed o;
  o.sync(100);
  o.tree.take(started(SyncKind::kTrunc, 0x200000010, 0x200000005));
  EXPECT_EQ(o.tree.tree(), nullptr);
  EXPECT_EQ(*o.tree.lost(), "the leader takes back what came after 0x200000005");
  EXPECT_FALSE(o.tree.take(learner::TxnSeen{create(0x200000006, "/a", {}), true}));
  o.tree.take(done(0x200000006));
  EXPECT_FALSE(o.tree.complete());
  o.tree.start_anew();
  EXPECT_FALSE(o.tree.lost());
}

TEST(ObservedTree, ASnapshotThatIsCutShortLeavesNoTree) {
  Observed o;
  o.tree.take(started(SyncKind::kSnap, 0, 5));
  o.tree.take(learner::SnapshotBytes{Bytes(6), Zxid(5), false});
  o.tree.take(learner::Leave{});
  EXPECT_EQ(o.tree.tree(), nullptr);
  o.sync(1000);
  EXPECT_TRUE(o.tree.tree());
}

TEST(ObservedTree, SaysWhatIsWrongWithASnapshot) {
  Observed o;
  o.tree.take(started(SyncKind::kSnap, 0, 5));
  // No sessions, no ACLs, a node before the root, the end.
  Writer stream;
  stream.i32(0);
  stream.i32(0);
  stream.i32(2);
  stream.text("/a");
  for (std::size_t i = 0; i < 4 + 8 + wire::kStatSize; ++i) stream.u8(0);
  o.tree.take(learner::SnapshotBytes{stream.take(), Zxid(5), false});
  ASSERT_TRUE(o.tree.lost());
  EXPECT_EQ(*o.tree.lost(), "the snapshot: node \"/a\": expected the root first, and once");
}

}  // namespace
}  // namespace zkprobe::peer
