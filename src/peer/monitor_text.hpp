// What a server answers to ZooKeeper's four-letter words on its client port: ruok, srvr, mntr,
// conf, isro, as 3.9 writes them. Pure: values in, text out.
//
// Java: server.command (RuokCommand, StatCommand, MonitorCommand, ConfCommand, IsroCommand),
// FourLetterCommands, ServerStats.toString, ZooKeeperServer.dumpConf,
// QuorumZooKeeperServer.dumpConf, DefaultMetricsProvider.dump.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "base/time.hpp"
#include "peer/config.hpp"
#include "wire/quorum_config.hpp"

namespace zkprobe::peer {

// Which words are answered. Java: FourLetterCommands.isEnabled, which without
// 4lw.commands.whitelist knows srvr alone (3.5.3 and later); here all five are answered then, and
// with it as there: its entries, all of them for *, and srvr.
class MonitorWords {
 public:
  MonitorWords() = default;  // without a whitelist
  explicit MonitorWords(const SystemProperties& properties);

  bool enabled(std::string_view word) const;

 private:
  std::optional<std::set<std::string, std::less<>>> listed_;  // nothing: no whitelist
  bool all_ = false;                                          // "*"
};

// AvgMinMaxCounter, as `mntr` prints it. The average is sum / count, to four places.
struct MonitorSummary {
  std::int64_t min = 0;
  std::int64_t max = 0;
  std::int64_t count = 0;
  std::int64_t sum = 0;

  void add(std::int64_t value);
};

enum class MonitorRole {
  kNone,  // looking for a leader, or not in sync with it: "not currently serving requests"
  kFollower,
  kObserver,
};

// What is asked for, at one moment. The client port fills packets and connections itself
// (net/monitor_port). No client is served, so what only clients cause stands at 0, and latencies
// too.
struct MonitorValues {
  MonitorRole role = MonitorRole::kNone;
  // "3.9.6-zkprobe-0.1.0": readers take what stands before the first '-' for ZooKeeper's release.
  std::string version;
  Zxid last_zxid;             // the last transaction applied
  Sid observer_master;        // an observer's: whom its link goes to
  wire::QuorumConfig config;  // the committed one
  Duration uptime{0};         // since this role began; printed in milliseconds
  // The data tree: DataTree.getNodeCount, getEphemeralsCount, approximateDataSize (the bytes of all
  // paths and data), ZKDatabase.getSessionCount.
  std::int64_t nodes = 0;
  std::int64_t ephemerals = 0;
  std::int64_t data_bytes = 0;
  std::int64_t sessions = 0;
  // Bytes of the files in the snapshots' and in the logs' folder.
  std::int64_t snapshot_files_bytes = 0;
  std::int64_t log_files_bytes = 0;
  // Descriptors of this process; -1 where that is not known.
  std::int64_t open_files = -1;
  std::int64_t max_files = -1;

  std::int64_t packets_received = 0;
  std::int64_t packets_sent = 0;
  std::int64_t connections = 0;

  // By the names of monitor_metrics.hpp ("looking_count"; "fsynctime", milliseconds). What is not
  // here is printed as 0; a name that is not known there is not printed.
  std::map<std::string, std::int64_t, std::less<>> counters;
  std::map<std::string, MonitorSummary, std::less<>> summaries;
};

// What does not change: zoo.cfg's values, as `conf` shows them.
struct MonitorSettings {
  MonitorWords words;
  Sid self;
  std::int32_t client_port = -1;
  std::int32_t secure_client_port = -1;
  // Absolute, with version-2.
  std::string data_dir;
  std::string data_log_dir;
  std::int32_t tick_ms = 3000;
  std::int32_t max_client_cnxns = 60;
  std::int32_t min_session_timeout_ms = -1;
  std::int32_t max_session_timeout_ms = -1;
  std::int32_t client_port_listen_backlog = -1;
  std::int32_t init_limit = 0;
  std::int32_t sync_limit = 0;
  std::int32_t election_alg = 3;
  wire::LearnerType learner_type = wire::LearnerType::kParticipant;  // unless the members say it
  wire::QuorumConfig members;  // of the file: where the ports are read while nobody else names them
};

// `folder` is the working directory, for a dataDir that is no absolute path.
MonitorSettings monitor_settings(const Config& config, std::string_view folder);

// Whether Java knows this word (of four bytes), enabled or not. Anything else is a client.
bool is_four_letter_word(std::string_view word);

// The answer to a word that is_four_letter_word. One that is not enabled, and one that zkprobe does
// not answer (stat, cons, ...), gets a line that says so.
std::string monitor_answer(std::string_view word, const MonitorSettings& settings,
                           const MonitorValues& values);

}  // namespace zkprobe::peer
