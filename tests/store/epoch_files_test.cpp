#include "store/epoch_files.hpp"

#include <fstream>

#include "store/directory_fixture.hpp"
#include "store/faulty_file_system.hpp"

namespace zkprobe::store {
namespace {

class EpochDirectory : public DirectoryFixture {
 protected:
  void put_text(const std::string& name, const std::string& text) { put(name, as_bytes(text)); }
  std::string text(const std::string& name) { return to_text(get(name)); }
  Stored<Epochs> load(Zxid last) { return load_epochs(disk, paths.snapshots(), last); }
};

TEST_F(EpochDirectory, AreWrittenAsJavaWritesThem) {
  EpochFiles epochs(disk, paths.snapshots());
  ASSERT_TRUE(epochs.write(EpochKind::kAccepted, PeerEpoch(12)));
  ASSERT_TRUE(epochs.write(EpochKind::kCurrent, PeerEpoch(11)));
  EXPECT_EQ(text("acceptedEpoch"), "12");
  EXPECT_EQ(text("currentEpoch"), "11");
  EXPECT_EQ(names().size(), 2u);
  EXPECT_EQ(epochs.read(EpochKind::kAccepted).value(), PeerEpoch(12));
}

TEST_F(EpochDirectory, APreparedEpochIsInTheTemporaryFileUntilItIsWritten) {
  put_text("currentEpoch", "4");
  EpochFiles epochs(disk, paths.snapshots());
  ASSERT_TRUE(epochs.prepare_current(PeerEpoch(5)));
  EXPECT_EQ(text("currentEpoch"), "4");
  EXPECT_EQ(text("currentEpoch.tmp"), "5");
  ASSERT_TRUE(epochs.write(EpochKind::kCurrent, PeerEpoch(5)));
  EXPECT_EQ(text("currentEpoch"), "5");
  EXPECT_FALSE(has("currentEpoch.tmp"));
}

// A leader of epoch 6 sends entries of epoch 5 first: a server that dies at any call starts again.
TEST_F(EpochDirectory, APreparedEpochThatIsNeededIsNotOverwritten) {
  for (std::size_t at = 1;; ++at) {
    put_text("currentEpoch", "4");
    put_text("acceptedEpoch", "6");
    FaultyFileSystem faulty;
    EpochFiles epochs(faulty, paths.snapshots());
    ASSERT_TRUE(epochs.prepare_current(PeerEpoch(5)));
    faulty.changes = 0;
    faulty.fail_at = at;
    const auto written = epochs.write(EpochKind::kCurrent, PeerEpoch(6));
    const auto loaded = load(zx(5, 3));
    ASSERT_TRUE(loaded) << at;
    // The last call, the directory's, may fail with the new name in place.
    EXPECT_GE(loaded->current, PeerEpoch(written ? 6 : 5)) << at;
    if (written) break;
  }
}

TEST_F(EpochDirectory, AFailureAtAnyCallLeavesTheOldOrTheNewValue) {
  for (std::size_t at = 1;; ++at) {
    put_text("currentEpoch", "4");
    put_text("acceptedEpoch", "5");
    FaultyFileSystem faulty;
    faulty.fail_at = at;
    EpochFiles epochs(faulty, paths.snapshots());
    const auto prepared = epochs.prepare_current(PeerEpoch(5));
    const auto written = prepared ? epochs.write(EpochKind::kCurrent, PeerEpoch(5)) : prepared;
    if (written) {
      EXPECT_GE(at, 6u);
      break;
    }
    EXPECT_FALSE(written.error().file.empty());
    // Whatever happened, a start with the old zxid and, once prepared, with the new one holds.
    EXPECT_TRUE(load(zx(4, 7))) << at;
    if (prepared) {
      EXPECT_EQ(load(zx(5, 1))->current, PeerEpoch(5)) << at;
    }
    for (const std::string& name : names()) ASSERT_TRUE(disk.remove(path(name)));
  }
}

TEST_F(EpochDirectory, MissingFilesAreCreatedWithTheEpochOfTheLastZxid) {
  const auto loaded = load(zx(3, 9));
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->accepted, PeerEpoch(3));
  EXPECT_EQ(loaded->current, PeerEpoch(3));
  EXPECT_EQ(loaded->notes.size(), 2u);
  EXPECT_EQ(text("acceptedEpoch"), "3");
}

TEST_F(EpochDirectory, AZxidNewerThanTheCurrentEpochIsRefused) {
  put_text("currentEpoch", "3");
  put_text("acceptedEpoch", "4");
  const auto loaded = load(zx(4, 1));
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().kind, StorageError::Kind::kRefused);
  EXPECT_EQ(loaded.error().file, path("currentEpoch"));
}

TEST_F(EpochDirectory, UnlessTheTemporaryFileHoldsItsEpoch) {
  put_text("currentEpoch", "3");
  put_text("acceptedEpoch", "4");
  put_text("currentEpoch.tmp", "4");
  const auto loaded = load(zx(4, 1));
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->current, PeerEpoch(4));
  EXPECT_EQ(text("currentEpoch"), "4");
  put_text("currentEpoch", "3");
  put_text("currentEpoch.tmp", "3");
  EXPECT_FALSE(load(zx(4, 1)));
  put_text("currentEpoch.tmp", "");
  EXPECT_FALSE(load(zx(4, 1)));
}

TEST_F(EpochDirectory, AFailureWhileItIsAdoptedLosesNothing) {
  for (std::size_t at = 1;; ++at) {
    put_text("currentEpoch", "3");
    put_text("acceptedEpoch", "4");
    put_text("currentEpoch.tmp", "4");
    FaultyFileSystem faulty;
    faulty.fail_at = at;
    const bool done = load_epochs(faulty, paths.snapshots(), zx(4, 1)).has_value();
    const auto again = load(zx(4, 1));
    ASSERT_TRUE(again) << at;
    EXPECT_EQ(again->current, PeerEpoch(4));
    if (done) break;
  }
}

TEST_F(EpochDirectory, OrTheMarkerOf346IsThere) {
  put_text("currentEpoch", "3");
  put_text("acceptedEpoch", "4");
  put_text("updatingEpoch", "");
  const auto loaded = load(zx(4, 1));
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->current, PeerEpoch(4));
  EXPECT_FALSE(has("updatingEpoch"));
}

TEST_F(EpochDirectory, AnAcceptedEpochBelowTheCurrentOneIsRefused) {
  put_text("currentEpoch", "5");
  put_text("acceptedEpoch", "4");
  const auto loaded = load(zx(4, 1));
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().text, "accepted epoch 4 is less than the current epoch 5");
}

TEST_F(EpochDirectory, AnythingButANumberIsRefused) {
  for (const char* bad : {"", "x", " 4", "4 "}) {
    put_text("currentEpoch", bad);
    const auto loaded = load(zx(1, 1));
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error().kind, StorageError::Kind::kCorrupt);
  }
}

TEST_F(EpochDirectory, MyidIsTheFirstLineWithoutSpaces) {
  std::ofstream(root + "/myid") << "3\n";
  EXPECT_EQ(read_myid(disk, paths), Sid(3));
  std::ofstream(root + "/myid") << "3 \n";
  EXPECT_FALSE(read_myid(disk, paths));
  ASSERT_TRUE(disk.remove(root + "/myid"));
  EXPECT_FALSE(read_myid(disk, paths));
}

}  // namespace
}  // namespace zkprobe::store
