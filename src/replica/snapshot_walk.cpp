#include "replica/snapshot_walk.hpp"

#include "wire/snapshot_encoder.hpp"

namespace zkprobe::replica {

SnapshotWalk::SnapshotWalk(const NodeStore& nodes, const AclTable& acls,
                           const std::unordered_map<std::int64_t, std::int32_t>& sessions)
    : written_(nodes.end()) {
  wire::write_count(writer_, sessions.size());
  for (const auto& [session, timeout_ms] : sessions) {
    wire::write_session(writer_, session, timeout_ms);
  }
  wire::write_count(writer_, acls.size());
  for (const AclTable::Slot slot : acls.slots()) {
    wire::write_acl_entry(writer_, acls.index_of(slot), acls.list_of(slot));
  }
}

void SnapshotWalk::about_to_change(const NodeStore& nodes, const AclTable& acls, NodeId id) {
  if (!ended_ && !written(id)) write(nodes, acls, id);
}

void SnapshotWalk::came_into_being(NodeId id) {
  if (id < written_.size()) written_[id] = true;
}

Bytes SnapshotWalk::next(const NodeStore& nodes, const AclTable& acls, std::size_t size) {
  for (; writer_.size() < size && at_ < written_.size(); ++at_) {
    if (!written_[at_] && nodes.in_use(at_)) write(nodes, acls, at_);
  }
  if (at_ == written_.size() && !ended_) {
    wire::write_nodes_end(writer_);
    ended_ = true;
  }
  return writer_.take();
}

// A parent that is not written is as it was: whoever changed it would have had it written.
void SnapshotWalk::write(const NodeStore& nodes, const AclTable& acls, NodeId id) {
  for (NodeId at = id; at != kNoNode && !written(at); at = nodes[at].parent) parents_.push_back(at);
  for (; !parents_.empty(); parents_.pop_back()) {
    const NodeId next = parents_.back();
    const Node& node = nodes[next];
    wire::write_node(writer_, nodes.path(next), nodes.data(next), acls.index_of(node.acl),
                     node.stat);
    written_[next] = true;
  }
}

}  // namespace zkprobe::replica
