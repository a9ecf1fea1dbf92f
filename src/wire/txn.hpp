// Transactions: what PROPOSAL, INFORM and INFORMANDACTIVATE carry, and an entry of the log.
//
//   header  clientId:long cxid:int zxid:long time:long type:int              32 bytes
//   body    by type, see the records below; type -11 of 3.5 and older has none
//   digest  version:int treeDigest:long   3.6.0 and later with digest.enabled, never after an error
//
// Bytes that follow are ignored, as every reader does: 3.4 reads 3.9's transactions that way.
// Java: TxnHeader, TxnDigest and the records of zookeeper.jute; SerializeUtils.deserializeTxn.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "wire/quorum_packet.hpp"

namespace zkprobe::wire {

enum class TxnType : std::int32_t {
  kCreate = 1,
  kDelete = 2,
  kSetData = 5,
  kSetAcl = 7,
  kCheck = 13,
  kMulti = 14,
  kCreate2 = 15,
  kReconfig = 16,
  kCreateContainer = 19,
  kDeleteContainer = 20,
  kCreateTtl = 21,
  kError = -1,
  kCreateSession = -10,
  kCloseSession = -11,
};
// "create", "setData", "createSession": ZooDefs.OpCode's names; "unknown" for other numbers.
std::string_view to_string(TxnType type);

struct TxnHeader {
  std::int64_t session = 0;  // clientId
  std::int32_t cxid = 0;
  Zxid zxid;
  std::int64_t time_ms = 0;        // since 1970, the leader's clock
  TxnType type = TxnType::kError;  // may hold a number that no constant names

  bool operator==(const TxnHeader&) const = default;
};

struct Acl {
  std::int32_t perms = 0;
  AuthId id;

  bool operator==(const Acl&) const = default;
};

// Types 1 and 15. parent_cversion is missing in records that 3.3 wrote (CreateTxnV0), type 1 only.
struct CreateTxn {
  std::string path;
  std::optional<Bytes> data;
  std::vector<Acl> acl;
  bool ephemeral = false;
  std::optional<std::int32_t> parent_cversion;

  bool operator==(const CreateTxn&) const = default;
};
// Type 19.
struct CreateContainerTxn {
  std::string path;
  std::optional<Bytes> data;
  std::vector<Acl> acl;
  std::int32_t parent_cversion = 0;

  bool operator==(const CreateContainerTxn&) const = default;
};
// Type 21.
struct CreateTtlTxn {
  std::string path;
  std::optional<Bytes> data;
  std::vector<Acl> acl;
  std::int32_t parent_cversion = 0;
  std::int64_t ttl_ms = 0;

  bool operator==(const CreateTtlTxn&) const = default;
};
// Types 2 and 20.
struct DeleteTxn {
  std::string path;

  bool operator==(const DeleteTxn&) const = default;
};
// Types 5 and 16; of 16 the data is the configuration text.
struct SetDataTxn {
  std::string path;
  std::optional<Bytes> data;
  std::int32_t version = 0;

  bool operator==(const SetDataTxn&) const = default;
};
// Type 7.
struct SetAclTxn {
  std::string path;
  std::vector<Acl> acl;
  std::int32_t version = 0;

  bool operator==(const SetAclTxn&) const = default;
};
// Type 13, inside a multi only.
struct CheckVersionTxn {
  std::string path;
  std::int32_t version = 0;

  bool operator==(const CheckVersionTxn&) const = default;
};
// Type -10.
struct CreateSessionTxn {
  std::int32_t timeout_ms = 0;

  bool operator==(const CreateSessionTxn&) const = default;
};
// Type -11. The ephemeral nodes that end with the session; nothing where the record is missing
// (3.5 and older, or zookeeper.closeSessionTxn.enabled=false).
struct CloseSessionTxn {
  std::optional<std::vector<std::string>> paths;

  bool operator==(const CloseSessionTxn&) const = default;
};
// Type -1: a request that failed. err: KeeperException.Code.
struct ErrorTxn {
  std::int32_t err = 0;

  bool operator==(const ErrorTxn&) const = default;
};
// A type that no release up to kNewestRelease writes: kept unread.
struct UnknownTxn {
  Bytes body;

  bool operator==(const UnknownTxn&) const = default;
};

using SimpleTxn =
    std::variant<CreateTxn, CreateContainerTxn, CreateTtlTxn, DeleteTxn, SetDataTxn, SetAclTxn,
                 CheckVersionTxn, CreateSessionTxn, CloseSessionTxn, ErrorTxn, UnknownTxn>;

struct MultiElement {
  TxnType type = TxnType::kError;
  SimpleTxn body;

  bool operator==(const MultiElement&) const = default;
};
// Type 14.
struct MultiTxn {
  std::vector<MultiElement> elements;

  // With an element of type -1 nothing of it is applied (DataTree.processTxn).
  bool failed() const;
  bool operator==(const MultiTxn&) const = default;
};

struct TxnDigest {
  std::int32_t version = 0;
  std::int64_t tree_digest = 0;

  bool operator==(const TxnDigest&) const = default;
};

struct Txn {
  TxnHeader header;
  std::variant<SimpleTxn, MultiTxn> body;
  std::optional<TxnDigest> digest;

  bool operator==(const Txn&) const = default;
};

inline constexpr std::size_t kTxnHeaderSize = 32;
inline constexpr std::size_t kTxnDigestSize = 12;

// base_offset: the place of the payload in its message, for errors (8 in INFORMANDACTIVATE).
Decoded<Txn> decode_txn(BytesView payload, std::size_t base_offset = 0);

// The bytes that a server writes for it. A create without parent_cversion is the record of 3.3, a
// closeSession without paths that of 3.5 and older. What decode_txn passed over after the digest
// is lost.
Bytes encode_txn(const Txn& txn);

// Every path that the transaction names, in its order; of a failed multi too.
std::vector<std::string> paths_of(const Txn& txn);

// "create /a data=5 ephemeral session=0x1000 cxid=3"
std::string describe(const Txn& txn);

// One ACL list and one path, as records and snapshots have them. A null path is kMalformed.
std::vector<Acl> read_acl_list(Reader& reader, std::string_view field);
std::string read_path(Reader& reader, std::string_view field);
void write_acl_list(Writer& writer, std::span<const Acl> list);

}  // namespace zkprobe::wire
