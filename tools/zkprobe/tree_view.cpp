#include "tree_view.hpp"

#include <chrono>
#include <cstdio>

#include "output.hpp"
#include "replica/tree_walk.hpp"
#include "wire/safe_text.hpp"

namespace zkprobe::tool {
namespace {

using replica::DataTree;
using replica::NodeId;
using replica::NodeKind;

constexpr std::size_t kBlock = 65'536;

std::string shown_path(const DataTree& tree, NodeId id) {
  const std::string path = tree.nodes().path(id);
  return path.empty() ? "/" : path;
}

// A time that no clock shows stays a number.
Json time_of(std::int64_t since_1970_ms) {
  constexpr std::int64_t kYear2200 = 7'258'118'400'000;
  if (since_1970_ms < 0 || since_1970_ms > kYear2200) return since_1970_ms;
  return rfc3339(std::chrono::system_clock::time_point(std::chrono::milliseconds(since_1970_ms)));
}

std::string base64(BytesView bytes) {
  static constexpr char kDigits[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::size_t n = std::min<std::size_t>(3, bytes.size() - at);
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i) group = group << 8 | (i < n ? bytes[at + i] : 0U);
    for (std::size_t i = 0; i < 4; ++i) {
      text.push_back(i <= n ? kDigits[group >> (18 - 6 * i) & 0x3f] : '=');
    }
  }
  return text;
}

bool is_text(BytesView bytes) {
  for (const std::uint8_t byte : bytes) {
    if ((byte < 0x20 && byte != '\n' && byte != '\t' && byte != '\r') || byte > 0x7e) return false;
  }
  return true;
}

void put_data(Json& record, std::optional<BytesView> data) {
  if (!data) {
    record["data"] = nullptr;
  } else if (is_text(*data)) {
    record["data"] = to_text(*data);
  } else {
    record["data_base64"] = base64(*data);
  }
}

Json acl_json(const replica::AclList& list) {
  Json entries = Json::array();
  for (const wire::Acl& acl : list) {
    entries.push_back(Json{{"perms", acl.perms},
                           {"scheme", acl.id.scheme.value_or("")},
                           {"id", acl.id.id.value_or("")}});
  }
  return entries;
}

std::string owner_text(std::int64_t owner) {
  const NodeKind kind = replica::kind_of(owner);
  if (kind == NodeKind::kPersistent) return "";
  std::string text = "  " + std::string(replica::to_string(kind));
  if (kind == NodeKind::kEphemeral) text += " " + to_hex(owner);
  if (kind == NodeKind::kTtl) text += " " + std::to_string(replica::ttl_of(owner)) + " ms";
  return text;
}

struct Totals {
  std::uint64_t nodes = 0;
  std::uint64_t bytes = 0;
  replica::TreeDigest digest;
};

std::string last_line(const DataTree& tree, const TreeViewOptions& options, const Totals& totals) {
  const bool whole = options.path == "/";
  if (options.json) {
    Json record = {{"zxid", to_hex(tree.last_zxid())},
                   {"digest", to_hex(totals.digest.value())},
                   {"digest_version", replica::kDigestVersion}};
    if (!whole) record["below"] = options.path;
    record["nodes"] = totals.nodes;
    record["data_bytes"] = totals.bytes;
    record["sessions"] = tree.sessions().size();
    return to_line(record);
  }
  return "zxid " + to_hex(tree.last_zxid()) + "  digest " + to_hex(totals.digest.value()) +
         (whole ? "" : " of " + wire::safe_text(options.path) + " and below") + "  " +
         std::to_string(totals.nodes) + (totals.nodes == 1 ? " node, " : " nodes, ") +
         std::to_string(totals.bytes) + " bytes of data\n";
}

}  // namespace

std::string node_record(const DataTree& tree, NodeId id) {
  const replica::NodeView node = tree.view(id);
  const wire::NodeStat& stat = node.stat;
  Json record = {{"path", shown_path(tree, id)}};
  put_data(record, node.data);
  record["data_bytes"] = node.data ? node.data->size() : 0;
  const NodeKind kind = replica::kind_of(stat.ephemeral_owner);
  record["kind"] = replica::to_string(kind);
  if (kind == NodeKind::kEphemeral) record["session"] = to_hex(stat.ephemeral_owner);
  if (kind == NodeKind::kTtl) record["ttl_ms"] = replica::ttl_of(stat.ephemeral_owner);
  record["acl"] = acl_json(node.acl);
  record["czxid"] = to_hex(stat.czxid);
  record["mzxid"] = to_hex(stat.mzxid);
  record["pzxid"] = to_hex(stat.pzxid);
  record["ctime"] = time_of(stat.ctime_ms);
  record["mtime"] = time_of(stat.mtime_ms);
  record["version"] = stat.version;
  record["cversion"] = node.client_cversion;
  record["aversion"] = stat.aversion;
  record["children"] = node.children;
  return to_line(record);
}

std::string node_line(const DataTree& tree, NodeId id) {
  const replica::NodeView node = tree.view(id);
  char columns[64];
  std::snprintf(columns, sizeof columns, "%8zu  %7d  %8u  %-18s  ",
                node.data ? node.data->size() : std::size_t{0}, node.stat.version, node.children,
                to_hex(node.stat.mzxid).c_str());
  return columns + wire::safe_text(shown_path(tree, id)) + owner_text(node.stat.ephemeral_owner) +
         "\n";
}

void print_tree(const DataTree& tree, const TreeViewOptions& options, const TextSink& out) {
  Totals totals;
  std::string block;
  if (!options.digest && !options.json)
    block = "    data  version  children  mzxid               path\n";
  for (const NodeId id : replica::in_order(tree, tree.find(options.path))) {
    ++totals.nodes;
    const auto data = tree.nodes().data(id);
    totals.bytes += data ? data->size() : 0;
    totals.digest.add(tree.nodes()[id].digest);
    if (options.digest) continue;
    block += options.json ? node_record(tree, id) : node_line(tree, id);
    if (block.size() < kBlock) continue;
    if (!out(block)) return;
    block.clear();
  }
  out(block + last_line(tree, options, totals));
}

}  // namespace zkprobe::tool
