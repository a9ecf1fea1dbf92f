#include "store/file_system.hpp"

#include "store/directory_fixture.hpp"

namespace zkprobe::store {
namespace {

class SmallFile : public DirectoryFixture {};

TEST_F(SmallFile, IsReadWholeUpToItsLimit) {
  put("f", Bytes{'4', '2', '\n'});
  EXPECT_EQ(read_small_file(disk, path("f")), "42\n");
  EXPECT_EQ(read_small_file(disk, path("f"), 3), "42\n");
  const auto longer = read_small_file(disk, path("f"), 2);
  ASSERT_FALSE(longer);
  EXPECT_EQ(longer.error().kind, StorageError::Kind::kCorrupt);
}

TEST_F(SmallFile, ThatIsMissingIsAnErrorWithItsName) {
  const auto missing = read_small_file(disk, path("none"));
  ASSERT_FALSE(missing);
  EXPECT_EQ(to_string(missing.error()), path("none") + ": open: No such file or directory");
}

}  // namespace
}  // namespace zkprobe::store
