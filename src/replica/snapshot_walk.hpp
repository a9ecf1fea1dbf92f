// Writes a tree as it was at one moment, part by part, while the tree goes on changing.
//
// Nodes are written in the order of their ids, each after its parents. Whoever is about to change
// or remove a node says so first: if it is not written yet, it is written as it still is. What
// comes into being later is left out. Java walks the tree without holding it instead, so that its
// snapshots mix moments ("fuzzy") and the log makes up for it; ours need no making up for.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "base/bytes.hpp"
#include "replica/acl_table.hpp"
#include "replica/node_store.hpp"

namespace zkprobe::replica {

class SnapshotWalk {
 public:
  // Sessions and ACL lists are written at once; both are small beside the nodes.
  SnapshotWalk(const NodeStore& nodes, const AclTable& acls,
               const std::unordered_map<std::int64_t, std::int32_t>& sessions);

  // Before a node changes or goes.
  void about_to_change(const NodeStore& nodes, const AclTable& acls, NodeId id);
  // After a node came into being.
  void came_into_being(NodeId id);

  // The next part: at least `size` bytes, and at most one node or what changes made necessary more;
  // the end, "/", comes with the last. Empty once everything is taken.
  Bytes next(const NodeStore& nodes, const AclTable& acls, std::size_t size);
  bool done() const { return ended_ && writer_.size() == 0; }

 private:
  bool written(NodeId id) const { return id >= written_.size() || written_[id]; }
  void write(const NodeStore& nodes, const AclTable& acls, NodeId id);

  Writer writer_;
  std::vector<bool> written_;  // ids from its end on came later
  NodeId at_ = 0;
  bool ended_ = false;
  std::vector<NodeId> parents_;  // of the node being written
};

}  // namespace zkprobe::replica
