#include "replica/tree_walk.hpp"

#include <gtest/gtest.h>

#include "replica/txns.hpp"

namespace zkprobe::replica {
namespace {

TEST(TreeWalk, GoesByNameAndParentsFirst) {
  DataTree tree;
  std::int64_t zxid = 1;
  for (const char* path : {"/b", "/a", "/a/z", "/a/c", "/a-b", "/\xff"}) {
    tree.apply(create_txn(zxid++, path));
  }
  std::vector<std::string> paths;
  for (const NodeId id : in_order(tree, kRootNode)) paths.push_back(tree.nodes().path(id));
  EXPECT_EQ(paths, (std::vector<std::string>{"", "/a", "/a/c", "/a/z", "/a-b", "/b", "/zookeeper",
                                             "/zookeeper/config", "/zookeeper/quota", "/\xff"}));
  EXPECT_EQ(in_order(tree, tree.find("/a")).size(), 3u);
}

TEST(TreeWalk, SubtreesAddUpToTheDigest) {
  Generator generator(5);
  for (int i = 0; i < 300; ++i) generator.next();
  const DataTree& tree = generator.tree();
  EXPECT_EQ(digest_below(tree, kRootNode), tree.digest());
  std::uint64_t sum = tree.nodes()[kRootNode].digest;
  for (NodeId at = tree.nodes()[kRootNode].first_child; at != kNoNode;
       at = tree.nodes()[at].next_sibling) {
    sum += static_cast<std::uint64_t>(digest_below(tree, at));
  }
  EXPECT_EQ(static_cast<std::int64_t>(sum), tree.digest());
  EXPECT_EQ(digest_below(tree, tree.find("/zookeeper/config")), 0);
}

}  // namespace
}  // namespace zkprobe::replica
