#include "replica/tree_loader.hpp"

#include "wire/safe_text.hpp"

namespace zkprobe::replica {
namespace {

std::optional<BytesView> data_of(const wire::SnapshotNode& node) {
  if (!node.data) return std::nullopt;
  return BytesView(*node.data);
}

}  // namespace

TreeLoader::TreeLoader(const DataTree::Settings& settings) : tree_(settings, DataTree::Bare{}) {}

void TreeLoader::on_session(std::int64_t session, std::int32_t timeout_ms) {
  tree_.sessions_[session] = timeout_ms;
}

void TreeLoader::on_acl(std::int64_t index, const wire::Acl& acl) { tree_.acls_.load(index, acl); }

void TreeLoader::on_node(const wire::SnapshotNode& node) {
  if (error_) return;
  const std::string shown = "\"" + wire::safe_text(node.path.substr(0, 80)) + "\"";
  if (node.path.empty() != !seen_root_) {
    error_ = "node " + shown + ": expected the root first, and once";
    return;
  }
  if (node.path.empty()) {
    seen_root_ = true;
    tree_.acls_.loaded();
    tree_.nodes_[kRootNode].counted = 1;
    tree_.data_size_ = 1;  // Java counts "" and "/"
    tree_.put_data(kRootNode, "", data_of(node));
    fill(kRootNode, node);
    return;
  }
  const auto place = DataTree::split(node.path);
  const NodeId parent = place ? tree_.nodes_.find(place->parent_path) : kNoNode;
  if (parent == kNoNode) {
    error_ = "node " + shown + (place ? " has no parent" : " is no path below /");
    return;
  }
  NodeId id = tree_.nodes_.find_child(parent, place->name);
  if (id == kNoNode) {
    id = tree_.add_node(parent, node.path, place->name, data_of(node));
  } else {
    // A second time: it counts as it came last.
    tree_.put_data(id, node.path, data_of(node));
    tree_.forget_owner(id);
    tree_.acls_.release(tree_.nodes_[id].acl);
  }
  fill(id, node);
}

void TreeLoader::fill(NodeId id, const wire::SnapshotNode& node) {
  tree_.before_change(id);
  tree_.nodes_[id].stat = node.stat;
  tree_.nodes_[id].acl = tree_.acls_.use_index(node.acl);
  tree_.after_change(id);
  tree_.track_owner(id);
}

tl::expected<DataTree, std::string> TreeLoader::finish(Zxid zxid) {
  if (!error_ && !seen_root_) error_ = "the snapshot has no root";
  if (error_) return tl::unexpected(*error_);
  tree_.acls_.purge_unused();
  tree_.set_up_quotas();
  tree_.last_zxid_ = zxid;
  return std::move(tree_);
}

}  // namespace zkprobe::replica
