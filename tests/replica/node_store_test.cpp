#include "replica/node_store.hpp"

#include <gtest/gtest.h>

#include <map>

#include "base/random.hpp"

namespace zkprobe::replica {
namespace {

TEST(NodeStore, StartsWithARoot) {
  NodeStore store(1);
  EXPECT_EQ(store.find(""), kRootNode);
  EXPECT_EQ(store.find("/"), kRootNode);
  EXPECT_EQ(store.path(kRootNode), "");
  EXPECT_EQ(store.size(), 1u);
}

TEST(NodeStore, FindsByPathAndMakesPaths) {
  NodeStore store(1);
  const NodeId a = store.add(kRootNode, "a", as_bytes("x"));
  const NodeId b = store.add(a, "bc", std::nullopt);
  EXPECT_EQ(store.find("/a/bc"), b);
  EXPECT_EQ(store.path(b), "/a/bc");
  EXPECT_EQ(to_text(*store.data(a)), "x");
  EXPECT_FALSE(store.data(b));
  for (const char* none : {"a", "a/bc", "/a/", "/a//bc", "//a", "/a/bc/", "/b", "/a/b"}) {
    EXPECT_EQ(store.find(none), kNoNode) << none;
  }
}

TEST(NodeStore, KeepsNamesAndDataOfAnyBytes) {
  NodeStore store(1);
  const std::string name("\0\xff n", 4);
  const NodeId id = store.add(kRootNode, name, BytesView());
  EXPECT_EQ(store.name(id), name);
  EXPECT_TRUE(store.data(id)->empty());
  store.set_data(id, as_bytes("longer than before"));
  EXPECT_EQ(to_text(*store.data(id)), "longer than before");
  EXPECT_EQ(store.name(id), name);
}

// Lengths take one to five bytes.
TEST(NodeStore, NamesAndDataOfAllLengthsAreKept) {
  NodeStore store(7);
  for (const std::size_t size : {0U, 1U, 126U, 127U, 128U, 16'382U, 16'383U, 16'384U, 2'097'152U}) {
    const std::string name(size + 1, 'n');
    const std::string data(size, 'd');
    const NodeId id = store.add(kRootNode, name, as_bytes(data));
    EXPECT_EQ(store.name(id), name);
    EXPECT_EQ(to_text(*store.data(id)), data);
    store.set_data(id, std::nullopt);
    EXPECT_EQ(store.name(id), name);
    EXPECT_FALSE(store.data(id));
  }
}

// Against a map: nodes come, go, and their ids go to others.
TEST(NodeStore, AgreesWithAMapAfterManyChanges) {
  SeededRandom random(3);
  NodeStore store(9);
  std::map<std::string, std::string> expected;
  for (int round = 0; round < 20'000; ++round) {
    std::string path = "/" + std::to_string(random.below(30));
    if (random.chance(70)) path += "/" + std::to_string(random.below(40));
    const NodeId id = store.find(path);
    ASSERT_EQ(id != kNoNode, expected.contains(path)) << path;
    const std::string data = std::to_string(round);
    if (id == kNoNode) {
      const NodeId parent = store.find(path.substr(0, path.rfind('/')));
      if (parent == kNoNode) continue;
      store.add(parent, path.substr(path.rfind('/') + 1), as_bytes(data));
      expected[path] = data;
    } else if (store[id].children == 0 && random.chance(60)) {
      store.remove(id);
      expected.erase(path);
    } else {
      store.set_data(id, as_bytes(data));
      expected[path] = data;
    }
  }
  ASSERT_EQ(store.size(), expected.size() + 1);
  std::size_t children = 0;
  for (NodeId id = 0; id < store.end(); ++id) {
    if (!store.in_use(id)) continue;
    std::size_t listed = 0;
    for (NodeId at = store[id].first_child; at != kNoNode; at = store[at].next_sibling) {
      EXPECT_EQ(store[at].parent, id);
      ++listed;
    }
    EXPECT_EQ(listed, store[id].children);
    children += listed;
    if (id == kRootNode) continue;
    EXPECT_EQ(to_text(*store.data(id)), expected.at(store.path(id)));
  }
  EXPECT_EQ(children, expected.size());
  EXPECT_LT(store.end(), 1500u);
}

}  // namespace
}  // namespace zkprobe::replica
