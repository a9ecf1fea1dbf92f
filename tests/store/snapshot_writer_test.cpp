#include "store/snapshot_writer.hpp"

#include "store/directory_fixture.hpp"
#include "store/faulty_file_system.hpp"
#include "store/snapshot_files.hpp"

namespace zkprobe::store {
namespace {

class SnapshotWriting : public DirectoryFixture {};

TEST_F(SnapshotWriting, AServersSnapshotIsWrittenByteForByteInChunksOfAnySize) {
  const Bytes golden = test::read_golden("store/snapshot.3.9.6.hex");
  const Bytes body(golden.begin() + 16, golden.end() - 67);
  const wire::SnapshotSections sections{wire::ZxidDigest{Zxid(0x200000010), 2, 0x443fbd8a4},
                                        Zxid(0x200000010)};
  for (const std::size_t size : {std::size_t{1}, std::size_t{3}, body.size()}) {
    auto writer = SnapshotWriter::create(disk, paths.snapshots(), Zxid(0x200000010));
    ASSERT_TRUE(writer);
    for (std::size_t at = 0; at < body.size(); at += size) {
      ASSERT_TRUE((*writer)->write(BytesView(body).subspan(at, std::min(size, body.size() - at))));
    }
    EXPECT_EQ((*writer)->bytes(), 16 + body.size());
    EXPECT_FALSE(has("snapshot.200000010"));
    EXPECT_EQ((*writer)->finish(sections), path("snapshot.200000010"));
    EXPECT_EQ(hex_encode(get("snapshot.200000010")), hex_encode(golden));
    ASSERT_TRUE(disk.remove(path("snapshot.200000010")));
  }
}

TEST_F(SnapshotWriting, WithoutItsEndNothingIsLeft) {
  const Bytes body = snapshot_body(2);
  {
    auto writer = SnapshotWriter::create(disk, paths.snapshots(), Zxid(1));
    ASSERT_TRUE((*writer)->write(BytesView(body).first(body.size() - 1)));
    const auto finished = (*writer)->finish({});
    ASSERT_FALSE(finished);
    EXPECT_EQ(finished.error().kind, StorageError::Kind::kCorrupt);
  }
  EXPECT_TRUE(names().empty());
}

// More than is held at once, so that every kind of call is among those that fail.
TEST_F(SnapshotWriting, AFailureAtAnyCallLeavesTheOldSnapshotOrTheNewOne) {
  const Bytes sessions = snapshot_body(40'000);
  for (std::size_t at = 1;; ++at) {
    for (const std::string& name : names()) ASSERT_TRUE(disk.remove(path(name)));
    put("snapshot.1", snapshot_bytes(1));
    FaultyFileSystem faulty;
    faulty.fail_at = at;
    bool done = false;
    {
      auto writer = SnapshotWriter::create(faulty, paths.snapshots(), Zxid(2));
      if (writer && (*writer)->write(sessions) && (*writer)->finish({})) done = true;
    }
    const auto valid = valid_snapshots(disk, paths.snapshots(), 100);
    ASSERT_TRUE(valid);
    ASSERT_FALSE(valid->empty());
    wire::SnapshotSink sink;
    EXPECT_TRUE(read_snapshot(disk, valid->front().path, {}, sink)) << at;
    if (done) {
      EXPECT_EQ(valid->front().zxid, Zxid(2));
      EXPECT_GE(at, 6u);
      break;
    }
  }
}

}  // namespace
}  // namespace zkprobe::store
