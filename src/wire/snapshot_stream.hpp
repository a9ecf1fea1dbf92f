// The data tree as a leader streams it after SNAP, without a header, checksum or digest.
//
//   sessions  count:int, (sessionId:long timeout:int)*
//   acls      count:int, (index:long n:int (perms:int scheme:ustring id:ustring)*)*
//   nodes     (path:ustring data:buffer acl:long stat)*, parents first, the root as ""
//   stat      czxid mzxid ctime mtime:long version cversion aversion:int ephemeralOwner pzxid:long
//   end       path "/", then the signature: ustring "BenWasHere"
//
// A snapshot file holds the same without the signature (wire/snapshot_file.hpp).
// Java: SerializeUtils.serializeSnapshot, DataTree.serialize, LearnerHandler.run.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "wire/jute.hpp"
#include "wire/txn.hpp"

namespace zkprobe::wire {

inline constexpr std::string_view kSnapshotSignature = "BenWasHere";
inline constexpr std::size_t kStatSize = 60;

struct NodeStat {
  Zxid czxid;
  Zxid mzxid;
  std::int64_t ctime_ms = 0;
  std::int64_t mtime_ms = 0;
  std::int32_t version = 0;
  std::int32_t cversion = 0;
  std::int32_t aversion = 0;
  std::int64_t ephemeral_owner = 0;  // 0: not ephemeral
  Zxid pzxid;

  bool operator==(const NodeStat&) const = default;
};

struct SnapshotNode {
  std::string path;  // "" for the root
  std::size_t data_size = 0;
  std::optional<Bytes> data;  // null, or not asked for
  std::int64_t acl = 0;       // an index of the ACL table; -1: none
  NodeStat stat;

  bool operator==(const SnapshotNode&) const = default;
};

// What a caller wants of the stream; nothing by default.
class SnapshotSink {
 public:
  virtual ~SnapshotSink() = default;
  virtual void on_session(std::int64_t /*session*/, std::int32_t /*timeout_ms*/) {}
  // One call for each entry of a list; an empty list makes no call.
  virtual void on_acl(std::int64_t /*index*/, const Acl& /*acl*/) {}
  virtual void on_node(const SnapshotNode& /*node*/) {}
};

struct SnapshotLimits {
  std::int32_t max_string = kJuteMaxField;  // of a path, a scheme, an id
  std::int32_t max_data = kJuteMaxField;    // of a node's data
  std::int32_t max_acl_entries = 65'536;    // of one list
  bool keep_data = false;                   // hand each node's data to the sink
  bool signature = true;                    // the stream ends with it; a file's body does not
};

struct SnapshotCounts {
  std::uint64_t sessions = 0;
  std::uint64_t acls = 0;  // lists
  std::uint64_t nodes = 0;
  std::uint64_t data_bytes = 0;  // of all nodes
  std::uint64_t bytes = 0;       // of the stream, so far

  bool operator==(const SnapshotCounts&) const = default;
};

// Takes the stream in chunks of any size. Holds the node that it reads and one field, each within
// its limit; data that nobody asked for is skipped and never held. After an error it takes nothing
// more.
class SnapshotReader {
 public:
  explicit SnapshotReader(SnapshotLimits limits = {}) : limits_(limits) {}

  // How many bytes of the chunk belong to the snapshot: all of them, until done(). Offsets in
  // errors count from the first byte of the stream.
  Decoded<std::size_t> feed(BytesView chunk, SnapshotSink& sink);
  bool done() const { return step_ == Step::kDone; }
  const SnapshotCounts& counts() const { return counts_; }

 private:
  enum class Step {
    kSessionCount,
    kSession,
    kAclCount,
    kAclHead,
    kAclPerms,
    kAclScheme,
    kAclId,
    kPath,
    kData,
    kStat,
    kSignature,
    kDone,
  };
  // The field that comes next: so many bytes, or a length and then so many bytes.
  std::size_t fixed_size() const;
  std::int32_t max_length() const;
  std::string_view field_name() const;

  // The whole of the field; nothing while the chunk has not all of it.
  std::optional<BytesView> next_field(BytesView chunk, std::size_t& used);
  bool read_length(BytesView chunk, std::size_t& used);
  bool gather(BytesView chunk, std::size_t& used, std::size_t size);
  bool skip(BytesView chunk, std::size_t& used, std::size_t size);
  void take_field(BytesView field, SnapshotSink& sink);
  void take_count(BytesView field, Step each, Step after);
  void take_session(BytesView field, SnapshotSink& sink);
  void take_acl_head(BytesView field);
  void end_acl_list();
  void take_path(BytesView field);
  void take_node(BytesView stat, SnapshotSink& sink);
  void take_signature(BytesView field);
  void fail(DecodeFault fault, std::string expected, std::string found);

  SnapshotLimits limits_;
  SnapshotCounts counts_;
  Step step_ = Step::kSessionCount;
  std::int64_t left_ = 0;         // sessions or ACL lists that are still to come
  std::int32_t acl_entries_ = 0;  // of the list being read
  std::int64_t acl_index_ = 0;
  Acl acl_;
  SnapshotNode node_;
  // Of the field being read.
  Bytes pending_;
  std::optional<std::int32_t> length_;
  std::size_t skipped_ = 0;
  std::size_t field_offset_ = 0;
  std::optional<DecodeError> error_;
};

}  // namespace zkprobe::wire
