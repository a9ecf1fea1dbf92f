#include "store/snapshot_files.hpp"

#include "store/directory_fixture.hpp"

namespace zkprobe::store {
namespace {

class Snapshots : public DirectoryFixture {
 protected:
  std::vector<std::string> valid(std::size_t most) {
    std::vector<std::string> found;
    const auto files = valid_snapshots(disk, paths.snapshots(), most);
    for (const DataFile& file : files.value()) {
      found.push_back(std::filesystem::path(file.path).filename());
    }
    return found;
  }
};

TEST_F(Snapshots, TheNewestValidComeFirst) {
  put("snapshot.9", snapshot_bytes(0));
  put("snapshot.10", snapshot_bytes(0));
  put("snapshot.11", BytesView(snapshot_bytes(0)).first(40));
  put("snapshot.12", {});
  put("snapshot.13.gz", gzipped(snapshot_bytes(0)));
  put("snapshot.14.gz", as_bytes("no gzip"));
  put("snapshot.15.snappy", as_bytes(std::string_view("\x82SNAPPY\0....", 12)));
  put("snapshot.16.snappy", as_bytes("no snappy"));
  put("tmp.snapshot.17", snapshot_bytes(0));
  EXPECT_EQ(valid(100), (std::vector<std::string>{"snapshot.15.snappy", "snapshot.13.gz",
                                                  "snapshot.10", "snapshot.9"}));
  EXPECT_EQ(valid(2).size(), 2u);
}

TEST_F(Snapshots, GoldenFilesAreReadPlainAndCompressed) {
  const Bytes golden = test::read_golden("store/snapshot.3.9.6.hex");
  put("snapshot.1", golden);
  put("snapshot.2.gz", gzipped(golden));
  wire::SnapshotSink sink;
  for (const char* name : {"snapshot.1", "snapshot.2.gz"}) {
    const auto contents = read_snapshot(disk, path(name), {}, sink);
    ASSERT_TRUE(contents) << to_string(contents.error());
    EXPECT_EQ(contents->counts.sessions, 2u);
    EXPECT_EQ(contents->sections.digest->digest, 0x443fbd8a4);
  }
}

TEST_F(Snapshots, DamageIsNamedWithItsPlace) {
  Bytes bytes = snapshot_bytes(2);
  bytes[30] ^= 1;
  put("snapshot.1", bytes);
  wire::SnapshotSink sink;
  const auto contents = read_snapshot(disk, path("snapshot.1"), {}, sink);
  ASSERT_FALSE(contents);
  EXPECT_EQ(contents.error().kind, StorageError::Kind::kCorrupt);
  EXPECT_EQ(contents.error().offset, bytes.size() - 13);
  put("snapshot.1", BytesView(bytes).first(50));
  EXPECT_FALSE(read_snapshot(disk, path("snapshot.1"), {}, sink));
}

}  // namespace
}  // namespace zkprobe::store
