#include "store/directory_reader.hpp"

#include "store/directory_fixture.hpp"

namespace zkprobe::store {
namespace {

struct Collect : peer::LoadSink {
  std::vector<std::string> begun;
  std::size_t sessions = 0;
  std::size_t nodes = 0;
  std::optional<wire::SnapshotSections> sections;
  std::vector<Zxid> txns;

  void begin_snapshot(const std::string& file, Zxid) override {
    begun.push_back(std::filesystem::path(file).filename());
    sessions = nodes = 0;
  }
  void on_session(std::int64_t, std::int32_t) override { ++sessions; }
  void on_node(const wire::SnapshotNode&) override { ++nodes; }
  void end_snapshot(const wire::SnapshotSections& s) override { sections = s; }
  void on_txn(const wire::Txn& txn, BytesView payload) override {
    EXPECT_EQ(payload.size(), wire::encode_txn(txn).size());
    txns.push_back(txn.header.zxid);
  }
};

class ReadDirectory : public DirectoryFixture {
 protected:
  Stored<Loaded> read(const LoadOptions& options = {}) {
    sink = Collect();
    return read_directory(disk, paths, options, sink);
  }
  Collect sink;
};

TEST_F(ReadDirectory, AnEmptyStoreHoldsNothing) {
  const auto loaded = read();
  ASSERT_TRUE(loaded);
  EXPECT_TRUE(loaded->empty());
  EXPECT_EQ(loaded->last_zxid, Zxid(0));
}

TEST_F(ReadDirectory, WhatAServerWroteIsTheSnapshotAndTheLogAfterIt) {
  put("snapshot.0", test::read_golden("store/snapshot.3.9.6-empty.hex"));
  put("log.100000001", joined(test::read_golden("store/log.100000001.hex"), Bytes(5000)));
  auto loaded = read();
  ASSERT_TRUE(loaded) << to_string(loaded.error());
  EXPECT_EQ(loaded->last_zxid, Zxid(0x10000001d));
  EXPECT_EQ(loaded->txns, 29u);
  EXPECT_EQ(sink.txns.size(), 29u);
  EXPECT_TRUE(loaded->notes.empty());
  put("snapshot.200000010", test::read_golden("store/snapshot.3.9.6.hex"));
  loaded = read();
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->last_zxid, Zxid(0x200000010));
  EXPECT_EQ(loaded->txns, 0u);
  EXPECT_EQ(sink.sessions, 2u);
  EXPECT_EQ(sink.sections, loaded->sections);
}

TEST_F(ReadDirectory, TransactionsUpToTheSnapshotAreLeftOut) {
  put("snapshot.100000002", snapshot_bytes(1));
  put("log.100000001", log_bytes({zx(1, 1), zx(1, 2), zx(1, 3)}));
  ASSERT_TRUE(read());
  EXPECT_EQ(sink.txns, (std::vector<Zxid>{zx(1, 3)}));
}

TEST_F(ReadDirectory, ASnapshotThatWasNeverFinishedIsPassedOver) {
  put("snapshot.0", snapshot_bytes(1));
  put("snapshot.100000009", BytesView(snapshot_bytes(2)).first(60));
  put("log.100000001", log_bytes({zx(1, 1)}));
  const auto loaded = read();
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->last_zxid, zx(1, 1));
  EXPECT_EQ(sink.begun, (std::vector<std::string>{"snapshot.0"}));
}

TEST_F(ReadDirectory, ADamagedSnapshotIsPassedOverOnlyIfTheLogsReachIt) {
  Bytes damaged = snapshot_bytes(2);
  damaged[30] ^= 1;
  put("snapshot.0", snapshot_bytes(1));
  put("snapshot.100000002", damaged);
  put("log.100000001", log_bytes({zx(1, 1), zx(1, 2), zx(1, 3)}));
  auto loaded = read();
  ASSERT_TRUE(loaded) << to_string(loaded.error());
  EXPECT_EQ(loaded->last_zxid, zx(1, 3));
  EXPECT_EQ(loaded->notes.size(), 1u);
  EXPECT_EQ(sink.begun, (std::vector<std::string>{"snapshot.100000002", "snapshot.0"}));
  EXPECT_EQ(sink.sessions, 1u);
  put("log.100000001", log_bytes({zx(1, 1)}));
  loaded = read();
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().file, path("snapshot.100000002"));
  EXPECT_NE(loaded.error().text.find("end at 0x100000001, so transactions would be lost"),
            std::string::npos);
}

// A leader's snapshot that ends with the beginning of its epoch, which is no transaction: the log
// that jumps over it would be read as if nothing were missing.
TEST_F(ReadDirectory, ASnapshotThatTheLogJumpsOverIsMissed) {
  Bytes damaged = snapshot_bytes(2);
  damaged[30] ^= 1;
  put("snapshot.0", snapshot_bytes(1));
  put("log.100000001", log_bytes({zx(1, 1), zx(1, 2)}));
  put("log.300000001", log_bytes({zx(3, 1)}));
  put("snapshot.300000000", damaged);
  auto loaded = read();
  ASSERT_FALSE(loaded);
  EXPECT_NE(loaded.error().text.find("go on behind its zxid without that transaction"),
            std::string::npos);
  put("snapshot.300000000", BytesView(snapshot_bytes(2)).first(60));
  loaded = read();
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().file, path("snapshot.300000000"));
  EXPECT_NE(loaded.error().text.find("was never finished"), std::string::npos);
  // One of its own, which the server was killed over: the log has what it would have held.
  ASSERT_TRUE(disk.remove(path("snapshot.300000000")));
  put("snapshot.100000002", BytesView(snapshot_bytes(2)).first(60));
  loaded = read();
  ASSERT_TRUE(loaded) << to_string(loaded.error());
  EXPECT_EQ(loaded->last_zxid, zx(3, 1));
}

TEST_F(ReadDirectory, WithoutAnyUsableSnapshotItIsRefused) {
  Bytes damaged = snapshot_bytes(2);
  damaged[30] ^= 1;
  put("snapshot.0", damaged);
  EXPECT_FALSE(read());
}

TEST_F(ReadDirectory, LogsWithoutASnapshotAreRefusedUnlessTrusted) {
  put("log.100000001", log_bytes({zx(1, 1)}));
  const auto refused = read();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, StorageError::Kind::kRefused);
  const auto trusted = read({.trust_empty = true});
  ASSERT_TRUE(trusted);
  EXPECT_EQ(trusted->last_zxid, zx(1, 1));
  EXPECT_FALSE(trusted->empty());
}

TEST_F(ReadDirectory, AGapBehindTheSnapshotIsRefused) {
  put("snapshot.100000001", snapshot_bytes(1));
  put("log.100000003", log_bytes({zx(1, 3)}));
  EXPECT_FALSE(read());
  LoadOptions options;
  options.log.refuse_gaps = false;
  EXPECT_EQ(read(options)->last_zxid, zx(1, 3));
}

TEST_F(ReadDirectory, ATransactionThatCannotBeReadIsRefused) {
  put("snapshot.0", snapshot_bytes(1));
  Bytes payload = txn_payload(zx(1, 1));
  payload.resize(40);
  Writer writer;
  wire::write_log_header(writer);
  wire::write_log_entry(writer, payload);
  put("log.100000001", writer.bytes());
  const auto loaded = read();
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().file, path("log.100000001"));
  EXPECT_GT(loaded.error().offset, 28u);
}

TEST_F(ReadDirectory, ADirectoryIsNamedByItselfOrByVersion2) {
  EXPECT_EQ(find_directories(disk, root)->data_dir, root);
  EXPECT_EQ(find_directories(disk, root + "/")->logs(), root + "/version-2");
  EXPECT_EQ(find_directories(disk, root + "/version-2")->data_dir, root);
  EXPECT_FALSE(find_directories(disk, root + "/none"));
  ASSERT_TRUE(disk.make_directory(root + "/logs/version-2"));
  EXPECT_EQ(find_directories(disk, root, root + "/logs")->logs(), root + "/logs/version-2");
}

}  // namespace
}  // namespace zkprobe::store
