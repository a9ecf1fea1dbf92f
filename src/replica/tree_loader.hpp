// Builds a tree from a snapshot, a stream's or a file's. Java: DataTree.deserialize.
#pragma once

#include <optional>
#include <string>
#include <tl/expected.hpp>

#include "replica/data_tree.hpp"
#include "wire/snapshot_stream.hpp"

namespace zkprobe::replica {

class TreeLoader : public wire::SnapshotSink {
 public:
  explicit TreeLoader(const DataTree::Settings& settings);

  // For a SnapshotReader with SnapshotLimits::keep_data.
  void on_session(std::int64_t session, std::int32_t timeout_ms) override;
  void on_acl(std::int64_t index, const wire::Acl& acl) override;
  void on_node(const wire::SnapshotNode& node) override;

  // "node /a/b has no parent": the first node that cannot be; those after it are passed over.
  const std::optional<std::string>& error() const { return error_; }
  std::size_t node_count() const { return seen_root_ ? tree_.node_count() : 0; }

  // The tree, with the zxid of the SNAP packet or of the snapshot's name as its last; or error().
  // The loader is used up.
  tl::expected<DataTree, std::string> finish(Zxid zxid);

 private:
  void fill(NodeId id, const wire::SnapshotNode& node);

  DataTree tree_;
  bool seen_root_ = false;
  std::optional<std::string> error_;
};

}  // namespace zkprobe::replica
