#include "peer/config.hpp"

#include <algorithm>

#include "peer/config_values.hpp"
#include "peer/member_config.hpp"
#include "wire/ip_literal.hpp"
#include "wire/java_properties.hpp"
#include "wire/java_text.hpp"

namespace zkprobe::peer {
namespace {

constexpr Release k346{3, 4, 6};
constexpr Release k350{3, 5, 0};
constexpr Release k351{3, 5, 1};
constexpr Release k352{3, 5, 2};
constexpr Release k353{3, 5, 3};
constexpr Release k360{3, 6, 0};
constexpr Release k390{3, 9, 0};

using Step = std::optional<ConfigError>;  // an error ends the reading

tl::expected<std::vector<wire::Property>, ConfigError> load(const std::string& file,
                                                            FileSource& files) {
  const auto text = files.read(file);
  if (!text) return tl::unexpected(ConfigError{file, 0, "no file that can be read", "a file"});
  auto properties = wire::parse_properties(*text);
  if (!properties) {
    const auto& error = properties.error();
    const auto line_end = text->begin() + static_cast<std::ptrdiff_t>(error.offset);
    const int line = 1 + static_cast<int>(std::count(text->begin(), line_end, '\n'));
    return tl::unexpected(ConfigError{file, line, error.found, error.expected});
  }
  return *std::move(properties);
}

// One pass over QuorumPeerConfig.parse, in its order.
class ConfigReader {
 public:
  ConfigReader(const std::string& file, FileSource& files, const ReadSettings& settings)
      : files_(files), settings_(settings) {
    config_.release = settings.release;
    config_.file = file;
    config_.properties = settings.system_properties;
  }

  tl::expected<Config, ConfigError> read() {
    const auto properties = load(config_.file, files_);
    if (!properties) return tl::unexpected(properties.error());
    auto values = ConfigValues::read(config_.file, *properties, settings_.release);
    if (!values) return tl::unexpected(values.error());
    values_ = *std::move(values);
    take_plain_values();
    using Check = Step (ConfigReader::*)();
    for (const Check check : {&ConfigReader::check_sasl, &ConfigReader::check_folders,
                              &ConfigReader::check_clients, &ConfigReader::check_times}) {
      if (auto error = (this->*check)()) return tl::unexpected(*std::move(error));
    }
    if (auto error = read_members_from(*properties)) return tl::unexpected(*std::move(error));
    if (auto error = settle_self()) return tl::unexpected(*std::move(error));
    if (auto error = check_distributed()) return tl::unexpected(*std::move(error));
    return std::move(config_);
  }

 private:
  ConfigError error(std::string_view key, std::string found, std::string expected) const {
    return {config_.file, values_.line(key), std::move(found), std::move(expected)};
  }
  void warn(int line, std::string text) {
    config_.warnings.push_back({config_.file, line, std::move(text)});
  }

  void take_plain_values() {
    for (const auto& [name, value] : values_.unread()) config_.properties[name] = value;
    for (auto& warning : values_.warnings()) config_.warnings.push_back(warning);
    config_.tick_ms = values_.int_or("tickTime", 3000);
    config_.init_limit = values_.int_or("initLimit", 0);
    config_.sync_limit = values_.int_or("syncLimit", 0);
    config_.connect_to_learner_master_limit = values_.int_or("connectToLearnerMasterLimit", 0);
    config_.election_alg = values_.int_or("electionAlg", 3);
    config_.min_session_timeout_ms = values_.int_or("minSessionTimeout", -1);
    config_.max_session_timeout_ms = values_.int_or("maxSessionTimeout", -1);
    config_.max_client_cnxns = values_.int_or("maxClientCnxns", 60);
    config_.client_port_listen_backlog = values_.int_or("clientPortListenBacklog", -1);
    config_.observer_master_port = std::max(0, values_.int_or("observerMasterPort", 0));
    config_.standalone_enabled = values_.flag_or("standaloneEnabled", true);
    config_.reconfig_enabled = settings_.release < k353 ? settings_.release >= k350
                                                        : values_.flag_or("reconfigEnabled", false);
    config_.listen_on_all_ips = values_.flag_or("quorumListenOnAllIPs", false);
    config_.multi_address =
        settings_.release >= k360 &&
        values_.flag_or("multiAddress.enabled", config_.flag_property("multiAddress.enabled"));
    config_.reachability_check =
        values_.flag_or("multiAddress.reachabilityCheckEnabled",
                        !config_.properties.contains("multiAddress.reachabilityCheckEnabled") ||
                            config_.flag_property("multiAddress.reachabilityCheckEnabled"));
    config_.reachability_timeout_ms =
        values_.int_or("multiAddress.reachabilityCheckTimeoutMs",
                       static_cast<std::int32_t>(config_.number_property(
                           "multiAddress.reachabilityCheckTimeoutMs", 1000)));
    config_.sync_enabled = values_.flag_or("syncEnabled", true);
    config_.ssl_quorum = values_.flag_or("sslQuorum", false);
    config_.port_unification = values_.flag_or("portUnification", false);
    config_.oracle_path = values_.text("oraclePath");
    config_.dynamic_file = values_.text("dynamicConfigFile");
    config_.snap_retain_count = std::max(values_.int_or("autopurge.snapRetainCount", 3), 3);
    config_.purge_interval_hours = values_.int_or("autopurge.purgeInterval", 0);
    if (values_.int_or("autopurge.snapRetainCount", 3) < 3) {
      warn(values_.line("autopurge.snapRetainCount"), "autopurge.snapRetainCount below 3 means 3");
    }
  }

  Step check_sasl() {
    config_.sasl = values_.flag_or("quorum.auth.enableSasl", false);
    config_.sasl_server_required = values_.flag_or("quorum.auth.serverRequireSasl", false);
    config_.sasl_learner_required = values_.flag_or("quorum.auth.learnerRequireSasl", false);
    const auto needs = [this](std::string_view key, const char* other) {
      return error(key, std::string(key) + "=true", std::string(other) + "=true beside it");
    };
    if (!config_.sasl && config_.sasl_server_required) {
      return needs("quorum.auth.serverRequireSasl", "quorum.auth.enableSasl");
    }
    if (!config_.sasl && config_.sasl_learner_required) {
      return needs("quorum.auth.learnerRequireSasl", "quorum.auth.enableSasl");
    }
    if (!config_.sasl_learner_required && config_.sasl_server_required) {
      return needs("quorum.auth.serverRequireSasl", "quorum.auth.learnerRequireSasl");
    }
    return std::nullopt;
  }

  Step check_folders() {
    const auto data_dir = values_.text("dataDir");
    if (!data_dir) return error("dataDir", "no dataDir", "dataDir=FOLDER");
    config_.data_dir = *data_dir;
    config_.data_log_dir = values_.text("dataLogDir").value_or(*data_dir);
    if (settings_.release <= k346 && values_.text("dataLogDir") &&
        !files_.is_folder(config_.data_log_dir)) {
      return error("dataLogDir", "dataLogDir=" + config_.data_log_dir, "a folder that is there");
    }
    return std::nullopt;
  }

  // A port of 0 counts as missing until 3.9.0.
  Step check_client(const char* port_key, const char* address_key, bool address_needs_port,
                    std::optional<wire::HostPort>& out) {
    const auto port = values_.number(port_key);
    const auto address = values_.text(address_key);
    if (!port || (*port == 0 && settings_.release < k390)) {
      if (!address || !address_needs_port) return std::nullopt;
      return error(address_key, std::string(address_key) + " without " + port_key,
                   std::string(port_key) + "=PORT beside it");
    }
    if (*port < 0 || *port > 65535) {
      return error(port_key, std::string(port_key) + "=" + std::to_string(*port), "0..65535");
    }
    out = wire::HostPort{wire::java_host_text(address.value_or("0.0.0.0")),
                         static_cast<std::uint16_t>(*port)};
    return std::nullopt;
  }

  Step check_clients() {
    if (settings_.release < k350 && values_.int_or("clientPort", 0) == 0) {
      return error("clientPort", "no clientPort", "clientPort=PORT");
    }
    // 3.5.1 looks at the wrong variable and never refuses.
    const bool paired = settings_.release != k351;
    if (auto failed = check_client("clientPort", "clientPortAddress", paired, config_.client)) {
      return failed;
    }
    if (auto failed = check_client("secureClientPort", "secureClientPortAddress", paired,
                                   config_.secure_client)) {
      return failed;
    }
    // ClientX509Util: the scheme that authenticates TLS clients needs a provider (x509 has one).
    const auto scheme = config_.properties.find("ssl.authProvider");
    if (config_.secure_client && settings_.release >= k352 && scheme != config_.properties.end() &&
        scheme->second != "x509" &&
        !config_.properties.contains("authProvider." + scheme->second)) {
      return error("secureClientPort", "ssl.authProvider=" + scheme->second,
                   "authProvider." + scheme->second + "=CLASS beside it");
    }
    return std::nullopt;
  }

  Step check_times() {
    if (config_.tick_ms == 0) return error("tickTime", "tickTime=0", "milliseconds, not 0");
    // Unset limits are -1 in the comparison until 3.4, so a minimum alone is refused there.
    if (settings_.release >= k350) {
      if (config_.min_session_timeout_ms == -1)
        config_.min_session_timeout_ms = config_.tick_ms * 2;
      if (config_.max_session_timeout_ms == -1)
        config_.max_session_timeout_ms = config_.tick_ms * 20;
    }
    if (config_.min_session_timeout_ms > config_.max_session_timeout_ms) {
      return error("minSessionTimeout",
                   "minSessionTimeout " + std::to_string(config_.min_session_timeout_ms),
                   "at most maxSessionTimeout, " + std::to_string(config_.max_session_timeout_ms));
    }
    return std::nullopt;
  }

  MemberRules rules(const std::string& file, bool whole_file) const {
    MemberRules made;
    made.release = settings_.release;
    made.file = file;
    made.multi_address = settings_.release >= k360 && config_.flag_property("multiAddress.enabled");
    made.whole_file = whole_file;
    made.oracle = config_.oracle_path.has_value();
    made.standalone_enabled = config_.standalone_enabled;
    return made;
  }

  Step take_members(const std::vector<wire::Property>& properties, const MemberRules& rules) {
    auto members = read_members(properties, rules).and_then([&rules](wire::QuorumConfig read) {
      return check_members(std::move(read), rules);
    });
    if (!members) return members.error();
    config_.members = *std::move(members);
    return std::nullopt;
  }

  Step read_members_from(const std::vector<wire::Property>& properties) {
    if (!config_.dynamic_file) return take_members(properties, rules(config_.file, true));
    auto dynamic = load(*config_.dynamic_file, files_);
    if (!dynamic) return dynamic.error();
    const bool version_inside = settings_.release < k351;
    for (const wire::Property& property : *dynamic) {
      if (property.key == "version" && !version_inside) {
        return ConfigError{*config_.dynamic_file, property.line, "version=" + property.value,
                           "the version in the file's name alone"};
      }
    }
    if (auto failed = take_members(*dynamic, rules(*config_.dynamic_file, false))) return failed;
    if (!version_inside) config_.members.version = version_in_file_name(*config_.dynamic_file);
    return read_next_file(version_inside ? *config_.dynamic_file + ".next"
                                         : config_.file + ".dynamic.next");
  }

  // The configuration that was proposed last and perhaps not committed.
  Step read_next_file(const std::string& file) {
    if (!files_.read(file)) return std::nullopt;
    const auto properties = load(file, files_);
    if (!properties) return properties.error();
    MemberRules next = rules(file, true);
    next.oracle = false;
    auto members = read_members(*properties, next);
    if (!members) return members.error();
    config_.last_seen = *std::move(members);
    return std::nullopt;
  }

  std::optional<ConfigError> read_myid() {
    const std::string file = config_.data_dir + "/myid";
    const auto text = files_.read(file);
    if (!text) return std::nullopt;
    // BufferedReader.readLine, then Long.parseLong: blanks are not cut off.
    const std::string line = text->substr(0, text->find_first_of("\r\n"));
    const auto sid = wire::java_long(line);
    if (!sid) return ConfigError{file, 1, "'" + wire::printable(line) + "'", "a server id alone"};
    config_.self = Sid(*sid);
    return std::nullopt;
  }

  // 3.5.0 lets a distributed configuration without participants pass.
  bool needs_self() const {
    return config_.distributed && (settings_.release != k350 || !config_.members.voters().empty());
  }

  Step settle_self() {
    config_.distributed = config_.members.voters().size() > 1 ||
                          (settings_.release >= k350 && !config_.standalone_enabled);
    if (settings_.self) {
      config_.self = settings_.self;
    } else if (needs_self() || settings_.release >= k351) {
      if (auto failed = read_myid()) return failed;
    } else if (config_.distributed) {
      config_.self = Sid(0);  // 3.5.0 without participants: what the field holds unset
    }
    const wire::QuorumServer* mine = config_.self ? config_.members.find(*config_.self) : nullptr;
    if (auto failed = settle_client(mine)) return failed;
    settle_type(mine);
    return std::nullopt;
  }

  Step settle_client(const wire::QuorumServer* mine) {
    if (mine == nullptr || !mine->client) return std::nullopt;
    if (config_.client) {
      const auto& fixed = *config_.client;
      const auto& listed = *mine->client;
      const bool any = wire::is_any_local(fixed.host);
      const bool hosts_differ = !any && wire::java_host_text(fixed.host) != listed.host;
      if (fixed.port != listed.port || (hosts_differ && are_literals(fixed, listed))) {
        return error("clientPort", "client address " + wire::to_string(fixed),
                     wire::to_string(listed) + ", as in server." + to_string(mine->sid));
      }
      if (hosts_differ) {
        warn(values_.line("clientPortAddress"),
             "clientPortAddress=" + fixed.host + " must be " + listed.host + ", as in server." +
                 to_string(mine->sid) + "; Java refuses another address");
      }
    }
    config_.client = mine->client;
    return std::nullopt;
  }

  static bool are_literals(const wire::HostPort& a, const wire::HostPort& b) {
    const auto literal = [](const std::string& host) {
      return wire::parse_ipv4(host).has_value() || wire::parse_ipv6(host).has_value();
    };
    return literal(a.host) && literal(b.host);
  }

  // The server list decides; peerType is a hint (3.4.0 and later).
  void settle_type(const wire::QuorumServer* mine) {
    const auto asked = values_.peer_type();
    const auto listed = mine != nullptr ? mine->type : wire::LearnerType::kParticipant;
    config_.learner_type = settings_.release < Release{3, 4, 0} ? asked : listed;
    if (config_.distributed && asked != listed) {
      warn(values_.line("peerType"), "peerType differs from the server list, which decides");
    }
  }

  Step check_distributed() {
    if (!needs_self()) return std::nullopt;
    if (config_.init_limit == 0) return error("initLimit", "no initLimit", "initLimit=TICKS");
    if (config_.sync_limit == 0) return error("syncLimit", "no syncLimit", "syncLimit=TICKS");
    if (!config_.self || (config_.self == Sid(-1) && settings_.release >= k351)) {
      return ConfigError{config_.data_dir + "/myid", 0, "no server id", "a file with one"};
    }
    if (settings_.release >= k350 || config_.election_alg == 0) return std::nullopt;
    for (const wire::QuorumServer& server : config_.members.servers) {
      if (server.type == wire::LearnerType::kParticipant &&
          server.addresses.front().election_port == 0) {
        const std::string key = "server." + to_string(server.sid);
        return error(key, "no election port in " + key, "host:port:port");
      }
    }
    return std::nullopt;
  }

  FileSource& files_;
  const ReadSettings& settings_;
  ConfigValues values_;
  Config config_;
};

}  // namespace

std::int64_t Config::number_property(const std::string& name, std::int64_t otherwise) const {
  const auto found = properties.find(name);
  if (found == properties.end()) return otherwise;
  return wire::java_int(found->second).value_or(static_cast<std::int32_t>(otherwise));
}

bool Config::flag_property(const std::string& name) const {
  const auto found = properties.find(name);
  return found != properties.end() && java_boolean(found->second);
}

Duration Config::ticks(std::int32_t count) const {
  return std::chrono::milliseconds(std::int64_t{tick_ms} * count);
}

tl::expected<Config, ConfigError> read_config(const std::string& file, FileSource& files,
                                              const ReadSettings& settings) {
  return ConfigReader(file, files, settings).read();
}

std::optional<ConfigError> why_no_seat(const Config& config) {
  const auto refuse = [&config](std::string found, std::string expected) {
    return ConfigError{config.file, 0, std::move(found), std::move(expected)};
  };
  if (!config.distributed) {
    return refuse(std::to_string(config.members.voters().size()) + " participants",
                  "two or more server.N lines: a standalone server holds no election");
  }
  if (!config.self || config.members.find(*config.self) == nullptr) {
    return refuse("server id " + (config.self ? to_string(*config.self) : "missing"),
                  "an id that a server.N line names");
  }
  if (config.election_alg != 3) {
    return refuse("electionAlg=" + std::to_string(config.election_alg), "3, the election over TCP");
  }
  if (config.tick_ms < 0 || config.init_limit < 0 || config.sync_limit < 0) {
    return refuse("a negative tickTime, initLimit or syncLimit", "positive ones");
  }
  return std::nullopt;
}

ConfigVersion version_in_file_name(const std::string& name) {
  const std::size_t dot = name.rfind('.');
  if (dot == std::string::npos) return ConfigVersion(0);
  return ConfigVersion(wire::java_long(name.substr(dot + 1), 16).value_or(0));
}

}  // namespace zkprobe::peer
