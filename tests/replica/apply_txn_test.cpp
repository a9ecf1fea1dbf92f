#include <gtest/gtest.h>

#include <functional>
#include <map>

#include "replica/data_tree.hpp"
#include "replica/txns.hpp"
#include "wire/snapshot_encoder.hpp"

namespace zkprobe::replica {
namespace {

using wire::TxnType;

std::string problem_of(const wire::Txn& txn) {
  DataTree tree;
  const std::string before = dump(tree);
  const Applied applied = tree.apply(txn);
  EXPECT_EQ(dump(tree), before);
  return applied.problem;
}

std::map<std::string, Bytes> paths_and_data(const DataTree& tree) {
  std::map<std::string, Bytes> nodes;
  for (const NodeId id : all_nodes(tree)) {
    const auto data = tree.view(id).data.value_or(BytesView());
    nodes[tree.nodes().path(id)] = Bytes(data.begin(), data.end());
  }
  return nodes;
}

// Every type of transaction there is, from the first of an ensemble on: after each of them our
// digest is the one that the leader sent with it.
TEST(ApplyTxn, ALogOfEveryTypeComesToTheDigestsOfItsLeader) {
  DataTree tree;
  int compared = 0;
  for (const wire::Txn& txn : read_log("replica/log.3.9.6.hex")) {
    const Applied applied = tree.apply(txn);
    EXPECT_EQ(applied.problem, "");
    EXPECT_FALSE(applied.difference) << describe(*applied.difference);
    EXPECT_EQ(tree.digest(), recomputed_digest(tree));
    if (!txn.digest) continue;
    EXPECT_EQ(to_hex(tree.digest()), to_hex(txn.digest->tree_digest)) << to_hex(txn.header.zxid);
    ++compared;
  }
  EXPECT_EQ(compared, 27);
  EXPECT_EQ(tree.last_zxid(), Zxid(0x10000001d));
  const NodeId config = tree.find("/zookeeper/config");
  EXPECT_EQ(tree.view(config).stat.mzxid, Zxid(0x10000001c));
}

TEST(ApplyTxn, ReadsAVersionZeroCreate) {
  DataTree tree;
  auto txn = create_txn(1, "/a");
  std::get<wire::CreateTxn>(std::get<wire::SimpleTxn>(txn.body)).parent_cversion.reset();
  tree.apply(txn);
  EXPECT_EQ(tree.view(kRootNode).stat.cversion, 1);
}

TEST(ApplyTxn, AFailedMultiChangesNothing) {
  DataTree tree;
  const std::string before = dump(tree);
  const Applied applied = tree.apply(
      multi_txn(5, {{TxnType::kCreate, wire::CreateTxn{"/a", Bytes{}, open_to_all(), false, 1}},
                    {TxnType::kError, wire::ErrorTxn{-103}},
                    {TxnType::kError, wire::ErrorTxn{-2}}}));
  EXPECT_EQ(applied.err, -103);
  EXPECT_EQ(dump(tree), before);
  EXPECT_EQ(tree.last_zxid(), Zxid(5));
}

TEST(ApplyTxn, AMultiAppliesAllOfIt) {
  DataTree tree;
  const Applied applied = tree.apply(multi_txn(
      5, {{TxnType::kCreate, wire::CreateTxn{"/a", Bytes{}, open_to_all(), false, 1}},
          {TxnType::kCreate2, wire::CreateTxn{"/a/b", Bytes{}, open_to_all(), true, 1}},
          {TxnType::kCreateTtl, wire::CreateTtlTxn{"/t", Bytes{}, open_to_all(), 2, 5}},
          {TxnType::kCreateContainer, wire::CreateContainerTxn{"/c", Bytes{}, open_to_all(), 3}},
          {TxnType::kSetData, wire::SetDataTxn{"/a", bytes_of("x"), 1}},
          {TxnType::kCheck, wire::CheckVersionTxn{"/a", 2}},
          {TxnType::kDelete, wire::DeleteTxn{"/t"}},
          {TxnType::kDeleteContainer, wire::DeleteTxn{"/c"}}}));
  EXPECT_EQ(applied.err, kOk);
  EXPECT_EQ(applied.problem, "");
  EXPECT_EQ(tree.node_count(), 6u);
  EXPECT_EQ(tree.ephemerals_of(0x77), std::vector<std::string>{"/a/b"});
}

TEST(ApplyTxn, ErrorsChangeNothingAndSayTheirCode) {
  DataTree tree;
  EXPECT_EQ(tree.apply(make_txn(1, TxnType::kError, wire::ErrorTxn{-101})).err, -101);
  EXPECT_EQ(tree.apply(set_txn(2, "/none", "", 1)).err, kNoNodeError);
  EXPECT_EQ(
      tree.apply(make_txn(3, TxnType::kSetAcl, wire::SetAclTxn{"/none", open_to_all(), 1})).err,
      kNoNodeError);
  EXPECT_EQ(tree.apply(create_txn(4, "/none/a")).err, kNoNodeError);
  EXPECT_EQ(tree.apply(delete_txn(5, "/none/a")).err, kNoNodeError);
  EXPECT_EQ(tree.last_zxid(), Zxid(5));
}

// As Java numbers them: a list whose only user gets it again has a new number.
TEST(ApplyTxn, NumbersAclListsAsJavaDoes) {
  DataTree tree;
  tree.apply(create_txn(1, "/a"));
  EXPECT_EQ(tree.view(tree.find("/a")).acl_index, 2);
  tree.apply(make_txn(2, TxnType::kSetAcl, wire::SetAclTxn{"/a", open_to_all(), 1}));
  EXPECT_EQ(tree.view(tree.find("/a")).acl_index, 3);
  tree.apply(make_txn(3, TxnType::kSetAcl, wire::SetAclTxn{"/a", readable(), 2}));
  EXPECT_EQ(tree.view(tree.find("/a")).acl_index, 1);
  EXPECT_EQ(tree.acls().size(), 1u);
}

// ---- what no leader sends
TEST(ApplyTxn, PathsThatAreNoneAreNamedAndChangeNothing) {
  for (const std::string path : {"", "/", "a", "a/b", "/a/", "/zookeeper/"}) {
    EXPECT_NE(problem_of(create_txn(1, path)), "") << path;
    EXPECT_NE(problem_of(delete_txn(1, path)), "") << path;
  }
  EXPECT_EQ(problem_of(create_txn(1, "no\x1b")),
            "create of \"no\\x1b\": expected an absolute path below /");
  EXPECT_LT(problem_of(create_txn(1, std::string(1'000'000, 'x'))).size(), 200u);
}

TEST(ApplyTxn, LongAndDeepPathsAreApplied) {
  DataTree tree;
  const std::string name(1'000'000, 'x');
  EXPECT_EQ(tree.apply(create_txn(1, "/" + name)).err, kOk);
  std::string deep = "/d";
  for (int i = 0; i < 500; ++i, deep += "/d") ASSERT_EQ(tree.apply(create_txn(2, deep)).err, kOk);
  EXPECT_EQ(tree.apply(create_txn(3, std::string(100'000, '/') + "a")).err, kNoNodeError);
  EXPECT_EQ(dump(load(snapshot_of(tree), tree.last_zxid())), dump(tree));
}

TEST(ApplyTxn, TypesThatNobodyKnowsAreNamed) {
  EXPECT_NE(problem_of(make_txn(1, TxnType(99), wire::UnknownTxn{})).find("type 99"),
            std::string::npos);
  EXPECT_NE(problem_of(multi_txn(1, {{TxnType(99), wire::UnknownTxn{}}})), "");
  EXPECT_EQ(problem_of(multi_txn(1, {{TxnType::kSetAcl, wire::SetAclTxn{"/zookeeper", {}, 1}}})),
            "a multi with setACL");
  for (const std::int64_t ttl : {std::int64_t{0}, std::int64_t{-1}, std::int64_t{1} << 40}) {
    EXPECT_NE(problem_of(make_txn(1, TxnType::kCreateTtl,
                                  wire::CreateTtlTxn{"/t", Bytes{}, open_to_all(), 1, ttl})),
              "");
  }
}

// ---- digests
TEST(ApplyTxn, ADifferenceNamesTransactionAndPathsOnce) {
  Generator generator(4);
  DataTree tree;
  for (int i = 0; i < 50; ++i) tree.apply(generator.next());
  ASSERT_NE(tree.find("/zookeeper"), kNoNode);
  // One that the leader never had.
  auto foreign = create_txn(tree.last_zxid().value, "/foreign", "x", -1);
  tree.apply(foreign);
  int fresh = 0;
  int differences = 0;
  for (int i = 0; i < 50; ++i) {
    const wire::Txn txn = generator.next();
    const Applied applied = tree.apply(txn);
    if (!txn.digest) continue;
    ASSERT_TRUE(applied.difference);
    ++differences;
    if (applied.difference->fresh) ++fresh;
    EXPECT_EQ(applied.difference->zxid, txn.header.zxid);
    EXPECT_EQ(applied.difference->type, txn.header.type);
    EXPECT_EQ(applied.difference->paths, wire::paths_of(txn));
    EXPECT_EQ(applied.difference->expected, txn.digest->tree_digest);
    EXPECT_EQ(applied.difference->actual, tree.digest());
  }
  EXPECT_GT(differences, 20);
  // The first time, and again whenever a create or delete below / makes both roots differ by more.
  EXPECT_GE(fresh, 1);
  EXPECT_LT(fresh, differences);
}

TEST(ApplyTxn, DigestsOfAnotherVersionAreNotCompared) {
  DataTree tree;
  wire::Txn txn = create_txn(1, "/a");
  txn.digest = {1, 77};
  EXPECT_FALSE(tree.apply(txn).difference);
  txn = create_txn(2, "/b");
  txn.digest = {2, 77};
  EXPECT_TRUE(tree.apply(txn).difference);
  tree.hold_comparison();
  EXPECT_FALSE(tree.apply(txn).difference);
  tree.compare_from_now();
  EXPECT_TRUE(tree.apply(txn).difference);
}

TEST(ApplyTxn, ASnapshotsDigestIsComparedAtItsZxidAndNoneBefore) {
  const auto apply = [](Zxid target, std::int32_t version, std::int64_t error) {
    Generator generator(4);
    DataTree tree;
    std::vector<Zxid> differences;
    for (int i = 0; i < 40; ++i) {
      wire::Txn txn = generator.next();
      if (txn.header.zxid == Zxid(0x100000014)) {
        tree.hold_comparison_until(target, version, generator.tree().digest());
      }
      // Wrong for the tree, as it may be while transactions are applied a second time.
      if (txn.header.zxid < target && txn.digest) txn.digest->tree_digest += 5;
      if (txn.header.zxid == target) {
        tree.hold_comparison_until(target, version, generator.tree().digest() + error);
      }
      if (txn.header.zxid < Zxid(0x100000014)) txn.digest.reset();
      const Applied applied = tree.apply(txn);
      if (applied.difference) differences.push_back(applied.difference->zxid);
    }
    return differences;
  };
  const Zxid target(0x10000001e);
  EXPECT_EQ(apply(target, 2, 0), std::vector<Zxid>{});
  EXPECT_EQ(apply(target, 2, 3), std::vector<Zxid>{target});
  EXPECT_EQ(apply(target, 1, 3), std::vector<Zxid>{});
}

// ---- again
// Java writes snapshots while it goes on: a node stands in them as it was when the walk came by,
// at any time between the zxid of the snapshot's name and its end. Applying all transactions from
// that zxid on must come to the tree of the last one.
class FuzzySnapshot : public testing::TestWithParam<std::uint64_t> {};

// The walk of DataTree.serializeNode, with the names of children taken when the parent is.
void walk_as_java(const Generator& generator, const std::string& path, Writer& out,
                  const std::function<void()>& meanwhile) {
  const DataTree& tree = generator.tree();
  const NodeId id = tree.find(path);
  if (id == kNoNode) return;
  const NodeView node = tree.view(id);
  wire::write_node(out, path, node.data, node.acl_index, node.stat);
  std::vector<std::string> children;
  for (NodeId at = tree.nodes()[id].first_child; at != kNoNode;
       at = tree.nodes()[at].next_sibling) {
    children.emplace_back(tree.nodes().name(at));
  }
  meanwhile();
  for (const std::string& child : children) {
    walk_as_java(generator, path + "/" + child, out, meanwhile);
  }
}

TEST_P(FuzzySnapshot, ComesToTheTreeOfTheLogThatIsAppliedOverIt) {
  Generator generator(GetParam(), true);
  SeededRandom random(GetParam());
  for (int i = 0; i < 200; ++i) generator.next();
  const Zxid begun = generator.tree().last_zxid();
  std::vector<wire::Txn> log;
  Writer stream;
  wire::write_count(stream, generator.tree().sessions().size());
  for (const auto& [session, timeout] : generator.tree().sessions()) {
    wire::write_session(stream, session, timeout);
  }
  Writer nodes;
  walk_as_java(generator, "", nodes, [&] {
    for (std::uint64_t i = random.below(6); i > 0; --i) log.push_back(generator.next());
  });
  // The table of ACLs is written before the nodes; all numbers that they may name are in it here.
  const AclTable& acls = generator.tree().acls();
  wire::write_count(stream, acls.size());
  for (const auto slot : acls.slots()) {
    wire::write_acl_entry(stream, acls.index_of(slot), acls.list_of(slot));
  }
  stream.raw(nodes.bytes());
  wire::write_nodes_end(stream);
  wire::write_signature(stream);

  DataTree tree = load(stream.bytes(), begun);
  tree.hold_comparison();
  for (const wire::Txn& txn : log) {
    EXPECT_EQ(tree.apply(txn).problem, "");
    EXPECT_EQ(tree.digest(), recomputed_digest(tree));
  }
  EXPECT_EQ(to_hex(tree.digest()), to_hex(generator.tree().digest()));
  EXPECT_EQ(paths_and_data(tree), paths_and_data(generator.tree()));
  tree.compare_from_now();
  for (int i = 0; i < 50; ++i) EXPECT_FALSE(tree.apply(generator.next()).difference);
}

INSTANTIATE_TEST_SUITE_P(Seeds, FuzzySnapshot, testing::Range<std::uint64_t>(1, 41));

TEST(ApplyTxn, AWholeLogAppliedTwiceComesToTheSame) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Generator generator(seed);
    DataTree tree;
    std::vector<wire::Txn> log;
    for (int i = 0; i < 200; ++i) log.push_back(generator.next());
    for (const wire::Txn& txn : log) EXPECT_FALSE(tree.apply(txn).difference);
    EXPECT_EQ(dump(tree), dump(generator.tree()));
    const std::size_t half = log.size() / 2;
    for (std::size_t i = half; i < log.size(); ++i) {
      tree.hold_comparison();
      tree.apply(log[i]);
    }
    EXPECT_EQ(paths_and_data(tree), paths_and_data(generator.tree())) << seed;
    EXPECT_EQ(tree.digest(), recomputed_digest(tree));
  }
}

}  // namespace
}  // namespace zkprobe::replica
