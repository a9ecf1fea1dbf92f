#include "replica/acl_table.hpp"

#include <gtest/gtest.h>

#include "replica/txns.hpp"

namespace zkprobe::replica {
namespace {

TEST(AclTable, GivesOneNumberToOneList) {
  AclTable table;
  const auto first = table.use(open_to_all());
  EXPECT_EQ(table.index_of(first), 1);
  EXPECT_EQ(table.use(open_to_all()), first);
  EXPECT_EQ(table.index_of(table.use(readable())), 2);
  EXPECT_EQ(table.size(), 2u);
  EXPECT_EQ(table.index_of(AclTable::kNone), -1);
  EXPECT_EQ(table.use({}), AclTable::kNone);
}

TEST(AclTable, ForgetsAListWithItsLastUserAndNeverReusesItsNumber) {
  AclTable table;
  const auto slot = table.use(open_to_all());
  table.use(open_to_all());
  table.release(slot);
  EXPECT_EQ(table.size(), 1u);
  table.release(slot);
  EXPECT_EQ(table.size(), 0u);
  EXPECT_EQ(table.index_of(table.use(open_to_all())), 2);
  table.release(AclTable::kNone);
}

TEST(AclTable, KeepsTheNumbersOfASnapshot) {
  AclTable table;
  table.load(7, open_to_all()[0]);
  table.load(3, readable()[0]);
  table.load(3, open_to_all()[0]);
  table.loaded();
  const auto slot = table.use_index(7);
  EXPECT_EQ(table.use(open_to_all()), slot);
  EXPECT_EQ(table.list_of(table.use_index(3)).size(), 2u);
  EXPECT_EQ(table.index_of(table.use(readable())), 8);
}

TEST(AclTable, PurgesWhatNoNodeUses) {
  AclTable table;
  table.load(7, open_to_all()[0]);
  table.load(8, readable()[0]);
  table.loaded();
  table.use_index(8);
  table.purge_unused();
  ASSERT_EQ(table.slots().size(), 1u);
  EXPECT_EQ(table.index_of(table.slots()[0]), 8);
  EXPECT_EQ(table.index_of(table.use(open_to_all())), 9);
}

// A snapshot that is no server's: nodes that name what the table lacks, two numbers for one list.
TEST(AclTable, BearsASnapshotThatContradictsItself) {
  AclTable table;
  table.load(1, open_to_all()[0]);
  table.load(2, open_to_all()[0]);
  table.loaded();
  const auto missing = table.use_index(99);
  EXPECT_EQ(table.use_index(99), missing);
  EXPECT_EQ(table.index_of(missing), 99);
  EXPECT_TRUE(table.list_of(missing).empty());
  const auto one = table.use_index(1);
  const auto two = table.use_index(2);
  EXPECT_EQ(table.use(open_to_all()), two);
  table.release(one);
  EXPECT_EQ(table.use(open_to_all()), two);
  table.release(missing);
  table.release(missing);
  table.release(missing);
  EXPECT_EQ(table.size(), 1u);
}

}  // namespace
}  // namespace zkprobe::replica
