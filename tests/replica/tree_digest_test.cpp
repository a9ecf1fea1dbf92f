#include "replica/tree_digest.hpp"

#include <gtest/gtest.h>

#include "replica/crc32.hpp"

namespace zkprobe::replica {
namespace {

TEST(TreeDigest, LeavesOutWhatIsBelowZookeeperButNotZookeeperItself) {
  EXPECT_TRUE(counts_in_digest(""));
  EXPECT_TRUE(counts_in_digest("/zookeeper"));
  EXPECT_TRUE(counts_in_digest("/zookeepers/a"));
  EXPECT_FALSE(counts_in_digest("/zookeeper/config"));
}

TEST(TreeDigest, OfANodeIsTheCrcOfPathDataAndStat) {
  wire::NodeStat stat;
  stat.czxid = Zxid(1);
  stat.pzxid = Zxid(2);
  stat.cversion = 3;
  const std::string fields = "/adata" + std::string(7, '\0') + '\x01' + std::string(15, '\0') +
                             '\x02' + std::string(16 + 4 + 3, '\0') + '\x03' +
                             std::string(4 + 8, '\0');
  ASSERT_EQ(fields.size(), 6 + 60u);
  EXPECT_EQ(node_digest(content_crc("/a", as_bytes("data")), stat),
            Crc32().update(as_bytes(fields)).value());
}

// Java writes each half of a surrogate pair by itself; its leader hashes the text in UTF-8.
TEST(TreeDigest, TakesSurrogatePairsAsOneCharacter) {
  EXPECT_EQ(content_crc("/\xed\xa0\xbd\xed\xb8\x80x", {}), content_crc("/\xf0\x9f\x98\x80x", {}));
  // Halves alone, other characters of that first byte, and what is cut short stay as they are.
  for (const std::string text :
       {"/\xed\xa0\xbd", "/\xed\x9f\xbf", "/\xed\xa0\xbd\xed\xb8", "/\xed"}) {
    EXPECT_EQ(content_crc(text, {}), Crc32().update(as_bytes(text)).value());
  }
}

TEST(TreeDigest, IsASumThatWrapsAround) {
  TreeDigest digest;
  digest.remove(1);
  EXPECT_EQ(digest.value(), -1);
  digest.add(0xffffffffU);
  EXPECT_EQ(digest.value(), 0xfffffffe);
  digest.clear();
  EXPECT_EQ(digest.value(), 0);
}

TEST(TreeDigest, ADifferenceIsOneLineThatEscapesPaths) {
  const DigestDifference difference{
      Zxid(0x100000002), wire::TxnType::kCreate, {"/a\n"}, 5, 6, true};
  EXPECT_EQ(describe(difference),
            "digest differs at 0x100000002 create /a\\x0a: the leader has 0x5, we have 0x6");
}

}  // namespace
}  // namespace zkprobe::replica
