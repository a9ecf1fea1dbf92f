#include "store/posix_file_system.hpp"

#include <algorithm>

#include "store/directory_fixture.hpp"

namespace zkprobe::store {
namespace {

class Posix : public DirectoryFixture {};

TEST_F(Posix, BytesAreWrittenAndReadWhereTheyBelong) {
  auto file = disk.open(path("f"), OpenMode::kCreate);
  ASSERT_TRUE(file);
  ASSERT_TRUE((*file)->write_at(3, as_bytes("abc")));
  ASSERT_TRUE((*file)->sync());
  EXPECT_EQ((*file)->size(), 6u);
  Bytes read(10, 0xff);
  EXPECT_EQ((*file)->read_at(0, read), 6u);
  EXPECT_EQ(BytesView(read).first(6).back(), 'c');
  EXPECT_EQ(read[0], 0);
  ASSERT_TRUE((*file)->resize(4));
  EXPECT_EQ(get("f"), (Bytes{0, 0, 0, 'a'}));
}

TEST_F(Posix, CreateEmptiesAndWriteWantsAnExistingFile) {
  put("f", as_bytes("old"));
  ASSERT_TRUE(disk.open(path("f"), OpenMode::kWrite));
  EXPECT_EQ(get("f").size(), 3u);
  ASSERT_TRUE(disk.open(path("f"), OpenMode::kCreate));
  EXPECT_EQ(get("f").size(), 0u);
  const auto missing = disk.open(path("none"), OpenMode::kWrite);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ENOENT);
}

TEST_F(Posix, NamesAreListedRenamedAndRemoved) {
  put("a", as_bytes("1"));
  ASSERT_TRUE(disk.rename(path("a"), path("b")));
  ASSERT_TRUE(disk.sync_directory(paths.logs()));
  EXPECT_EQ(disk.list(paths.logs()), (std::vector<std::string>{"b"}));
  EXPECT_EQ(disk.exists(path("b")), true);
  ASSERT_TRUE(disk.remove(path("b")));
  ASSERT_TRUE(disk.remove(path("b")));
  EXPECT_EQ(disk.exists(path("b")), false);
  EXPECT_FALSE(disk.list(path("none")));
  EXPECT_FALSE(disk.rename(path("none"), path("b")));
}

TEST_F(Posix, DirectoriesAreMadeWithTheirParents) {
  const std::string deep = root + "/a/b/version-2";
  ASSERT_TRUE(disk.make_directory(deep));
  ASSERT_TRUE(disk.make_directory(deep));
  EXPECT_EQ(disk.exists(deep), true);
  put("f", as_bytes("1"));
  EXPECT_FALSE(disk.make_directory(path("f/under")));
  EXPECT_FALSE(disk.make_directory(path("f")));
}

TEST_F(Posix, ADirectoryIsLockedOnceAndFreeAgainAfterwards) {
  {
    const auto lock = disk.lock(root);
    ASSERT_TRUE(lock);
    const auto second = disk.lock(root);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().kind, StorageError::Kind::kBusy);
    EXPECT_EQ(to_string(second.error()),
              root + ": another zkprobe works on this directory; stop it first");
  }
  EXPECT_TRUE(disk.lock(root));
}

TEST_F(Posix, AFullDeviceIsSaidWithTheOffset) {
  auto file = disk.open("/dev/full", OpenMode::kWrite);
  ASSERT_TRUE(file);
  const auto written = (*file)->write_at(10, as_bytes("abc"));
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().kind, StorageError::Kind::kFull);
  EXPECT_EQ(to_string(written.error()), "/dev/full at byte 10: write: No space left on device");
}

}  // namespace
}  // namespace zkprobe::store
