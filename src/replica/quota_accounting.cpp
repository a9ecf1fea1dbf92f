// The part of DataTree that counts for quotas. Every server does so for itself: the nodes that it
// changes are below /zookeeper/ and not in the digest.
#include "replica/data_tree.hpp"

namespace zkprobe::replica {
namespace {

std::string_view below_quota_root(std::string_view path) { return path.substr(kQuotaRoot.size()); }

std::string text_of(std::optional<BytesView> data) { return data ? to_text(*data) : ""; }

}  // namespace

void DataTree::quota_created(const Place& place, std::string_view path, std::size_t bytes) {
  if (place.parent_path.starts_with(kQuotaRoot)) {
    const std::string_view subtree = below_quota_root(place.parent_path);
    if (place.name == kLimitNode && !subtree.empty()) quotas_.add(subtree);
    if (place.name == kStatNode) count_quota(subtree);
  }
  quota_changed(path, static_cast<std::int64_t>(bytes), 1);
}

void DataTree::quota_removed(const Place& place, std::string_view path, std::size_t bytes) {
  if (place.name == kLimitNode && place.parent_path.starts_with(kQuotaRoot)) {
    quotas_.remove(below_quota_root(place.parent_path));
  }
  quota_changed(path, -static_cast<std::int64_t>(bytes), -1);
}

void DataTree::quota_changed(std::string_view path, std::int64_t bytes, std::int64_t count) {
  const auto subtree = quotas_.deepest(path);
  if (!subtree) return;
  const std::string stat_path = quota_stat_path(*subtree);
  const NodeId id = nodes_.find(stat_path);
  if (id == kNoNode) return;
  auto track = StatsTrack::parse(text_of(nodes_.data(id)));
  if (!track) return;
  const auto sum = [](std::int64_t a, std::int64_t b) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
  };
  track->set(sum(track->count(), count), sum(track->bytes(), bytes));
  before_change(id);
  put_data(id, stat_path, as_bytes(track->text()));
  after_change(id);
}

void DataTree::count_quota(std::string_view path) {
  const std::string stat_path = quota_stat_path(path);
  const NodeId stat_node = nodes_.find(stat_path);
  if (stat_node == kNoNode) return;
  std::int64_t count = 0;
  std::int64_t bytes = 0;
  std::vector<NodeId> open;
  if (const NodeId top = nodes_.find(path); top != kNoNode) open.push_back(top);
  while (!open.empty()) {
    const NodeId id = open.back();
    open.pop_back();
    const auto data = nodes_.data(id);
    ++count;
    bytes += static_cast<std::int64_t>(data ? data->size() : 0);
    for (NodeId child = nodes_[id].first_child; child != kNoNode;
         child = nodes_[child].next_sibling) {
      open.push_back(child);
    }
  }
  StatsTrack track;
  track.set(count, bytes);
  before_change(stat_node);
  put_data(stat_node, stat_path, as_bytes(track.text()));
  after_change(stat_node);
}

// After a snapshot: the leaves below /zookeeper/quota that are limits (DataTree.setupQuota).
void DataTree::set_up_quotas() {
  quotas_.clear();
  std::vector<NodeId> open;
  if (const NodeId top = nodes_.find(kQuotaRoot); top != kNoNode) open.push_back(top);
  while (!open.empty()) {
    const NodeId id = open.back();
    open.pop_back();
    if (nodes_[id].first_child == kNoNode && nodes_.name(id) == kLimitNode) {
      const std::string parent = nodes_.path(nodes_[id].parent);
      const std::string subtree(below_quota_root(parent));
      if (!subtree.empty()) {
        count_quota(subtree);
        quotas_.add(subtree);
      }
    }
    for (NodeId child = nodes_[id].first_child; child != kNoNode;
         child = nodes_[child].next_sibling) {
      open.push_back(child);
    }
  }
}

}  // namespace zkprobe::replica
