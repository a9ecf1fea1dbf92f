// A directory for one test, and bytes to put into it.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "store/data_files.hpp"
#include "store/posix_file_system.hpp"
#include "support/fixtures.hpp"
#include "wire/snapshot_file.hpp"

namespace zkprobe::store {

// dataDir with version-2, removed at the end of the test.
class DirectoryFixture : public testing::Test {
 protected:
  DirectoryFixture();
  ~DirectoryFixture() override;

  // In version-2.
  std::string path(const std::string& name) const { return join(paths.snapshots(), name); }
  void put(const std::string& name, BytesView bytes) const;
  Bytes get(const std::string& name) const;
  bool has(const std::string& name) const { return std::filesystem::exists(path(name)); }
  // Of version-2, sorted.
  std::vector<std::string> names() const;

  std::string root;
  DataPaths paths;
  PosixFileSystem disk;
};

// A create of /n<zxid> with `data` bytes of data.
Bytes txn_payload(Zxid zxid, std::size_t data = 0);
// A log file with these transactions, `zeros` bytes of padding behind them.
Bytes log_bytes(const std::vector<Zxid>& zxids, std::size_t zeros = 0);
// A snapshot file with the sessions 1..n, one ACL list and the root alone.
Bytes snapshot_bytes(std::int64_t sessions, const wire::SnapshotSections& sections = {});
// The body of such a file.
Bytes snapshot_body(std::int64_t sessions);
Bytes joined(Bytes first, BytesView second);
// As gzip writes it.
Bytes gzipped(BytesView bytes);

// "1:3" style ids: make_zxid(PeerEpoch(1), 3).
inline Zxid zx(std::int64_t epoch, std::int64_t counter) {
  return make_zxid(PeerEpoch(epoch), counter);
}

}  // namespace zkprobe::store
