#include <gtest/gtest.h>

#include "replica/data_tree.hpp"
#include "replica/txns.hpp"

namespace zkprobe::replica {
namespace {

std::string data_at(const DataTree& tree, std::string_view path) {
  const NodeId id = tree.find(path);
  return id == kNoNode ? "none" : to_text(tree.view(id).data.value_or(BytesView()));
}

constexpr const char* kStats = "/zookeeper/quota/q/zookeeper_stats";

// What setquota of the command line does.
DataTree tree_with_quota() {
  DataTree tree;
  std::int64_t zxid = 1;
  tree.apply(create_txn(zxid++, "/q", "12345"));
  tree.apply(create_txn(zxid++, "/q/below", "123"));
  tree.apply(create_txn(zxid++, "/zookeeper/quota/q", ""));
  tree.apply(create_txn(zxid++, "/zookeeper/quota/q/zookeeper_limits", "count=5,bytes=-1"));
  tree.apply(create_txn(zxid++, kStats, "count=0,bytes=0"));
  return tree;
}

TEST(QuotaAccounting, CountsWhatIsThereWhenTheQuotaIsSet) {
  EXPECT_EQ(data_at(tree_with_quota(), kStats), "count=2,bytes=8");
}

TEST(QuotaAccounting, FollowsEveryChange) {
  DataTree tree = tree_with_quota();
  const std::int64_t before = tree.digest();
  tree.apply(create_txn(10, "/q/more", "1"));
  EXPECT_EQ(data_at(tree, kStats), "count=3,bytes=9");
  tree.apply(set_txn(11, "/q/more", "1234", 1));
  EXPECT_EQ(data_at(tree, kStats), "count=3,bytes=12");
  tree.apply(delete_txn(12, "/q/below"));
  EXPECT_EQ(data_at(tree, kStats), "count=2,bytes=9");
  tree.apply(create_txn(13, "/other", "1"));
  EXPECT_EQ(data_at(tree, kStats), "count=2,bytes=9");
  EXPECT_EQ(tree.digest(), recomputed_digest(tree));
  EXPECT_NE(tree.digest(), before);
}

TEST(QuotaAccounting, EndsWithTheLimit) {
  DataTree tree = tree_with_quota();
  tree.apply(delete_txn(10, "/zookeeper/quota/q/zookeeper_limits"));
  tree.apply(create_txn(11, "/q/more", "1"));
  EXPECT_EQ(data_at(tree, kStats), "count=2,bytes=8");
}

TEST(QuotaAccounting, IsSetUpAgainFromASnapshot) {
  DataTree tree = tree_with_quota();
  DataTree again = load(snapshot_of(tree), Zxid(9));
  again.apply(create_txn(10, "/q/more", "1"));
  EXPECT_EQ(data_at(again, kStats), "count=3,bytes=9");
}

TEST(QuotaAccounting, BearsNodesThatNoToolWrites) {
  DataTree tree = tree_with_quota();
  tree.apply(set_txn(10, kStats, "no numbers", 1));
  tree.apply(create_txn(11, "/q/more", "1"));
  EXPECT_EQ(data_at(tree, kStats), "no numbers");
  tree.apply(delete_txn(12, kStats));
  tree.apply(create_txn(13, "/q/yet", "1"));
  tree.apply(create_txn(14, "/zookeeper/quota/zookeeper_limits", "count=1,bytes=1"));
  tree.apply(create_txn(15, "/zookeeper/quota/zookeeper_stats", ""));
  tree.apply(create_txn(16, "/zookeeper/quota/gone", ""));
  tree.apply(create_txn(17, "/zookeeper/quota/gone/zookeeper_limits", ""));
  tree.apply(create_txn(18, "/zookeeper/quota/gone/zookeeper_stats", ""));
  EXPECT_EQ(data_at(tree, "/zookeeper/quota/gone/zookeeper_stats"), "count=0,bytes=0");
  EXPECT_EQ(tree.digest(), recomputed_digest(tree));
}

}  // namespace
}  // namespace zkprobe::replica
