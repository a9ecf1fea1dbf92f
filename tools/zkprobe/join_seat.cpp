#include "join_seat.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <thread>

#include "ensemble_folder.hpp"
#include "net/vote_asker.hpp"
#include "peer/config_summary.hpp"
#include "peer/seat_cost.hpp"
#include "peer_view.hpp"
#include "zkprobe_seats.hpp"

namespace zkprobe::tool {
namespace {

using wire::ServerState;

class DiskFiles : public peer::FileSource {
 public:
  std::optional<std::string> read(const std::string& path) override {
    std::error_code error;
    if (std::filesystem::is_directory(path, error)) return std::nullopt;
    std::ifstream file(path, std::ios::binary);
    if (!file) return std::nullopt;
    return std::string(std::istreambuf_iterator<char>(file), {});
  }
  bool is_folder(const std::string& path) override {
    std::error_code error;
    return std::filesystem::is_directory(path, error);
  }
};

// For the answers of client ports.
constexpr Duration kSrvr = std::chrono::seconds(1);

bool is_voter(const peer::Config& config) {
  return config.members.find(*config.self)->type == wire::LearnerType::kParticipant;
}

// A whole number of milliseconds; `otherwise` where it is missing or not positive.
Duration positive_ms(const peer::Config& config, const std::string& name, Duration otherwise) {
  const std::int64_t value = config.number_property(name, 0);
  return value > 0 ? Duration(std::chrono::milliseconds(value)) : otherwise;
}

// Failures of the Java voters that those left of them bear by themselves; nothing: they are no
// quorum.
std::optional<std::size_t> others_bear(const peer::Config& config, quorum::SidSet decline) {
  decline.insert(*config.self);
  return peer::failures_left(quorum::QuorumVerifier(config.members), decline);
}

std::string holder_text(Sid seat, const wire::HostPort& address, const std::string& what) {
  return "seat " + to_string(seat) + " is held by " + wire::to_string(address) + ": " + what;
}

// A server that is started meanwhile may listen before the folder says so, and be found only by the
// next look.
void expect_ours(const std::string& dir, const peer::Config& config) {
  for (int looks = 1;; ++looks) {
    const auto folder = read_ensemble_folder(dir);
    if (!folder) throw UsageError("--ensemble: " + folder.error());
    const auto why = why_not_ours(*folder, config.members, *config.self);
    if (!why) return;
    if (looks == 10) throw UsageError("--ensemble is refused: " + printable(*why));
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
}

}  // namespace

peer::Config read_seat_config(const JoinMemberOptions& options) {
  DiskFiles files;
  peer::ReadSettings settings;
  settings.release = options.shared.emulate.value_or(kNewestRelease);
  settings.self = options.myid;
  settings.system_properties = options.properties;
  auto config = peer::read_config(options.config_file, files, settings);
  if (!config) throw UsageError(printable(peer::to_string(config.error())));
  return *std::move(config);
}

std::string config_text(const peer::Config& config, bool json) {
  const peer::Summary summary = peer::summarize(config);
  const auto problem = peer::why_no_seat(config);
  if (json) {
    Json record = {{"file", config.file},
                   {"release", to_string(config.release)},
                   {"values", Json::object()},
                   {"warnings", Json::array()},
                   {"no_seat", problem ? Json(peer::to_string(*problem)) : Json(nullptr)}};
    for (const auto& [name, value] : summary) record["values"][name] = value;
    for (const auto& warning : config.warnings) {
      record["warnings"].push_back(peer::to_string(warning));
    }
    return to_line(record);
  }
  std::string text;
  for (const auto& [name, value] : summary) text += name + " " + printable(value) + "\n";
  for (const auto& warning : config.warnings) {
    text += "warning: " + printable(peer::to_string(warning)) + "\n";
  }
  if (problem) text += "no seat: " + printable(peer::to_string(*problem)) + "\n";
  return text;
}

void check_seat(const peer::Config& config, const JoinMemberOptions& options) {
  if (const auto problem = peer::why_no_seat(config)) {
    throw UsageError(printable(peer::to_string(*problem)));
  }
  if (config.ssl_quorum) {
    throw UsageError(config.file + ": sslQuorum=true: zkprobe speaks no TLS between servers");
  }
  if (config.sasl_learner_required || config.sasl_server_required) {
    throw UsageError(config.file + ": quorum.auth requires SASL, which zkprobe does not speak");
  }
  const std::string seat = "server " + to_string(*config.self);
  if (!is_voter(config)) {
    if (options.election_only || options.electable) {
      throw UsageError(seat + " is an observer in " + config.file +
                       ": expected neither --election-only nor --electable");
    }
    return;
  }
  if (!options.data_dir.empty()) {
    throw UsageError(seat + " is a voter in " + config.file +
                     ": it keeps its state in the dataDir of that file, expected no --data-dir");
  }
  if (!options.ensemble_dir.empty()) {
    expect_ours(options.ensemble_dir, config);
  } else if (options.electable) {
    throw UsageError(
        "--electable: expected --ensemble DIR, the folder of an ensemble of tests "
        "(zkprobe would be elected and then serve nobody)");
  }
}

void check_until(const peer::Config& config, const JoinMemberOptions& options) {
  const auto& until = options.shared.until;
  if (!until) return;
  const bool votes = is_voter(config);
  const auto is = [&until](ServerState state) {
    return until->what == Until::What::kState && until->state == state;
  };
  std::string why;
  if (until->what == Until::What::kSynced && options.election_only) {
    why = "with --election-only nothing is followed";
  } else if (is(ServerState::kLeading) && !votes) {
    why = "an observer never leads";
  } else if (is(ServerState::kLeading) && !options.electable) {
    why = "a voter leads with --election-only and --electable alone";
  } else if (is(ServerState::kObserving) && votes &&
             (options.election_only || !config.reconfig_enabled)) {
    why = "server " + to_string(*config.self) + " is a voter in " + config.file;
  }
  if (!why.empty()) {
    throw UsageError("join: " + until_text(*until) + " can never be reached: " + why);
  }
}

void check_cost(const peer::Config& config, const JoinMemberOptions& options,
                const quorum::SidSet& others_decline) {
  const bool known = !options.ensemble_dir.empty() || options.accept_stall;
  if (!is_voter(config) || known || others_bear(config, others_decline).value_or(0) > 0) return;
  throw UsageError(*cost_of_seat(config, others_decline) +
                   ". Expected --accept-stall, which says that this is known, or --ensemble DIR, "
                   "the folder of an ensemble of tests");
}

quorum::SidSet declining_voters(const peer::Config& config, const JoinMemberOptions& options) {
  if (!is_voter(config)) return {};
  const std::vector<Sid> voters = config.members.voters();
  quorum::SidSet decline = ask_for_zkprobe(config, kSrvr);
  for (const std::int64_t sid : options.zkprobe_seats) {
    if (std::find(voters.begin(), voters.end(), Sid(sid)) == voters.end()) {
      throw UsageError("--zkprobe-seats: expected ids of voters, found " + std::to_string(sid) +
                       ", which is none in " + config.file);
    }
    decline.insert(Sid(sid));
  }
  decline.erase(*config.self);
  return decline;
}

std::optional<std::string> cost_of_seat(const peer::Config& config,
                                        const quorum::SidSet& others_decline) {
  if (!is_voter(config)) return std::nullopt;
  const auto failures = others_bear(config, others_decline);
  const std::size_t others = config.members.voters().size() - 1 - others_decline.size();
  std::string text = "server " + to_string(*config.self) + " is a voter that declines to lead";
  for (const Sid sid : others_decline) {
    text += (sid == *others_decline.begin() ? ", as is server " : " and ") + to_string(sid);
  }
  text += ": with the other " + std::to_string(others) + (others == 1 ? " voter" : " voters") +
          " alone the ensemble ";
  if (failures.value_or(0) > 0) {
    return text + "bears " + std::to_string(*failures) +
           (*failures == 1 ? " failure" : " failures");
  }
  text += failures ? "bears no failure: " : "has no quorum: ";
  if (others < 2) {
    return text +
           "when that one dies nobody leads until it is back, or a Java server is started "
           "on the directory of a zkprobe";
  }
  return text +
         "when its leader dies, writes that only zkprobe has besides make the others wait for that "
         "leader, or for a Java server that is started on zkprobe's directory";
}

net::PeerDriver::Settings seat_settings(const peer::Config& config,
                                        const JoinMemberOptions& options) {
  const Emulation emulation = emulation_of(options.shared.emulate, config.multi_address);
  net::PeerDriver::Settings settings;
  election::Settings& election = settings.peer.election;
  election.self = *config.self;
  election.dialect = emulation.dialect;
  election.learner_type = config.learner_type;
  election.reconfig_enabled = config.reconfig_enabled;
  if (config.release >= Release{3, 6, 0}) {
    election.min_interval =
        positive_ms(config, "fastleader.minNotificationInterval", election.min_interval);
    election.max_interval =
        positive_ms(config, "fastleader.maxNotificationInterval", election.max_interval);
  }
  // An observer's seat too: a reconfig may make it a voter's.
  election.declines = !options.electable;
  settings.peer.tick = config.ticks(1);
  settings.peer.init_limit = config.init_limit;
  settings.peer.sync_limit = config.sync_limit;
  settings.peer.has_learner = !is_voter(config);
  settings.committed = config.members;
  settings.last_seen = config.last_seen;
  settings.links.auto_emulation = emulation.auto_emulation;
  settings.links.listen_on_all_ips = config.listen_on_all_ips;
  settings.links.handshake_timeout =
      positive_ms(config, "quorumCnxnTimeoutMs", config.ticks(config.sync_limit));
  settings.links.connect_timeout =
      positive_ms(config, "cnxTimeout", settings.links.connect_timeout);
  settings.links.checks_links = config.reachability_check;
  settings.links.reachability_timeout =
      std::chrono::milliseconds(std::max(0, config.reachability_timeout_ms));
  const std::int64_t retries = config.number_property("electionPortBindRetry", 3);
  settings.links.bind_retries = retries < 0 ? 3 : static_cast<int>(retries);
  settings.links.tcp_keepalive = config.flag_property("tcpKeepAlive");
  return settings;
}

std::optional<std::string> who_holds_seat(const peer::Config& config, Duration timeout) {
  net::asio::io_context io;
  auto resolver = std::make_shared<net::Resolver>(io);
  std::optional<std::string> holder;
  std::vector<std::shared_ptr<net::VoteAsker>> askers;
  for (const wire::ServerAddress& server : config.members.find(*config.self)->addresses) {
    const wire::HostPort address{server.host, server.election_port};
    peer::VoteQuery::Settings settings;
    settings.timeout = timeout;
    askers.push_back(
        std::make_shared<net::VoteAsker>(io, resolver, address, settings, std::random_device{}()));
    askers.back()->start([&holder, &config, address](const net::VoteAsker::Answer& answer) {
      if (answer.result) {
        const wire::Notification& vote = answer.result->notification;
        const std::string state(wire::to_string(vote.state));
        holder =
            holder_text(*config.self, address,
                        "it is " + state + ", its vote is for server " + to_string(vote.leader));
      } else if (answer.result.error().kind != peer::QueryFailure::Kind::kUnreachable) {
        holder = holder_text(*config.self, address,
                             "something listens there (" + answer.result.error().text + ")");
      }
    });
  }
  io.run();
  return holder;
}

}  // namespace zkprobe::tool
