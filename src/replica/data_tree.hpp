// The data tree: applies transactions as a server does, and keeps digest, ephemeral nodes, ACLs,
// sessions and quotas with it. Java: DataTree, ZKDatabase's sessions.
//
// Whatever a transaction holds, it never fails otherwise than by what Applied says. Transactions
// may be applied twice, in order, over a snapshot that holds what they do already: a server's
// snapshots are written while it goes on (see README.md).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "base/release.hpp"
#include "replica/acl_table.hpp"
#include "replica/node_store.hpp"
#include "replica/quota.hpp"
#include "replica/snapshot_walk.hpp"
#include "replica/tree_digest.hpp"
#include "wire/snapshot_stream.hpp"
#include "wire/txn.hpp"

namespace zkprobe::replica {

// KeeperException.Code.
inline constexpr std::int32_t kOk = 0;
inline constexpr std::int32_t kNoNodeError = -101;
inline constexpr std::int32_t kNodeExistsError = -110;

// What became of a transaction (Java: ProcessTxnResult).
struct Applied {
  // As the client was told: a KeeperException.Code, or that of an error transaction. NoNode and
  // NodeExists come up where transactions are applied again, and nowhere else.
  std::int32_t err = kOk;
  // What no leader sends: a type that is not known, a path that is none. A Java server ends there.
  // Of a multi, what came before it is applied. "" is the rule.
  std::string problem;
  std::optional<DigestDifference> difference;
};

// What an ephemeralOwner says of its node (Java: EphemeralType).
enum class NodeKind { kPersistent, kEphemeral, kContainer, kTtl };
std::string_view to_string(NodeKind kind);  // "ephemeral"
NodeKind kind_of(std::int64_t ephemeral_owner);
// Of a TTL node, in ms.
std::int64_t ttl_of(std::int64_t ephemeral_owner);

// One node as it is looked at. Views live until the tree changes.
struct NodeView {
  const wire::NodeStat& stat;
  std::optional<BytesView> data;
  std::int64_t acl_index = -1;
  const AclList& acl;  // empty: open to everybody
  std::uint32_t children = 0;
  // As clients see it: creates and deletes of children. Stored are the creates alone.
  std::int32_t client_cversion = 0;
};

class DataTree {
 public:
  struct Settings {
    // Of the leader: whether there is a /zookeeper/config, and what a delete does to cversion.
    Release release = kNewestRelease;
    std::uint64_t seed = 0;  // see NodeStore
  };

  // The tree that a server starts with: /, /zookeeper, /zookeeper/quota, and since 3.5
  // /zookeeper/config.
  explicit DataTree(const Settings& settings);
  DataTree() : DataTree(Settings{}) {}

  Applied apply(const wire::Txn& txn);
  // What every server writes for itself into /zookeeper/config when it starts to serve; makes the
  // node where there is none (Java: ZKDatabase.initConfigInZKDatabase).
  void set_config(std::string_view text, Zxid version, std::int64_t time_ms);

  // ---- digests
  std::int64_t digest() const { return digest_.value(); }
  // Digests are not compared while transactions are applied that the tree may hold already.
  void hold_comparison() { comparing_ = false; }
  void compare_from_now() { comparing_ = true; }
  // The same until `zxid`, where the digest must be this one: a snapshot file's digest section. One
  // with digest version other than kDigestVersion is not compared.
  void hold_comparison_until(Zxid zxid, std::int32_t version, std::int64_t digest);
  bool comparing() const { return comparing_ && !target_; }

  // ---- what it holds
  // The last transaction that was applied, or the zxid of the snapshot (Java: lastProcessedZxid).
  Zxid last_zxid() const { return last_zxid_; }
  void set_last_zxid(Zxid zxid) { last_zxid_ = zxid; }
  // Java's srvr and mntr say one more: "/" stands there twice.
  std::size_t node_count() const { return nodes_.size(); }
  std::size_t ephemeral_count() const { return ephemeral_count_; }
  // Bytes of paths and data (Java: approximateDataSize).
  std::uint64_t data_size() const { return data_size_; }
  const AclTable& acls() const { return acls_; }
  const std::unordered_map<std::int64_t, std::int32_t>& sessions() const { return sessions_; }
  // kNoNode where there is none. Ids go to other nodes when theirs is deleted.
  NodeId find(std::string_view path) const { return nodes_.find(path); }
  NodeView view(NodeId id) const;
  const NodeStore& nodes() const { return nodes_; }
  std::vector<std::string> ephemerals_of(std::int64_t session) const;

  // ---- a snapshot of its own
  // From now on next_snapshot_part() hands out the tree as it is at this moment, with last_zxid()
  // and digest() of this moment; transactions may be applied meanwhile. One at a time: a snapshot
  // that is under way is given up. Until it is taken, what transactions change waits in memory.
  void begin_snapshot();
  // At least `size` bytes of the stream without its signature; empty at its end.
  Bytes next_snapshot_part(std::size_t size);
  bool snapshot_under_way() const { return walk_ != nullptr; }
  void abandon_snapshot() { walk_.reset(); }

 private:
  friend class TreeLoader;
  // Without any node but an empty root, for what a snapshot brings.
  struct Bare {};
  DataTree(const Settings& settings, Bare) : settings_(settings), nodes_(settings.seed) {}
  struct Place {
    std::string_view parent_path;
    std::string_view name;
  };
  static std::optional<Place> split(std::string_view path);
  struct NewNode {
    std::string_view path;
    std::optional<BytesView> data;
    const AclList& acl;
    std::int64_t owner = 0;
    std::int32_t parent_cversion = -1;
  };

  // data_tree.cpp: each returns a KeeperException.Code.
  std::int32_t create(const NewNode& wanted, Zxid zxid, std::int64_t time_ms);
  static wire::NodeStat stat_of_new(const NewNode& wanted, Zxid zxid, std::int64_t time_ms);
  void make_anew(NodeId id, const NewNode& wanted, Zxid zxid, std::int64_t time_ms);
  std::int32_t remove(std::string_view path, Zxid zxid);
  std::int32_t set_data(const wire::SetDataTxn& txn, Zxid zxid, std::int64_t time_ms);
  std::int32_t set_acl(const wire::SetAclTxn& txn);
  void close_session(std::int64_t session, const wire::CloseSessionTxn& txn, Zxid zxid);

  // apply_txn.cpp
  std::int32_t apply_simple(const wire::TxnHeader& header, wire::TxnType type,
                            const wire::SimpleTxn& txn, std::string& problem);
  std::int32_t apply_multi(const wire::TxnHeader& header, const wire::MultiTxn& multi,
                           std::string& problem);
  std::int32_t apply_create(const wire::TxnHeader& header, const wire::SimpleTxn& txn,
                            std::string& problem);
  std::optional<DigestDifference> compare(const wire::Txn& txn);
  DigestDifference difference(const wire::Txn& txn, std::int64_t expected);

  // quota_accounting.cpp
  void quota_created(const Place& place, std::string_view path, std::size_t bytes);
  void quota_removed(const Place& place, std::string_view path, std::size_t bytes);
  void quota_changed(std::string_view path, std::int64_t bytes, std::int64_t count);
  void count_quota(std::string_view path);
  void set_up_quotas();

  // Not in the digest before after_change().
  NodeId add_node(NodeId parent, std::string_view path, std::string_view name,
                  std::optional<BytesView> data);
  void add_config_node(NodeId zookeeper);
  void remove_node(NodeId id, std::string_view path);
  void remove_below(NodeId id);
  void put_data(NodeId id, std::string_view path, std::optional<BytesView> data);
  void before_change(NodeId id);
  void after_change(NodeId id);
  void track_owner(NodeId id);
  void forget_owner(NodeId id);

  Settings settings_;
  NodeStore nodes_;
  AclTable acls_;
  TreeDigest digest_;
  QuotaPaths quotas_;
  std::unordered_map<std::int64_t, std::int32_t> sessions_;
  std::unordered_map<std::int64_t, std::unordered_set<NodeId>> ephemerals_;
  std::size_t ephemeral_count_ = 0;
  std::uint64_t data_size_ = 0;
  Zxid last_zxid_;
  std::unique_ptr<SnapshotWalk> walk_;

  bool comparing_ = true;
  struct Target {
    Zxid zxid;
    std::int32_t version = 0;
    std::int64_t digest = 0;
  };
  std::optional<Target> target_;
  std::int64_t drift_ = 0;  // the leader's digest less ours, when they were compared last
};

}  // namespace zkprobe::replica
