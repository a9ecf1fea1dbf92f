#include "replica/snapshot_walk.hpp"

#include <gtest/gtest.h>

#include "replica/txns.hpp"
#include "wire/snapshot_encoder.hpp"

namespace zkprobe::replica {
namespace {

struct Paths : wire::SnapshotSink {
  void on_node(const wire::SnapshotNode& node) override { paths.push_back(node.path); }
  std::vector<std::string> paths;
};

std::vector<std::string> paths_in(Bytes stream) {
  Writer whole;
  whole.raw(stream);
  wire::write_signature(whole);
  wire::SnapshotReader reader;
  Paths sink;
  const auto used = reader.feed(whole.bytes(), sink);
  EXPECT_TRUE(used && reader.done());
  return sink.paths;
}

struct Fixture {
  NodeStore nodes{1};
  AclTable acls;
  std::unordered_map<std::int64_t, std::int32_t> sessions;

  Bytes rest(SnapshotWalk& walk) const {
    Writer all;
    while (!walk.done()) all.raw(walk.next(nodes, acls, 1));
    return all.take();
  }
};

TEST(SnapshotWalk, WritesParentsFirstWhereChildrenHaveLowerIds) {
  Fixture f;
  const NodeId freed = f.nodes.add(kRootNode, "freed", BytesView());
  const NodeId parent = f.nodes.add(kRootNode, "parent", BytesView());
  f.nodes.remove(freed);
  EXPECT_LT(f.nodes.add(parent, "child", BytesView()), parent);
  SnapshotWalk walk(f.nodes, f.acls, f.sessions);
  EXPECT_EQ(paths_in(f.rest(walk)), (std::vector<std::string>{"", "/parent", "/parent/child"}));
}

TEST(SnapshotWalk, WritesWhatIsAboutToChangeFirstWithItsParents) {
  Fixture f;
  f.nodes.add(kRootNode, "a", BytesView());
  const NodeId b = f.nodes.add(kRootNode, "b", BytesView());
  const NodeId c = f.nodes.add(b, "c", BytesView());
  SnapshotWalk walk(f.nodes, f.acls, f.sessions);
  walk.about_to_change(f.nodes, f.acls, c);
  walk.about_to_change(f.nodes, f.acls, c);
  f.nodes.remove(c);
  const NodeId fresh = f.nodes.add(b, "fresh", BytesView());
  EXPECT_EQ(fresh, c);
  walk.came_into_being(fresh);
  walk.came_into_being(f.nodes.add(b, "beyond", BytesView()));
  EXPECT_EQ(paths_in(f.rest(walk)), (std::vector<std::string>{"", "/b", "/b/c", "/a"}));
}

TEST(SnapshotWalk, PassesOverIdsThatNobodyHas) {
  Fixture f;
  const NodeId gone = f.nodes.add(kRootNode, "gone", BytesView());
  f.nodes.add(kRootNode, "stays", BytesView());
  f.nodes.remove(gone);
  SnapshotWalk walk(f.nodes, f.acls, f.sessions);
  EXPECT_EQ(paths_in(f.rest(walk)), (std::vector<std::string>{"", "/stays"}));
  EXPECT_TRUE(walk.done());
  EXPECT_TRUE(walk.next(f.nodes, f.acls, 10).empty());
}

TEST(SnapshotWalk, HandsOutPartsOfTheSizeThatIsAskedFor) {
  Fixture f;
  for (int i = 0; i < 100; ++i) f.nodes.add(kRootNode, std::to_string(i), BytesView());
  SnapshotWalk walk(f.nodes, f.acls, f.sessions);
  while (!walk.done()) {
    const Bytes part = walk.next(f.nodes, f.acls, 500);
    EXPECT_LT(part.size(), 600u);
  }
}

}  // namespace
}  // namespace zkprobe::replica
