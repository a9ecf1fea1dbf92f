#include "peer/monitor_text.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "peer/monitor_metrics.hpp"
#include "wire/java_text.hpp"

namespace zkprobe::peer {
namespace {

constexpr std::string_view kNotServing =
    "This ZooKeeper instance is not currently serving requests\n";
constexpr std::array<std::string_view, 5> kAnswered{"ruok", "srvr", "mntr", "conf", "isro"};
constexpr std::array<std::string_view, 13> kKnown{"cons", "crst", "dirs", "dump", "envi",
                                                  "gtmk", "hash", "srst", "stat", "stmk",
                                                  "wchc", "wchp", "wchs"};

template <typename Values, typename Value>
bool holds(const Values& values, const Value& value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

// Java's Double.toString of a number with four places at the most, below 10^7.
std::string java_double(double value) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.4f", value);
  std::string digits = text.data();
  while (digits.back() == '0' && digits[digits.size() - 2] != '.') digits.pop_back();
  return digits;
}

std::string average(const MonitorSummary& summary) {
  if (summary.count <= 0) return "0.0";
  const double exact = static_cast<double>(summary.sum) / static_cast<double>(summary.count);
  return java_double(std::round(exact * 10'000) / 10'000);
}

std::string_view mode(MonitorRole role) {
  return role == MonitorRole::kObserver ? "observer" : "follower";
}

std::string srvr(const MonitorValues& values) {
  if (values.role == MonitorRole::kNone) return std::string(kNotServing);
  return "Zookeeper version: " + values.version +
         "\nLatency min/avg/max: 0/0.0/0\nReceived: " + std::to_string(values.packets_received) +
         "\nSent: " + std::to_string(values.packets_sent) +
         "\nConnections: " + std::to_string(values.connections) +
         "\nOutstanding: 0\nZxid: " + to_hex(values.last_zxid) +
         "\nMode: " + std::string(mode(values.role)) +
         "\nNode count: " + std::to_string(values.nodes) + "\n";
}

// The lines of `mntr`, one after another.
class Metrics {
 public:
  void text(std::string_view name, std::string_view value) {
    text_ += "zk_";
    text_ += name;
    text_ += '\t';
    text_ += value;
    text_ += '\n';
  }
  void number(std::string_view name, std::int64_t value) { text(name, std::to_string(value)); }

  void summary(std::string_view name, const MonitorSummary& summary) {
    const std::string of(name);
    text("avg_" + of, average(summary));
    number("min_" + of, summary.min);
    number("max_" + of, summary.max);
    number("cnt_" + of, summary.count);
    number("sum_" + of, summary.sum);
  }
  // Nothing here measures what these are about: it is what clients cause.
  void percentiles(std::string_view name) {
    summary(name, {});
    for (const char* place : {"p50_", "p95_", "p99_", "p999_"}) {
      number(place + std::string(name), 0);
    }
  }

  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

// The gauges of ZooKeeperServer.registerMetrics and QuorumZooKeeperServer's, in Java's order.
void gauges(const MonitorValues& values, Metrics& out) {
  const std::int64_t voters =
      std::count_if(values.config.servers.begin(), values.config.servers.end(),
                    [](const wire::QuorumServer& server) {
                      return server.type == wire::LearnerType::kParticipant;
                    });
  out.number("ephemerals_count", values.ephemerals);
  out.number("num_alive_connections", values.connections);
  out.text("avg_latency", "0.0");
  out.number("outstanding_requests", 0);
  out.number("znode_count", values.nodes);
  out.number("global_sessions", values.sessions);
  out.number("non_mtls_remote_conn_count", 0);
  out.number("last_client_response_size", -1);
  out.number("packets_sent", values.packets_sent);
  out.number("packets_received", values.packets_received);
  out.number("max_client_response_size", -1);
  out.text("connection_drop_probability", "0.0");
  out.number("watch_count", 0);
  out.number("auth_failed_count", 0);
  out.number("min_latency", 0);
  out.number("max_file_descriptor_count", values.max_files);
  out.number("approximate_data_size", values.data_bytes);
  out.number("open_file_descriptor_count", values.open_files);
  out.number("local_sessions", 0);
  out.number("uptime",
             std::chrono::duration_cast<std::chrono::milliseconds>(values.uptime).count());
  out.number("max_latency", 0);
  out.number("outstanding_tls_handshake", 0);
  out.number("min_client_response_size", -1);
  out.number("non_mtls_local_conn_count", 0);
  out.number("quorum_size", voters);
}

std::string mntr(const MonitorValues& values) {
  if (values.role == MonitorRole::kNone) return std::string(kNotServing);
  const bool observes = values.role == MonitorRole::kObserver;
  Metrics out;
  out.text("version", values.version);
  out.text("server_state", mode(values.role));
  out.text("peer_state", observes ? "observing - broadcast" : "following - broadcast");
  if (observes) out.number("observer_master_id", values.observer_master.value);
  gauges(values, out);
  for (const std::string_view name : kCounters) {
    const auto found = values.counters.find(name);
    out.number(name, found == values.counters.end() ? 0 : found->second);
  }
  for (const std::string_view name : kSummaries) {
    const auto found = values.summaries.find(name);
    out.summary(name, found == values.summaries.end() ? MonitorSummary{} : found->second);
  }
  for (const std::string_view name : kPercentiles) out.percentiles(name);
  return out.take();
}

// Several addresses: their ports, joined, each once (MultipleAddresses.getAllPorts).
std::string ports(const wire::QuorumServer& server, std::uint16_t wire::ServerAddress::*port) {
  std::vector<std::uint16_t> seen;
  std::string text;
  for (const wire::ServerAddress& address : server.addresses) {
    if (holds(seen, address.*port)) continue;
    seen.push_back(address.*port);
    text += (text.empty() ? "" : "|") + std::to_string(address.*port);
  }
  return text;
}

std::string conf(const MonitorSettings& settings, const MonitorValues& values) {
  if (values.role == MonitorRole::kNone) return std::string(kNotServing);
  std::string text;
  const auto line = [&text](std::string_view name, const std::string& value) {
    text += std::string(name) + "=" + value + "\n";
  };
  line("clientPort", std::to_string(settings.client_port));
  line("secureClientPort", std::to_string(settings.secure_client_port));
  line("dataDir", settings.data_dir);
  line("dataDirSize", std::to_string(values.snapshot_files_bytes));
  line("dataLogDir", settings.data_log_dir);
  line("dataLogSize", std::to_string(values.log_files_bytes));
  line("tickTime", std::to_string(settings.tick_ms));
  line("maxClientCnxns", std::to_string(settings.max_client_cnxns));
  line("minSessionTimeout", std::to_string(settings.min_session_timeout_ms));
  line("maxSessionTimeout", std::to_string(settings.max_session_timeout_ms));
  line("clientPortListenBacklog", std::to_string(settings.client_port_listen_backlog));
  line("serverId", to_string(settings.self));
  line("initLimit", std::to_string(settings.init_limit));
  line("syncLimit", std::to_string(settings.sync_limit));
  line("electionAlg", std::to_string(settings.election_alg));
  const wire::QuorumServer* named = values.config.find(settings.self);
  const wire::QuorumServer* self = named != nullptr ? named : settings.members.find(settings.self);
  if (self != nullptr) {
    line("electionPort", ports(*self, &wire::ServerAddress::election_port));
    line("quorumPort", ports(*self, &wire::ServerAddress::quorum_port));
  }
  const wire::LearnerType type = named != nullptr ? named->type : settings.learner_type;
  line("peerType", type == wire::LearnerType::kObserver ? "1" : "0");
  return text + "membership: \n" + wire::to_text(values.config);
}

std::string absolute(const std::string& path, std::string_view folder) {
  if (path.starts_with('/')) return path;
  return std::string(folder) + (folder.ends_with('/') ? "" : "/") + path;
}

}  // namespace

MonitorWords::MonitorWords(const SystemProperties& properties) {
  const auto given = properties.find("4lw.commands.whitelist");
  if (given == properties.end()) return;
  listed_.emplace();
  for (const std::string_view entry : wire::java_split(given->second, ',')) {
    const std::string_view word = wire::java_trim(entry);
    if (word == "*") all_ = true;
    if (!word.empty()) listed_->emplace(word);
  }
  // What Java's own tools need.
  listed_->emplace("srvr");
  const auto read_only = properties.find("readonlymode.enabled");
  if (read_only != properties.end() && read_only->second == "true") listed_->emplace("isro");
}

bool MonitorWords::enabled(std::string_view word) const {
  if (!listed_) return holds(kAnswered, word);
  return all_ || listed_->contains(word);
}

void MonitorSummary::add(std::int64_t value) {
  min = count == 0 ? value : std::min(min, value);
  max = count == 0 ? value : std::max(max, value);
  ++count;
  sum += value;
}

MonitorSettings monitor_settings(const Config& config, std::string_view folder) {
  MonitorSettings settings;
  settings.words = MonitorWords(config.properties);
  settings.self = config.self.value_or(Sid(-1));
  if (config.client) settings.client_port = config.client->port;
  if (config.secure_client) settings.secure_client_port = config.secure_client->port;
  settings.data_dir = absolute(config.data_dir, folder) + "/version-2";
  settings.data_log_dir = absolute(config.data_log_dir, folder) + "/version-2";
  settings.tick_ms = config.tick_ms;
  settings.max_client_cnxns = config.max_client_cnxns;
  settings.min_session_timeout_ms = config.min_session_timeout_ms;
  settings.max_session_timeout_ms = config.max_session_timeout_ms;
  settings.client_port_listen_backlog = config.client_port_listen_backlog;
  settings.init_limit = config.init_limit;
  settings.sync_limit = config.sync_limit;
  settings.election_alg = config.election_alg;
  settings.learner_type = config.learner_type;
  settings.members = config.members;
  return settings;
}

bool is_four_letter_word(std::string_view word) {
  return holds(kAnswered, word) || holds(kKnown, word);
}

std::string monitor_answer(std::string_view word, const MonitorSettings& settings,
                           const MonitorValues& values) {
  const std::string name(word);
  if (!settings.words.enabled(word)) {
    return name + " is not executed because it is not in the whitelist.\n";
  }
  if (word == "ruok") return "imok";
  if (word == "srvr") return srvr(values);
  if (word == "mntr") return mntr(values);
  if (word == "conf") return conf(settings, values);
  if (word == "isro") return values.role == MonitorRole::kNone ? "null" : "rw";
  return name + " is not executed because zkprobe does not know it.\n";
}

}  // namespace zkprobe::peer
