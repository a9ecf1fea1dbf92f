// The configuration of a quorum as text: what a version 2 notification, NEWLEADER and a reconfig
// transaction carry, and what a dynamic configuration file holds.
//
//   server.<sid>=<host>:<quorum port>:<election port>[|...]:<participant|observer>[;<client>]\n
//   group.<gid>=<sid>:<sid>\n      hierarchical quorums only
//   weight.<sid>=<n>\n             hierarchical quorums only
//   version=<lower-case hex>       no line end after it
//
// Java: QuorumMaj.toString, QuorumHierarchical.toString, QuorumPeer.QuorumServer.toString; parsing:
// QuorumPeerConfig.parseDynamicConfig.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "wire/initial_message.hpp"

namespace zkprobe::wire {

// Bounds of what we parse; Java has none but the frame limit.
inline constexpr std::size_t kMaxConfigText = 1'048'576;  // the longest frame of any release
inline constexpr std::size_t kMaxServers = 4096;
inline constexpr std::size_t kMaxServerAddresses = 64;  // of one server

enum class LearnerType { kParticipant, kObserver };

// One of the addresses of a server: a host with its two quorum-side ports.
struct ServerAddress {
  // A name as configured; a literal as Java prints it: IPv6 with all eight groups, no brackets.
  // Never empty.
  std::string host;
  std::uint16_t quorum_port = 0;
  std::uint16_t election_port = 0;

  bool operator==(const ServerAddress&) const = default;
};

struct QuorumServer {
  Sid sid;
  std::vector<ServerAddress> addresses;  // at least one
  LearnerType type = LearnerType::kParticipant;
  std::optional<HostPort> client;
  std::optional<HostPort> secure_client;  // master only

  bool operator==(const QuorumServer&) const = default;
};

struct QuorumConfig {
  // In the order of the text, which is the order of Java's hash map: kept for the round trip.
  std::vector<QuorumServer> servers;
  // Hierarchical quorums: group id -> sids, and sid -> weight, in the order of the text. Every
  // participant is in one group and has a weight.
  std::vector<std::pair<std::int64_t, std::vector<Sid>>> groups;
  std::vector<std::pair<Sid, std::int64_t>> weights;
  ConfigVersion version;
  bool oracle = false;  // never in the text; set by a server whose zoo.cfg has oraclePath

  bool hierarchical() const { return !groups.empty() || !weights.empty(); }
  const QuorumServer* find(Sid sid) const;
  std::vector<Sid> voters() const;     // participants, ascending
  std::vector<Sid> observers() const;  // ascending

  bool operator==(const QuorumConfig&) const = default;
};

// Java's text, byte for byte: in the order of the members here.
std::string to_text(const QuorumConfig& config);

// Puts servers, groups, the members of each group, and weights into the order in which a
// java.util.HashMap<Long, ...> gives them: by bucket, which is ascending for ids below the table's
// size. What shares a bucket keeps its order; Java's depends on the JVM there.
void order_as_java(QuorumConfig& config);

// What stands behind `server.N=`: every form from 3.5.0 on, and of 3.4 those with both ports.
// `multi_address` says whether '|' is allowed. Equal ports are an error, as in Java from 3.5.5 on.
Decoded<QuorumServer> parse_server(Sid sid, std::string_view value, bool multi_address = true);
// The addresses come out sorted by host, as Java prints them.
std::string to_text(const QuorumServer& server);

// Reads the text with the rules of java.util.Properties (a repeated key keeps its last value) and
// of parseDynamicConfig: only server.*, group*, weight* and version may stand there; a participant
// without a group, a server in two groups, a group with a member that has no weight, and observers
// without participants are errors, as is every number that Java cannot read. A participant without
// a weight line gets weight 1. An error names the line in `found`; Java then goes on without the
// configuration (ConfigException) or its receiver thread ends (anything else).
// One participant with observers is left to the caller: Java refuses it unless standaloneEnabled
// is false.
Decoded<QuorumConfig> parse_quorum_config(std::string_view text);

}  // namespace zkprobe::wire
