// Transactions for tests of the tree: made by hand, at random, and read from a real log.
#pragma once

#include <string>
#include <vector>

#include "base/random.hpp"
#include "replica/data_tree.hpp"
#include "wire/txn.hpp"

namespace zkprobe::replica {

inline AclList open_to_all() { return {{31, {"world", "anyone"}}}; }
inline AclList readable() { return {{1, {"world", "anyone"}}}; }
inline Bytes bytes_of(std::string_view text) { return {text.begin(), text.end()}; }

// A transaction of session 0x77 at time 1000 + counter.
wire::Txn make_txn(std::int64_t zxid, wire::TxnType type, wire::SimpleTxn body,
                   std::int64_t session = 0x77);
wire::Txn create_txn(std::int64_t zxid, std::string path, std::string_view data = "",
                     std::int32_t parent_cversion = -1, bool ephemeral = false,
                     std::int64_t session = 0x77);
wire::Txn delete_txn(std::int64_t zxid, std::string path);
wire::Txn set_txn(std::int64_t zxid, std::string path, std::string_view data, std::int32_t version);
wire::Txn multi_txn(std::int64_t zxid, std::vector<wire::MultiElement> elements);

// Each line of fixtures/<name>.
std::vector<wire::Txn> read_log(const std::string& name);

// What a leader would send, one after another, with what it computes: parentCVersion, versions, the
// paths that a closed session leaves. It keeps a tree of its own.
class Generator {
 public:
  // Every closeSession names its paths, as since 3.6; otherwise every other one.
  explicit Generator(std::uint64_t seed, bool names_paths = false)
      : random_(seed), names_paths_(names_paths) {}

  wire::Txn next();
  const DataTree& tree() const { return tree_; }

 private:
  std::string some_path();
  std::int64_t some_session() { return 0x100 + static_cast<std::int64_t>(random_.below(4)); }
  Bytes some_data();
  AclList some_acl();
  wire::MultiElement some_create(std::int64_t session);
  wire::MultiElement some_change(std::int64_t session);

  SeededRandom random_;
  bool names_paths_;
  DataTree tree_;
  std::int64_t zxid_ = 0x100000000;
};

// "path data=... acl=1 czxid=... ..." for each node, by path; digest, ACLs and sessions: all that
// two trees must have in common to be the same.
std::string dump(const DataTree& tree);
// The digest computed anew, by a CRC-32 of its own.
std::int64_t recomputed_digest(const DataTree& tree);
// Every id in use.
std::vector<NodeId> all_nodes(const DataTree& tree);

// The tree's snapshot in parts of `size`, with the signature; and a tree read from one.
Bytes snapshot_of(DataTree& tree, std::size_t size = 4096);
DataTree load(BytesView stream, Zxid zxid, const DataTree::Settings& settings = {});

}  // namespace zkprobe::replica
