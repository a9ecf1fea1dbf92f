#include "replica/txns.hpp"

#include <algorithm>
#include <map>
#include <sstream>
#include <stdexcept>

#include "replica/tree_loader.hpp"
#include "support/fixtures.hpp"
#include "wire/snapshot_encoder.hpp"

namespace zkprobe::replica {

using wire::MultiElement;
using wire::TxnType;

wire::Txn make_txn(std::int64_t zxid, TxnType type, wire::SimpleTxn body, std::int64_t session) {
  wire::Txn txn;
  txn.header = {session, 1, Zxid(zxid), 1000 + (zxid & 0xffff), type};
  txn.body = std::move(body);
  return txn;
}

wire::Txn create_txn(std::int64_t zxid, std::string path, std::string_view data,
                     std::int32_t parent_cversion, bool ephemeral, std::int64_t session) {
  return make_txn(
      zxid, TxnType::kCreate,
      wire::CreateTxn{std::move(path), bytes_of(data), open_to_all(), ephemeral, parent_cversion},
      session);
}

wire::Txn delete_txn(std::int64_t zxid, std::string path) {
  return make_txn(zxid, TxnType::kDelete, wire::DeleteTxn{std::move(path)});
}

wire::Txn set_txn(std::int64_t zxid, std::string path, std::string_view data,
                  std::int32_t version) {
  return make_txn(zxid, TxnType::kSetData,
                  wire::SetDataTxn{std::move(path), bytes_of(data), version});
}

wire::Txn multi_txn(std::int64_t zxid, std::vector<MultiElement> elements) {
  wire::Txn txn = make_txn(zxid, TxnType::kMulti, wire::ErrorTxn{});
  txn.body = wire::MultiTxn{std::move(elements)};
  return txn;
}

std::vector<wire::Txn> read_log(const std::string& name) {
  std::vector<wire::Txn> txns;
  std::istringstream lines(test::read_fixture(name));
  for (std::string line; std::getline(lines, line);) {
    const auto bytes = hex_decode(line.substr(0, line.find('#')));
    if (!bytes || bytes->empty()) continue;
    auto txn = wire::decode_txn(*bytes);
    if (!txn) throw std::runtime_error(to_string(txn.error()));
    txns.push_back(std::move(*txn));
  }
  return txns;
}

// ---- at random

std::string Generator::some_path() {
  const auto nodes = all_nodes(tree_);
  const NodeId id = nodes[random_.below(nodes.size())];
  const std::string path = tree_.nodes().path(id);
  return path.starts_with("/zookeeper") ? "" : path;
}

Bytes Generator::some_data() { return Bytes(random_.below(20), std::uint8_t(random_.below(256))); }

AclList Generator::some_acl() {
  AclList list = random_.chance(50) ? open_to_all() : readable();
  if (random_.chance(20)) list.push_back({16, {"digest", "u" + std::to_string(random_.below(5))}});
  return list;
}

MultiElement Generator::some_create(std::int64_t session) {
  std::string parent = some_path();
  if (tree_.view(tree_.find(parent)).stat.ephemeral_owner != 0) parent = "";
  std::string path = parent + "/n" + std::to_string(random_.below(8));
  const std::int32_t cversion = tree_.view(tree_.find(parent)).stat.cversion + 1;
  if (tree_.find(path) != kNoNode) return {TxnType::kError, wire::ErrorTxn{kNodeExistsError}};
  switch (random_.below(5)) {
    case 0:
      return {TxnType::kCreateContainer,
              wire::CreateContainerTxn{path, some_data(), some_acl(), cversion}};
    case 1:
      return {TxnType::kCreateTtl,
              wire::CreateTtlTxn{path, some_data(), some_acl(), cversion, 100}};
    case 2:
      return {TxnType::kCreate2, wire::CreateTxn{path, std::nullopt, some_acl(), true, cversion}};
    case 3:
      return {TxnType::kCreate, wire::CreateTxn{path, some_data(), some_acl(), true, cversion}};
    default:
      break;
  }
  (void)session;
  return {TxnType::kCreate, wire::CreateTxn{path, some_data(), some_acl(), false, cversion}};
}

MultiElement Generator::some_change(std::int64_t session) {
  const std::string path = some_path();
  const NodeView node = tree_.view(tree_.find(path));
  const auto kind = random_.below(10);
  if (kind < 2) {
    return {TxnType::kSetData, wire::SetDataTxn{path, some_data(), node.stat.version + 1}};
  }
  if (kind == 2) return {TxnType::kCheck, wire::CheckVersionTxn{path, node.stat.version}};
  if (kind < 6 && !path.empty() && node.children == 0) {
    const bool container = kind_of(node.stat.ephemeral_owner) == NodeKind::kContainer;
    return {container ? TxnType::kDeleteContainer : TxnType::kDelete, wire::DeleteTxn{path}};
  }
  return some_create(session);
}

wire::Txn Generator::next() {
  const std::int64_t session = some_session();
  ++zxid_;
  wire::Txn txn;
  const auto kind = random_.below(20);
  if (kind == 0) {
    txn = make_txn(zxid_, TxnType::kCreateSession, wire::CreateSessionTxn{4000}, session);
  } else if (kind == 1) {
    wire::CloseSessionTxn closed;
    if (names_paths_ || random_.chance(50)) closed.paths = tree_.ephemerals_of(session);
    txn = make_txn(zxid_, TxnType::kCloseSession, closed, session);
  } else if (kind == 2) {
    const std::string path = some_path();
    const std::int32_t version = tree_.view(tree_.find(path)).stat.aversion + 1;
    txn = make_txn(zxid_, TxnType::kSetAcl, wire::SetAclTxn{path, some_acl(), version}, session);
  } else if (kind == 3) {
    const MultiElement first = some_change(session);
    txn = multi_txn(zxid_, {first, {TxnType::kCheck, wire::CheckVersionTxn{"/", -1}}});
    txn.header.session = session;
  } else {
    MultiElement one = some_change(session);
    if (one.type == TxnType::kCheck) one = {TxnType::kError, wire::ErrorTxn{-103}};
    txn = make_txn(zxid_, one.type, std::move(one.body), session);
  }
  const Applied applied = tree_.apply(txn);
  if (!applied.problem.empty()) throw std::runtime_error(applied.problem);
  if (txn.header.type != TxnType::kError) txn.digest = {kDigestVersion, tree_.digest()};
  return txn;
}

// ---- looking at a tree

std::vector<NodeId> all_nodes(const DataTree& tree) {
  std::vector<NodeId> ids;
  for (NodeId id = 0; id < tree.nodes().end(); ++id) {
    if (tree.nodes().in_use(id)) ids.push_back(id);
  }
  return ids;
}

std::string dump(const DataTree& tree) {
  std::map<std::string, std::string> lines;
  for (const NodeId id : all_nodes(tree)) {
    const NodeView node = tree.view(id);
    const wire::NodeStat& stat = node.stat;
    std::ostringstream line;
    line << " data=" << (node.data ? hex_encode(*node.data) : "null") << " acl=" << node.acl_index;
    for (const std::int64_t value :
         {stat.czxid.value, stat.mzxid.value, stat.pzxid.value, stat.ctime_ms, stat.mtime_ms,
          std::int64_t{stat.version}, std::int64_t{stat.cversion}, std::int64_t{stat.aversion},
          stat.ephemeral_owner, std::int64_t{node.children}}) {
      line << " " << std::hex << value;
    }
    lines["node \"" + tree.nodes().path(id) + "\""] = line.str();
  }
  for (const auto& [session, timeout] : tree.sessions()) {
    lines["session " + to_hex(session)] = " " + std::to_string(timeout);
  }
  for (const AclTable::Slot slot : tree.acls().slots()) {
    std::string text;
    for (const wire::Acl& acl : tree.acls().list_of(slot)) {
      text +=
          " " + std::to_string(acl.perms) + acl.id.scheme.value_or("-") + acl.id.id.value_or("-");
    }
    lines["acl " + std::to_string(tree.acls().index_of(slot))] = text;
  }
  std::string text = "digest " + to_hex(tree.digest()) + " ephemerals " +
                     std::to_string(tree.ephemeral_count()) + " size " +
                     std::to_string(tree.data_size()) + "\n";
  for (const auto& [name, line] : lines) text += name + line + "\n";
  return text;
}

namespace {

void crc_bit_by_bit(std::uint32_t& crc, BytesView bytes) {
  for (const std::uint8_t byte : bytes) {
    crc ^= byte;
    for (int i = 0; i < 8; ++i) crc = (crc & 1) != 0 ? crc >> 1 ^ 0xedb88320U : crc >> 1;
  }
}

}  // namespace

std::int64_t recomputed_digest(const DataTree& tree) {
  std::uint64_t sum = 0;
  for (const NodeId id : all_nodes(tree)) {
    const std::string path = tree.nodes().path(id);
    if (path.starts_with("/zookeeper/")) continue;
    const NodeView node = tree.view(id);
    Writer stat;
    for (const Zxid zxid : {node.stat.czxid, node.stat.mzxid, node.stat.pzxid})
      stat.i64(zxid.value);
    stat.i64(node.stat.ctime_ms);
    stat.i64(node.stat.mtime_ms);
    stat.i32(node.stat.version);
    stat.i32(node.stat.cversion);
    stat.i32(node.stat.aversion);
    stat.i64(node.stat.ephemeral_owner);
    std::uint32_t crc = 0xffffffffU;
    crc_bit_by_bit(crc, as_bytes(path));
    if (node.data) crc_bit_by_bit(crc, *node.data);
    crc_bit_by_bit(crc, stat.bytes());
    sum += ~crc & 0xffffffffU;
  }
  return static_cast<std::int64_t>(sum);
}

Bytes snapshot_of(DataTree& tree, std::size_t size) {
  tree.begin_snapshot();
  Writer stream;
  while (tree.snapshot_under_way()) stream.raw(tree.next_snapshot_part(size));
  wire::write_signature(stream);
  return stream.take();
}

DataTree load(BytesView stream, Zxid zxid, const DataTree::Settings& settings) {
  wire::SnapshotLimits limits;
  limits.keep_data = true;
  wire::SnapshotReader reader(limits);
  TreeLoader loader(settings);
  const auto used = reader.feed(stream, loader);
  if (!used) throw std::runtime_error(to_string(used.error()));
  if (!reader.done()) throw std::runtime_error("the snapshot does not end");
  auto tree = loader.finish(zxid);
  if (!tree) throw std::runtime_error(tree.error());
  return std::move(*tree);
}

}  // namespace zkprobe::replica
