#include "replica/data_tree.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "replica/txns.hpp"
#include "support/fixtures.hpp"
#include "wire/snapshot_encoder.hpp"

namespace zkprobe::replica {
namespace {

const wire::NodeStat& stat_at(const DataTree& tree, std::string_view path) {
  return tree.view(tree.find(path)).stat;
}

TEST(DataTree, StartsAsAServerDoes) {
  const DataTree tree;
  EXPECT_EQ(tree.node_count(), 4u);
  EXPECT_NE(tree.find("/zookeeper/quota"), kNoNode);
  const NodeView config = tree.view(tree.find("/zookeeper/config"));
  EXPECT_EQ(config.acl_index, 1);
  EXPECT_EQ(config.acl, readable());
  EXPECT_EQ(config.stat.aversion, -1);
  EXPECT_EQ(tree.digest(), recomputed_digest(tree));
  EXPECT_EQ(DataTree({{3, 4, 14}, 0}).find("/zookeeper/config"), kNoNode);
}

// The same tree as the file that a server wrote before its first transaction.
TEST(DataTree, StartsAsTheEmptySnapshotOfAServer) {
  DataTree tree;
  tree.set_config("x", Zxid(0), 0);
  DataTree empty = load(test::read_golden("snapshot/file.3.9.6-empty.hex"), Zxid(0));
  empty.set_config("x", Zxid(0), 0);
  EXPECT_EQ(dump(empty), dump(tree));
}

TEST(DataTree, TellsKindsOfNodesByTheirOwner) {
  EXPECT_EQ(kind_of(0), NodeKind::kPersistent);
  EXPECT_EQ(kind_of(0x100004943900000), NodeKind::kEphemeral);
  EXPECT_EQ(kind_of(std::numeric_limits<std::int64_t>::min()), NodeKind::kContainer);
  const auto ttl = static_cast<std::int64_t>(0xff00'0000'0000'03e8ULL);
  EXPECT_EQ(kind_of(ttl), NodeKind::kTtl);
  EXPECT_EQ(ttl_of(ttl), 1000);
  // A session of server 255.
  EXPECT_EQ(kind_of(static_cast<std::int64_t>(0xff01'9a00'0000'0001ULL)), NodeKind::kEphemeral);
  EXPECT_EQ(to_string(NodeKind::kTtl), "ttl");
}

TEST(DataTree, AClientSeesCreatesAndDeletesInCversion) {
  DataTree tree;
  tree.apply(create_txn(1, "/a", "", 1));
  tree.apply(create_txn(2, "/b", "", 2));
  tree.apply(delete_txn(3, "/a"));
  const NodeView root = tree.view(kRootNode);
  EXPECT_EQ(root.stat.cversion, 2);
  EXPECT_EQ(root.children, 2u);  // /b and /zookeeper
  EXPECT_EQ(root.client_cversion, 2);
  EXPECT_EQ(root.stat.pzxid, Zxid(3));
}

// 3.3 knows no parentCVersion: it counts creates and deletes itself, and shows what it counted.
TEST(DataTree, CountsAsRelease33Does) {
  DataTree tree({{3, 3, 6}, 0});
  auto create = create_txn(1, "/a");
  std::get<wire::CreateTxn>(std::get<wire::SimpleTxn>(create.body)).parent_cversion.reset();
  tree.apply(create);
  tree.apply(delete_txn(2, "/a"));
  tree.apply(delete_txn(3, "/a"));
  EXPECT_EQ(stat_at(tree, "/").cversion, 2);
  EXPECT_EQ(tree.view(kRootNode).client_cversion, 2);
}

TEST(DataTree, KeepsWhatIsEphemeralBySession) {
  DataTree tree;
  tree.apply(create_txn(1, "/e1", "", -1, true, 5));
  tree.apply(create_txn(2, "/e2", "", -1, true, 6));
  EXPECT_EQ(tree.ephemeral_count(), 2u);
  EXPECT_EQ(tree.ephemerals_of(5), std::vector<std::string>{"/e1"});
  tree.apply(delete_txn(3, "/e1"));
  EXPECT_EQ(tree.ephemeral_count(), 1u);
  EXPECT_TRUE(tree.ephemerals_of(5).empty());
}

TEST(DataTree, AClosedSessionTakesItsNodesWithItInBothForms) {
  for (const bool named : {false, true}) {
    DataTree tree;
    tree.apply(make_txn(1, wire::TxnType::kCreateSession, wire::CreateSessionTxn{4000}, 5));
    EXPECT_EQ(tree.sessions().at(5), 4000);
    tree.apply(create_txn(2, "/e1", "", -1, true, 5));
    tree.apply(create_txn(3, "/e2", "", -1, true, 5));
    tree.apply(create_txn(4, "/other", "", -1, true, 6));
    wire::CloseSessionTxn close;
    if (named) close.paths = {"/e1", "/gone", "no path", "/"};
    const Applied applied = tree.apply(make_txn(5, wire::TxnType::kCloseSession, close, 5));
    EXPECT_EQ(applied.err, kOk);
    EXPECT_EQ(applied.problem, "");
    EXPECT_EQ(tree.find("/e1"), kNoNode);
    EXPECT_EQ(tree.find("/e2"), kNoNode);
    EXPECT_NE(tree.find("/other"), kNoNode);
    EXPECT_TRUE(tree.sessions().empty());
    EXPECT_EQ(stat_at(tree, "/").pzxid, Zxid(5));
    EXPECT_EQ(tree.digest(), recomputed_digest(tree));
  }
}

TEST(DataTree, WritesTheConfigurationForItself) {
  DataTree tree({{3, 4, 14}, 0});
  const std::int64_t digest = tree.digest();
  tree.set_config("server.1=h:1:2", Zxid(0x5), 77);
  const NodeView config = tree.view(tree.find("/zookeeper/config"));
  EXPECT_EQ(to_text(*config.data), "server.1=h:1:2");
  EXPECT_EQ(config.stat.version, -1);
  EXPECT_EQ(config.stat.mzxid, Zxid(5));
  EXPECT_EQ(config.stat.mtime_ms, 77);
  EXPECT_EQ(tree.digest(), digest);
}

TEST(DataTree, KnowsItsSize) {
  DataTree tree;
  const std::uint64_t before = tree.data_size();
  tree.apply(create_txn(1, "/abc", "12345"));
  EXPECT_EQ(tree.data_size(), before + 9);
  tree.apply(set_txn(2, "/abc", "1", 1));
  EXPECT_EQ(tree.data_size(), before + 5);
  tree.apply(delete_txn(3, "/abc"));
  EXPECT_EQ(tree.data_size(), before);
}

// No leader deletes a node that has children; over a snapshot of the future it may look so.
TEST(DataTree, ADeletedNodeTakesWhatIsBelowWithIt) {
  DataTree tree;
  const std::string before = dump(tree);
  tree.apply(create_txn(1, "/a"));
  tree.apply(create_txn(2, "/a/b", "", -1, true));
  tree.apply(create_txn(3, "/a/b/c"));
  tree.apply(create_txn(4, "/a/d"));
  EXPECT_EQ(tree.apply(delete_txn(5, "/a")).err, kOk);
  EXPECT_EQ(tree.node_count(), 4u);
  EXPECT_EQ(tree.ephemeral_count(), 0u);
  EXPECT_EQ(tree.digest(), recomputed_digest(tree));
}

TEST(DataTree, ASnapshotReadBackIsTheSameTree) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Generator generator(seed);
    DataTree tree;
    for (int i = 0; i < 200; ++i) tree.apply(generator.next());
    const Bytes stream = snapshot_of(tree, seed * 17);
    const DataTree again = load(stream, tree.last_zxid());
    EXPECT_EQ(dump(again), dump(tree)) << seed;
    EXPECT_EQ(again.last_zxid(), tree.last_zxid());
  }
}

// A snapshot is that of the moment when it was begun, whatever is applied until it is taken.
TEST(DataTree, ASnapshotIsOfOneMoment) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Generator generator(seed);
    SeededRandom random(seed);
    DataTree tree;
    for (int i = 0; i < 300; ++i) tree.apply(generator.next());
    const std::string then = dump(tree);
    const Zxid zxid = tree.last_zxid();
    tree.begin_snapshot();
    Writer stream;
    while (tree.snapshot_under_way()) {
      stream.raw(tree.next_snapshot_part(1 + random.below(300)));
      for (std::uint64_t i = random.below(20); i > 0; --i) tree.apply(generator.next());
    }
    wire::write_signature(stream);
    EXPECT_EQ(dump(load(stream.bytes(), zxid)), then) << seed;
    EXPECT_EQ(dump(tree), dump(generator.tree()));
  }
}

TEST(DataTree, ASnapshotCanBeGivenUpAndBegunAnew) {
  DataTree tree;
  EXPECT_TRUE(tree.next_snapshot_part(10).empty());
  tree.begin_snapshot();
  EXPECT_FALSE(tree.next_snapshot_part(10).empty());
  EXPECT_TRUE(tree.snapshot_under_way());
  tree.abandon_snapshot();
  EXPECT_FALSE(tree.snapshot_under_way());
  EXPECT_TRUE(tree.next_snapshot_part(10).empty());
  tree.apply(create_txn(1, "/a"));
  EXPECT_EQ(dump(load(snapshot_of(tree), Zxid(1))), dump(tree));
}

}  // namespace
}  // namespace zkprobe::replica
