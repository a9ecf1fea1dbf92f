#include "peer/loaded_tree.hpp"

#include <gtest/gtest.h>

#include "support/fixtures.hpp"

namespace zkprobe::peer {
namespace {

constexpr Zxid kSnapshot{0x200000010};
constexpr std::int64_t kDigest = 0x443fbd8a4;

void load(LoadedTree& loaded, const wire::SnapshotSections& sections) {
  loaded.begin_snapshot("snapshot.200000010", kSnapshot);
  wire::SnapshotLimits limits;
  limits.keep_data = true;
  wire::SnapshotReader reader(limits);
  ASSERT_TRUE(reader.feed(test::read_golden("snapshot/file.3.9.6.hex"), loaded));
  loaded.end_snapshot(sections);
}

wire::Txn create(std::int64_t zxid, std::string path) {
  wire::Txn txn;
  txn.header = {1, 1, Zxid(zxid), 1, wire::TxnType::kCreate};
  txn.body = wire::SimpleTxn(wire::CreateTxn{std::move(path), Bytes{}, {}, false, 100});
  return txn;
}

TEST(LoadedTree, IsTheSnapshotAndTheLogOverIt) {
  LoadedTree loaded{{}};
  load(loaded, {wire::ZxidDigest{kSnapshot, 2, kDigest}, kSnapshot});
  loaded.on_txn(create(0x200000011, "/new"), {});
  EXPECT_FALSE(loaded.error());
  EXPECT_EQ(loaded.differences(), 0u);
  EXPECT_EQ(loaded.tree().last_zxid(), Zxid(0x200000011));
  EXPECT_NE(loaded.tree().find("/new"), replica::kNoNode);
}

TEST(LoadedTree, WithoutAnythingIsThatOfANewServer) {
  LoadedTree loaded{{}};
  EXPECT_EQ(loaded.tree().node_count(), 4u);
  loaded.on_txn(create(1, "/a"), {});
  EXPECT_EQ(loaded.tree().node_count(), 5u);
}

TEST(LoadedTree, ComparesTheDigestOfTheFile) {
  LoadedTree loaded{{}};
  load(loaded, {wire::ZxidDigest{kSnapshot, 2, kDigest + 1}, std::nullopt});
  EXPECT_EQ(loaded.differences(), 1u);
  EXPECT_EQ(loaded.first_difference()->expected, kDigest + 1);
  EXPECT_EQ(loaded.first_difference()->actual, kDigest);
}

// The file was finished two transactions after it was begun.
TEST(LoadedTree, ComparesTheDigestOfAFuzzyFileAtItsZxid) {
  LoadedTree loaded{{}};
  load(loaded, {wire::ZxidDigest{Zxid(0x200000012), 2, 5}, std::nullopt});
  wire::Txn first = create(0x200000011, "/one");
  first.digest = {2, 1};
  loaded.on_txn(first, {});
  EXPECT_EQ(loaded.differences(), 0u);
  loaded.on_txn(create(0x200000012, "/two"), {});
  EXPECT_EQ(loaded.differences(), 1u);
  EXPECT_EQ(loaded.first_difference()->zxid, Zxid(0x200000012));
}

TEST(LoadedTree, DigestsThatSayNothingAreNotCompared) {
  for (const auto& digest : {wire::ZxidDigest{Zxid(0), 2, 0}, wire::ZxidDigest{Zxid(5), 2, 1},
                             wire::ZxidDigest{kSnapshot, 3, 1}}) {
    LoadedTree loaded{{}};
    load(loaded, {digest, std::nullopt});
    EXPECT_EQ(loaded.differences(), 0u);
  }
}

TEST(LoadedTree, ASecondSnapshotReplacesTheFirst) {
  LoadedTree loaded{{}};
  loaded.begin_snapshot("snapshot.5", Zxid(5));
  loaded.end_snapshot({});
  EXPECT_EQ(*loaded.error(), "snapshot.5: the snapshot has no root");
  load(loaded, {});
  EXPECT_FALSE(loaded.error());
  EXPECT_EQ(loaded.tree().digest(), kDigest);
}

TEST(LoadedTree, SaysWhatNoServerWrites) {
  LoadedTree loaded{{}};
  load(loaded, {});
  loaded.on_txn(create(0x200000011, "none"), {});
  EXPECT_EQ(*loaded.error(),
            "transaction 0x200000011: create of \"none\": "
            "expected an absolute path below /");
}

}  // namespace
}  // namespace zkprobe::peer
