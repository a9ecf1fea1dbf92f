#include "replica/tree_loader.hpp"

#include <gtest/gtest.h>

#include "replica/txns.hpp"
#include "support/fixtures.hpp"

namespace zkprobe::replica {
namespace {

wire::SnapshotNode node(std::string path) {
  wire::SnapshotNode node;
  node.path = std::move(path);
  node.data = Bytes{};
  node.acl = -1;
  return node;
}

// The digest that the server wrote behind the nodes of this file.
TEST(TreeLoader, ComesToTheDigestOfASnapshotFile) {
  const DataTree tree = load(test::read_golden("snapshot/file.3.9.6.hex"), Zxid(0x200000010));
  EXPECT_EQ(to_hex(tree.digest()), "0x443fbd8a4");
  EXPECT_EQ(tree.digest(), recomputed_digest(tree));
  EXPECT_EQ(tree.sessions().size(), 2u);
  EXPECT_EQ(tree.ephemerals_of(0x100004943900000), std::vector<std::string>{"/live3"});
  EXPECT_EQ(tree.view(tree.find("/live3")).acl_index, 2);
  EXPECT_FALSE(tree.view(tree.find("/live3")).data);
  EXPECT_EQ(tree.last_zxid(), Zxid(0x200000010));
}

class GoldenSnapshot : public testing::TestWithParam<std::string> {};

TEST_P(GoldenSnapshot, WrittenAgainIsTheSameTreeInTheSameBytes) {
  const Bytes stream = test::read_golden(GetParam());
  DataTree tree = load(stream, Zxid(1));
  const Bytes ours = snapshot_of(tree, 100);
  EXPECT_EQ(dump(load(ours, Zxid(1))), dump(tree));
  EXPECT_EQ(tree.digest(), recomputed_digest(tree));
  // Java's order of nodes is ours, since we give ids in the order in which they come.
  if (tree.sessions().size() <= 1) {
    EXPECT_EQ(hex_encode(ours), hex_encode(stream));
  } else {
    EXPECT_EQ(ours.size(), stream.size());
  }
}

INSTANTIATE_TEST_SUITE_P(Fixtures, GoldenSnapshot, testing::ValuesIn([] {
                           auto names = test::list_fixtures("snapshot");
                           std::erase_if(names, [](const auto& n) { return !n.ends_with(".hex"); });
                           return names;
                         }()),
                         [](const testing::TestParamInfo<std::string>& param) {
                           std::string name = param.param.substr(9, param.param.size() - 13);
                           for (char& c : name) {
                             if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
                           }
                           return name;
                         });

TEST(TreeLoader, RefusesATreeThatHangsInTheAir) {
  TreeLoader loader({});
  loader.on_node(node(""));
  loader.on_node(node("/a/b"));
  loader.on_node(node("/c"));
  ASSERT_TRUE(loader.error());
  EXPECT_EQ(*loader.error(), "node \"/a/b\" has no parent");
  EXPECT_EQ(loader.node_count(), 1u);
  EXPECT_EQ(loader.finish(Zxid(1)).error(), "node \"/a/b\" has no parent");
}

TEST(TreeLoader, WantsTheRootFirstAndOnce) {
  EXPECT_EQ(TreeLoader({}).finish(Zxid(1)).error(), "the snapshot has no root");
  TreeLoader without({});
  without.on_node(node("/a"));
  EXPECT_EQ(*without.error(), "node \"/a\": expected the root first, and once");
  TreeLoader twice({});
  twice.on_node(node(""));
  twice.on_node(node(""));
  EXPECT_TRUE(twice.error());
}

TEST(TreeLoader, RefusesEmptyNames) {
  TreeLoader loader({});
  loader.on_node(node(""));
  loader.on_node(node("/a\n/"));
  EXPECT_EQ(*loader.error(), "node \"/a\\x0a/\" is no path below /");
}

TEST(TreeLoader, TakesANodeThatComesTwiceAsItCameLast) {
  TreeLoader loader({});
  loader.on_acl(1, open_to_all()[0]);
  loader.on_node(node(""));
  wire::SnapshotNode first = node("/a");
  first.acl = 1;
  first.stat.ephemeral_owner = 5;
  loader.on_node(first);
  wire::SnapshotNode second = node("/a");
  second.data = bytes_of("new");
  loader.on_node(second);
  const auto tree = loader.finish(Zxid(1));
  ASSERT_TRUE(tree);
  EXPECT_EQ(tree->node_count(), 2u);
  EXPECT_EQ(to_text(*tree->view(tree->find("/a")).data), "new");
  EXPECT_EQ(tree->ephemeral_count(), 0u);
  EXPECT_EQ(tree->acls().size(), 0u);
  EXPECT_EQ(tree->digest(), recomputed_digest(*tree));
}

}  // namespace
}  // namespace zkprobe::replica
