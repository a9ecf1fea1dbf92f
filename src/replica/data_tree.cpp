#include "replica/data_tree.hpp"

#include <array>
#include <limits>

namespace zkprobe::replica {
namespace {

using wire::NodeStat;

constexpr std::int64_t kContainerOwner = std::numeric_limits<std::int64_t>::min();
constexpr std::uint64_t kExtended = 0xff00'0000'0000'0000ULL;
constexpr std::uint64_t kExtendedKind = 0x00ff'ff00'0000'0000ULL;  // 0: TTL
constexpr std::uint64_t kExtendedValue = 0x0000'00ff'ffff'ffffULL;

constexpr std::string_view kConfigPath = "/zookeeper/config";
// ZooDefs.Ids.READ_ACL_UNSAFE.
AclList read_for_all() { return {{1, {"world", "anyone"}}}; }

}  // namespace

std::string_view to_string(NodeKind kind) {
  static constexpr std::array<std::string_view, 4> kNames = {"persistent", "ephemeral", "container",
                                                             "ttl"};
  return kNames[static_cast<std::size_t>(kind)];
}

// Whether a server runs with zookeeper.extendedTypesEnabled is not known here. Without it an owner
// of this form would be a session of server 255 from 1970: there is none.
NodeKind kind_of(std::int64_t ephemeral_owner) {
  if (ephemeral_owner == 0) return NodeKind::kPersistent;
  if (ephemeral_owner == kContainerOwner) return NodeKind::kContainer;
  const auto bits = static_cast<std::uint64_t>(ephemeral_owner);
  const bool ttl = (bits & kExtended) == kExtended && (bits & kExtendedKind) == 0;
  return ttl ? NodeKind::kTtl : NodeKind::kEphemeral;
}

std::int64_t ttl_of(std::int64_t ephemeral_owner) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(ephemeral_owner) & kExtendedValue);
}

DataTree::DataTree(const Settings& settings) : settings_(settings), nodes_(settings.seed) {
  nodes_[kRootNode].counted = 1;
  nodes_[kRootNode].content_crc = content_crc("", {});
  data_size_ = 1;  // Java counts "" and "/"
  after_change(kRootNode);
  const NodeId zookeeper = add_node(kRootNode, "/zookeeper", "zookeeper", BytesView());
  after_change(zookeeper);
  after_change(add_node(zookeeper, kQuotaRoot, "quota", BytesView()));
  if (settings_.release >= Release{3, 5, 0}) add_config_node(zookeeper);
}

void DataTree::add_config_node(NodeId zookeeper) {
  const NodeId id = add_node(zookeeper, kConfigPath, "config", BytesView());
  nodes_[id].acl = acls_.use(read_for_all());
  nodes_[id].stat.aversion = -1;
  after_change(id);
}

void DataTree::set_config(std::string_view text, Zxid version, std::int64_t time_ms) {
  const NodeId zookeeper = nodes_.find("/zookeeper");
  if (zookeeper == kNoNode) return;
  if (nodes_.find(kConfigPath) == kNoNode) add_config_node(zookeeper);
  const NodeId id = nodes_.find(kConfigPath);
  before_change(id);
  put_data(id, kConfigPath, as_bytes(text));
  NodeStat& stat = nodes_[id].stat;
  stat.version = -1;
  stat.mzxid = version;
  stat.mtime_ms = time_ms;
  after_change(id);
}

NodeView DataTree::view(NodeId id) const {
  const Node& node = nodes_[id];
  std::int32_t cversion = node.stat.cversion;
  if (settings_.release >= Release{3, 4, 0}) {
    cversion = static_cast<std::int32_t>(static_cast<std::uint32_t>(cversion) * 2 - node.children);
  }
  return {node.stat,     nodes_.data(id), acls_.index_of(node.acl), acls_.list_of(node.acl),
          node.children, cversion};
}

std::vector<std::string> DataTree::ephemerals_of(std::int64_t session) const {
  std::vector<std::string> paths;
  const auto found = ephemerals_.find(session);
  if (found == ephemerals_.end()) return paths;
  for (const NodeId id : found->second) paths.push_back(nodes_.path(id));
  return paths;
}

// "/a/b" into "/a" and "b", "/a" into "" and "a". Nothing for the root and for what is no path:
// PathUtils lets no empty name through to a leader.
std::optional<DataTree::Place> DataTree::split(std::string_view path) {
  if (path.size() < 2 || path.front() != '/') return std::nullopt;
  const std::size_t slash = path.rfind('/');
  if (slash + 1 == path.size()) return std::nullopt;
  return Place{path.substr(0, slash), path.substr(slash + 1)};
}

NodeStat DataTree::stat_of_new(const NewNode& wanted, Zxid zxid, std::int64_t time_ms) {
  NodeStat stat;
  stat.czxid = stat.mzxid = stat.pzxid = zxid;
  stat.ctime_ms = stat.mtime_ms = time_ms;
  stat.ephemeral_owner = wanted.owner;
  return stat;
}

std::int32_t DataTree::create(const NewNode& wanted, Zxid zxid, std::int64_t time_ms) {
  const Place place = *split(wanted.path);
  const NodeId parent = nodes_.find(place.parent_path);
  if (parent == kNoNode) return kNoNodeError;
  const NodeId existing = nodes_.find_child(parent, place.name);
  std::int32_t cversion = wanted.parent_cversion;
  NodeStat& above = nodes_[parent].stat;
  if (cversion == -1)
    cversion = static_cast<std::int32_t>(static_cast<std::uint32_t>(above.cversion) + 1);
  // Applied again, a create must not turn back what came after it (ZOOKEEPER-1125, 3125).
  if (cversion > above.cversion) {
    before_change(parent);
    above.cversion = cversion;
    above.pzxid = zxid;
    after_change(parent);
  }
  if (existing != kNoNode) {
    make_anew(existing, wanted, zxid, time_ms);
    return kNodeExistsError;
  }
  const NodeId id = add_node(parent, wanted.path, place.name, wanted.data);
  nodes_[id].stat = stat_of_new(wanted, zxid, time_ms);
  nodes_[id].acl = acls_.use(wanted.acl);
  after_change(id);
  track_owner(id);
  quota_created(place, wanted.path, wanted.data ? wanted.data->size() : 0);
  return kOk;
}

// The node stands in a snapshot that held the future already. Java leaves it as it is; where its
// delete does not name it (closeSession before 3.6) that would mix two nodes. What comes after the
// create is applied again as well, so the node can start as it did then.
void DataTree::make_anew(NodeId id, const NewNode& wanted, Zxid zxid, std::int64_t time_ms) {
  const auto old = nodes_.data(id);
  const auto before = static_cast<std::int64_t>(old ? old->size() : 0);
  before_change(id);
  forget_owner(id);
  put_data(id, wanted.path, wanted.data);
  const AclTable::Slot acl = acls_.use(wanted.acl);
  acls_.release(nodes_[id].acl);
  nodes_[id].acl = acl;
  nodes_[id].stat = stat_of_new(wanted, zxid, time_ms);
  after_change(id);
  track_owner(id);
  const auto after = static_cast<std::int64_t>(wanted.data ? wanted.data->size() : 0);
  quota_changed(wanted.path, after - before, 0);
}

std::int32_t DataTree::remove(std::string_view path, Zxid zxid) {
  const Place place = *split(path);
  const NodeId parent = nodes_.find(place.parent_path);
  if (parent == kNoNode) return kNoNodeError;
  const NodeId id = nodes_.find_child(parent, place.name);
  NodeStat& above = nodes_[parent].stat;
  before_change(parent);
  if (zxid > above.pzxid) above.pzxid = zxid;
  if (id != kNoNode && settings_.release < Release{3, 4, 0}) ++above.cversion;
  after_change(parent);
  if (id == kNoNode) return kNoNodeError;
  remove_below(id);
  const auto data = nodes_.data(id);
  const std::size_t bytes = data ? data->size() : 0;
  remove_node(id, path);
  quota_removed(place, path, bytes);
  return kOk;
}

std::int32_t DataTree::set_data(const wire::SetDataTxn& txn, Zxid zxid, std::int64_t time_ms) {
  const NodeId id = nodes_.find(txn.path);
  if (id == kNoNode) return kNoNodeError;
  const auto old = nodes_.data(id);
  const auto before = static_cast<std::int64_t>(old ? old->size() : 0);
  before_change(id);
  put_data(id, txn.path, txn.data ? std::optional(BytesView(*txn.data)) : std::nullopt);
  NodeStat& stat = nodes_[id].stat;
  stat.mtime_ms = time_ms;
  stat.mzxid = zxid;
  stat.version = txn.version;
  after_change(id);
  const auto after = static_cast<std::int64_t>(txn.data ? txn.data->size() : 0);
  quota_changed(txn.path, after - before, 0);
  return kOk;
}

std::int32_t DataTree::set_acl(const wire::SetAclTxn& txn) {
  const NodeId id = nodes_.find(txn.path);
  if (id == kNoNode) return kNoNodeError;
  before_change(id);
  // In this order: the only user of a list gets a new number even for the same list.
  acls_.release(nodes_[id].acl);
  nodes_[id].acl = acls_.use(txn.acl);
  nodes_[id].stat.aversion = txn.version;
  after_change(id);
  return kOk;
}

// First what the transaction names, then what is left of the session here (ZOOKEEPER-3145).
void DataTree::close_session(std::int64_t session, const wire::CloseSessionTxn& txn, Zxid zxid) {
  sessions_.erase(session);
  if (txn.paths) {
    for (const std::string& path : *txn.paths) {
      if (split(path)) remove(path, zxid);
    }
  }
  for (const std::string& path : ephemerals_of(session)) remove(path, zxid);
}

NodeId DataTree::add_node(NodeId parent, std::string_view path, std::string_view name,
                          std::optional<BytesView> data) {
  const NodeId id = nodes_.add(parent, name, data);
  if (walk_) walk_->came_into_being(id);
  nodes_[id].counted = counts_in_digest(path) ? 1 : 0;
  nodes_[id].content_crc = content_crc(path, data.value_or(BytesView()));
  data_size_ += path.size() + (data ? data->size() : 0);
  return id;
}

void DataTree::remove_node(NodeId id, std::string_view path) {
  before_change(id);
  forget_owner(id);
  acls_.release(nodes_[id].acl);
  const auto data = nodes_.data(id);
  data_size_ -= path.size() + (data ? data->size() : 0);
  nodes_.remove(id);
}

// A leader deletes no node with children. Over a snapshot that holds the future a node may have
// some whose deletes name another session's: they go with it, and come again with their creates.
void DataTree::remove_below(NodeId id) {
  while (nodes_[id].first_child != kNoNode) {
    NodeId leaf = nodes_[id].first_child;
    while (nodes_[leaf].first_child != kNoNode) leaf = nodes_[leaf].first_child;
    remove_node(leaf, nodes_.path(leaf));
  }
}

void DataTree::put_data(NodeId id, std::string_view path, std::optional<BytesView> data) {
  const auto old = nodes_.data(id);
  data_size_ -= old ? old->size() : 0;
  data_size_ += data ? data->size() : 0;
  nodes_.set_data(id, data);
  nodes_[id].content_crc = content_crc(id == kRootNode ? "" : path, data.value_or(BytesView()));
}

void DataTree::before_change(NodeId id) {
  if (walk_) walk_->about_to_change(nodes_, acls_, id);
  digest_.remove(nodes_[id].digest);
}

void DataTree::after_change(NodeId id) {
  Node& node = nodes_[id];
  node.digest = node.counted != 0 ? node_digest(node.content_crc, node.stat) : 0;
  digest_.add(node.digest);
}

void DataTree::track_owner(NodeId id) {
  const std::int64_t owner = nodes_[id].stat.ephemeral_owner;
  if (kind_of(owner) != NodeKind::kEphemeral) return;
  if (ephemerals_[owner].insert(id).second) ++ephemeral_count_;
}

void DataTree::forget_owner(NodeId id) {
  const auto found = ephemerals_.find(nodes_[id].stat.ephemeral_owner);
  if (found == ephemerals_.end() || found->second.erase(id) == 0) return;
  --ephemeral_count_;
  if (found->second.empty()) ephemerals_.erase(found);
}

void DataTree::begin_snapshot() {
  walk_ = std::make_unique<SnapshotWalk>(nodes_, acls_, sessions_);
}

Bytes DataTree::next_snapshot_part(std::size_t size) {
  if (!walk_) return {};
  Bytes part = walk_->next(nodes_, acls_, size);
  if (walk_->done()) walk_.reset();
  return part;
}

}  // namespace zkprobe::replica
