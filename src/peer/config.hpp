// zoo.cfg as a Java server of a given release reads it: what it accepts, what it refuses, what it
// makes of it. Pure: files come through a FileSource.
//
// Java: QuorumPeerConfig.parse; names are taken as they stand, so two differences remain: a client
// address that cannot be resolved, and a metrics provider that is not on the class path, which Java
// refuses, pass with a warning.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "base/ids.hpp"
#include "base/release.hpp"
#include "base/time.hpp"
#include "peer/config_error.hpp"
#include "peer/file_source.hpp"
#include "wire/initial_message.hpp"
#include "wire/quorum_config.hpp"

namespace zkprobe::peer {

// By name without the prefix: "multiAddress.enabled" for zookeeper.multiAddress.enabled.
using SystemProperties = std::map<std::string, std::string>;

struct ReadSettings {
  Release release = kNewestRelease;
  // The seat to take; dataDir/myid is not read then.
  std::optional<Sid> self;
  // What a JVM would have been given as -Dzookeeper.<name>=<value>.
  SystemProperties system_properties;
};

struct Config {
  Release release;
  std::string file;

  // Ticks are counted in tick_ms. Limits are in ticks.
  std::int32_t tick_ms = 3000;
  std::int32_t init_limit = 0;
  std::int32_t sync_limit = 0;
  std::int32_t connect_to_learner_master_limit = 0;  // 0: as init_limit
  std::int32_t election_alg = 3;
  std::int32_t min_session_timeout_ms = -1;
  std::int32_t max_session_timeout_ms = -1;

  std::string data_dir;
  std::string data_log_dir;
  std::optional<std::string> dynamic_file;

  // The client part of the own server line, else clientPort and clientPortAddress.
  std::optional<wire::HostPort> client;
  std::optional<wire::HostPort> secure_client;
  std::int32_t max_client_cnxns = 60;            // of one host
  std::int32_t client_port_listen_backlog = -1;  // -1: the system's
  std::int32_t observer_master_port = 0;         // 0: off

  // Nothing where there is no myid, which is an error only in a distributed configuration.
  std::optional<Sid> self;
  wire::LearnerType learner_type = wire::LearnerType::kParticipant;
  // More than one participant, or standaloneEnabled=false; otherwise no election is held.
  bool distributed = false;
  wire::QuorumConfig members;
  std::optional<wire::QuorumConfig> last_seen;  // <zoo.cfg>.dynamic.next

  bool standalone_enabled = true;
  bool reconfig_enabled = false;  // true before 3.5.3, which had no switch
  bool listen_on_all_ips = false;
  bool multi_address = false;      // the greeting V2
  bool reachability_check = true;  // of a link's other end; 3.6.0 and later
  std::int32_t reachability_timeout_ms = 1000;
  bool sync_enabled = true;
  std::int32_t snap_retain_count = 3;     // autopurge.snapRetainCount, at least 3
  std::int32_t purge_interval_hours = 0;  // autopurge.purgeInterval; 0: nothing is purged
  bool ssl_quorum = false;
  bool port_unification = false;
  bool sasl = false;
  bool sasl_server_required = false;
  bool sasl_learner_required = false;
  std::optional<std::string> oracle_path;

  // zookeeper.* by name without that prefix: what was given, and every key of the file that the
  // release does not read itself.
  SystemProperties properties;
  std::vector<ConfigWarning> warnings;

  // The property as a whole number, as Integer.getInteger does: `otherwise` if it is missing or no
  // number.
  std::int64_t number_property(const std::string& name, std::int64_t otherwise) const;
  bool flag_property(const std::string& name) const;
  Duration ticks(std::int32_t count) const;
};

tl::expected<Config, ConfigError> read_config(const std::string& file, FileSource& files,
                                              const ReadSettings& settings);

// What Java finds out only when the server starts: an id that the list does not name, a standalone
// configuration, an election algorithm other than 3, times that are not positive. Nothing: the seat
// can be taken.
std::optional<ConfigError> why_no_seat(const Config& config);

// QuorumPeerConfig.getVersionFromFilename: "zoo.cfg.dynamic.100000000"; 0 where no hexadecimal
// number follows the last dot.
ConfigVersion version_in_file_name(const std::string& name);

}  // namespace zkprobe::peer
