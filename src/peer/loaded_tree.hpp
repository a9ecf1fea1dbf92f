// The data tree of a directory: the newest snapshot, and the log over it. Java:
// ZKDatabase.loadDataBase.
#pragma once

#include <optional>
#include <string>

#include "peer/load_sink.hpp"
#include "replica/data_tree.hpp"
#include "replica/tree_loader.hpp"

namespace zkprobe::peer {

class LoadedTree : public LoadSink {
 public:
  explicit LoadedTree(const replica::DataTree::Settings& settings)
      : settings_(settings), tree_(settings) {}

  void begin_snapshot(const std::string& file, Zxid zxid) override;
  void on_session(std::int64_t session, std::int32_t timeout_ms) override;
  void on_acl(std::int64_t index, const wire::Acl& acl) override;
  void on_node(const wire::SnapshotNode& node) override;
  void end_snapshot(const wire::SnapshotSections& sections) override;
  void on_txn(const wire::Txn& txn, BytesView payload) override;

  // The tree that a new server starts with, where nothing was loaded. Good for
  // one take.
  replica::DataTree& tree() { return tree_; }
  // One line: a snapshot or a transaction that no server writes. What is in the
  // tree is worth nothing then.
  const std::optional<std::string>& error() const { return error_; }
  // Digests of the snapshot and of transactions that were not those of the
  // tree; the first of them.
  std::uint64_t differences() const { return differences_; }
  const std::optional<replica::DigestDifference>& first_difference() const {
    return first_difference_;
  }

 private:
  replica::DataTree::Settings settings_;
  replica::DataTree tree_;
  std::optional<replica::TreeLoader> loader_;
  std::string file_;
  Zxid zxid_;
  std::optional<std::string> error_;
  std::uint64_t differences_ = 0;
  std::optional<replica::DigestDifference> first_difference_;
};

}  // namespace zkprobe::peer
