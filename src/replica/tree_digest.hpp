// The digest of a whole tree, kept up to date node by node.
//
//   node  CRC-32 over: path ("" for the root), data, czxid mzxid pzxid ctime mtime:long
//         version cversion aversion:int ephemeralOwner:long
//   tree  the sum of its nodes' digests modulo 2^64; nodes below /zookeeper/ count 0
//
// 3.6.0 and later send it with every transaction and write it into snapshot files.
// Java: DigestCalculator (DIGEST_VERSION 2), AdHash, NodeHashMapImpl.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "wire/snapshot_stream.hpp"
#include "wire/txn.hpp"

namespace zkprobe::replica {

inline constexpr std::int32_t kDigestVersion = 2;

// False below "/zookeeper/", where servers differ: quota nodes are counted by each for itself.
bool counts_in_digest(std::string_view path);

// The CRC-32 of path and data, which node_digest() goes on with. `path` is "" for the root. A path
// in CESU-8, as Java writes characters beyond U+FFFF, is taken in UTF-8, as Java's leader does.
std::uint32_t content_crc(std::string_view path, BytesView data);
std::uint32_t node_digest(std::uint32_t content_crc, const wire::NodeStat& stat);

class TreeDigest {
 public:
  void add(std::uint32_t node_digest) { sum_ += node_digest; }
  void remove(std::uint32_t node_digest) { sum_ -= node_digest; }
  void clear() { sum_ = 0; }
  std::int64_t value() const { return static_cast<std::int64_t>(sum_); }

 private:
  std::uint64_t sum_ = 0;
};

// The leader's digest after a transaction and ours.
struct DigestDifference {
  Zxid zxid;
  wire::TxnType type = wire::TxnType::kError;
  std::vector<std::string> paths;  // that the transaction names
  std::int64_t expected = 0;       // the leader's, or that of a snapshot
  std::int64_t actual = 0;
  // The trees drifted apart with this transaction; false where they differ by as much as before.
  bool fresh = true;

  bool operator==(const DigestDifference&) const = default;
};

// "digest differs at 0x100000002 create /a: the leader has 0x5, we have 0x6"
std::string describe(const DigestDifference& difference);

}  // namespace zkprobe::replica
