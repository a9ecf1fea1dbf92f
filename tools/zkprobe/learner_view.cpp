#include "learner_view.hpp"

#include <cstdio>

#include "wire/describe.hpp"
#include "wire/safe_text.hpp"

namespace zkprobe::tool {
namespace {

using learner::SnapshotProgress;

double milliseconds(Duration duration) { return static_cast<double>(duration.count()) / 1000.0; }

std::string size_text(std::uint64_t bytes) {
  static constexpr const char* kUnits[] = {"B", "KiB", "MiB", "GiB"};
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; value >= 1024 && unit < 3; ++unit) value /= 1024;
  char text[32];
  std::snprintf(text, sizeof text, unit == 0 ? "%.0f %s" : "%.1f %s", value, kUnits[unit]);
  return text;
}

Json packet_record(const char* direction, wire::PacketType type, Zxid zxid, std::size_t bytes) {
  std::string name(wire::to_string(type));
  if (name == "UNKNOWN") name += "(" + std::to_string(static_cast<int>(type)) + ")";
  return {{"event", "packet"},
          {"dir", direction},
          {"type", name},
          {"zxid", to_hex(zxid)},
          {"bytes", bytes}};
}

void put_paths(Json& record, const std::vector<std::string>& paths) {
  if (!paths.empty()) record["path"] = paths.front();
  if (paths.size() > 1) record["paths"] = paths;
}

std::string node_path(const wire::SnapshotNode& node) {
  return node.path.empty() ? "/" : node.path;
}

struct Record {
  using Out = std::optional<Json>;

  Out operator()(const learner::Send& e) const {
    return packet_record("out", e.packet.type, e.packet.zxid, wire::encode(e.packet).size());
  }
  Out operator()(const learner::PacketSeen& e) const {
    return packet_record("in", e.type, e.zxid, e.bytes);
  }
  Out operator()(const learner::TxnSeen& e) const {
    Json record = {{"event", "txn"},
                   {"zxid", to_hex(e.txn.header.zxid)},
                   {"type", wire::to_string(e.txn.header.type)}};
    put_paths(record, wire::paths_of(e.txn));
    record["session"] = to_hex(e.txn.header.session);
    record["committed"] = e.committed;
    return record;
  }
  Out operator()(const learner::SnapshotProgress& e) const {
    return Json{{"event", "snapshot"},
                {"nodes", e.counts.nodes},
                {"bytes", e.counts.bytes},
                {"complete", e.complete}};
  }
  Out operator()(const learner::NodeListed& e) const {
    return Json{{"event", "node"},
                {"path", node_path(e.node)},
                {"data_bytes", e.node.data_size},
                {"mzxid", to_hex(e.node.stat.mzxid)}};
  }
  Out operator()(const learner::SyncDone& e) const {
    Json record = {{"event", "sync"},
                   {"kind", to_string(e.kind)},
                   {"from", to_hex(e.from)},
                   {"to", to_hex(e.to)}};
    if (e.snapshot) record["nodes"] = e.snapshot->nodes;
    record["bytes"] = e.bytes;
    record["ms"] = milliseconds(e.took);
    return record;
  }
  Out operator()(const learner::ConfigSeen& e) const {
    static constexpr const char* kFrom[] = {"newleader", "proposed", "committed"};
    Json record = {{"event", "config"}, {"seen", kFrom[static_cast<int>(e.from)]}};
    record["config_version"] = e.config ? Json(to_hex(e.config->version)) : Json(nullptr);
    if (e.config) record["members"] = e.config->servers.size();
    if (e.designated_leader) record["leader"] = e.designated_leader->value;
    return record;
  }
  Out operator()(const learner::Noted& e) const {
    return Json{{"event", "note"}, {"text", e.text}};
  }
  template <class T>
  Out operator()(const T&) const {
    return std::nullopt;
  }
};

struct Line {
  using Out = std::optional<std::string>;

  Out operator()(const learner::TxnSeen& e) const {
    if (!e.committed) return std::nullopt;
    std::string zxid = to_hex(e.txn.header.zxid);
    zxid.resize(std::max<std::size_t>(zxid.size(), 12), ' ');
    return event_column("txn") + zxid + "  " + wire::describe(e.txn);
  }
  Out operator()(const learner::SyncStarted& e) const {
    return event_column("sync") + std::string(to_string(e.kind)) + " from " + to_hex(e.from) +
           " to " + to_hex(e.to);
  }
  Out operator()(const learner::SnapshotProgress& e) const {
    return event_column("snapshot") + std::to_string(e.counts.nodes) + " nodes, " +
           size_text(e.counts.bytes) + (e.complete ? ", complete" : "");
  }
  Out operator()(const learner::NodeListed& e) const {
    return event_column("node") + wire::safe_text(node_path(e.node)) + "  " +
           size_text(e.node.data_size);
  }
  Out operator()(const learner::SyncDone& e) const {
    return event_column("synced") + std::string(to_string(e.kind)) + " at " + to_hex(e.to) + ": " +
           std::to_string(e.txns) + " transactions, " + size_text(e.bytes) + " in " +
           zkprobe::to_string(e.took);
  }
  Out operator()(const learner::ConfigSeen& e) const {
    static constexpr const char* kFrom[] = {"in force", "proposed", "committed"};
    return event_column("config") + kFrom[static_cast<int>(e.from)] + ": " +
           (e.config ? printable(wire::describe(*e.config)) : "unreadable") +
           (e.designated_leader ? ", leader " + to_string(*e.designated_leader) : "");
  }
  Out operator()(const learner::Noted& e) const { return event_column("note") + printable(e.text); }
  template <class T>
  Out operator()(const T&) const {
    return std::nullopt;
  }
};

}  // namespace

std::optional<Json> effect_record(const learner::Effect& effect) {
  return std::visit(Record{}, effect);
}

Json difference_record(const replica::DigestDifference& difference) {
  Json record = {{"event", "digest"},
                 {"zxid", to_hex(difference.zxid)},
                 {"type", wire::to_string(difference.type)}};
  put_paths(record, difference.paths);
  record["expected"] = to_hex(difference.expected);
  record["actual"] = to_hex(difference.actual);
  return record;
}

std::optional<std::string> effect_line(const learner::Effect& effect) {
  return std::visit(Line{}, effect);
}

std::string vote_line(const wire::HostPort& from, const wire::Notification& vote) {
  return event_column("vote") + printable(wire::to_string(from)) + " is " +
         std::string(wire::to_string(vote.state)) + ", leader " + to_string(vote.leader) +
         ", epoch " + to_hex(vote.peer_epoch);
}

std::string link_line(const std::string& what, Sid leader, const std::string& remote,
                      const std::string& why) {
  return event_column("link") + what + " leader " + to_string(leader) +
         (remote.empty() ? "" : " at " + printable(remote)) +
         (why.empty() ? "" : ": " + printable(why));
}

std::string event_column(const std::string& event) {
  std::string text = event;
  text.resize(std::max<std::size_t>(text.size(), 8), ' ');
  return text + "  ";
}

}  // namespace zkprobe::tool
