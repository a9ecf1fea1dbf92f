#include "join_member.hpp"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <functional>
#include <memory>
#include <random>

#include "event_teller.hpp"
#include "learner_view.hpp"
#include "net/observer_session.hpp"
#include "net/output_sink.hpp"
#include "peer/learner_masters.hpp"

namespace zkprobe::tool {
namespace {

namespace asio = net::asio;
using wire::ServerState;

class JoinMember {
 public:
  JoinMember(const JoinMemberOptions& options, const peer::Config& config)
      : options_(options),
        config_(config),
        resolver_(std::make_shared<net::Resolver>(io_)),
        signals_(io_, SIGINT, SIGTERM),
        end_timer_(io_),
        oracle_timer_(io_),
        pause_timer_(io_),
        random_(std::random_device{}()),
        masters_(config.observer_master_port, SeededRandom(random_.next())),
        sink_(io_, STDOUT_FILENO,
              {[](const std::string& text) { spdlog::error(text); }, [this] { reader_gone(); }}) {
    const net::PeerDriver::Settings settings = seat_settings(config, options);
    if (settings.peer.has_learner) {
      session_.emplace(io_, resolver_, learner_settings(),
                       [this](const learner::Effect& effect) { followed(effect); });
    }
    driver_ = std::make_shared<net::PeerDriver>(
        io_, resolver_, settings, [this](const net::PeerEvent& event) { happened(event); });
  }

  ExitCode run() {
    signals_.async_wait([this](net::error_code aborted, int) {
      if (!aborted) stop();
    });
    if (options_.shared.run_for) {
      end_timer_.expires_after(*options_.shared.run_for);
      end_timer_.async_wait([this](net::error_code aborted) {
        if (aborted) return;
        if (options_.shared.until) code_ = ExitCode::kUnreachable;
        stop();
      });
    }
    driver_->start([this](const net::ConnectionManager::Listening& listening) {
      if (listening) return;
      fail("cannot listen on the election port: " + listening.error());
    });
    if (config_.oracle_path) read_oracle();
    io_.run();
    if (const auto left_out = teller_.left_out()) write("note", {}, left_out);
    sink_.finish();
    if (!error_.empty()) std::fprintf(stderr, "zkprobe: join: %s\n", printable(error_).c_str());
    return code_.value_or(ExitCode::kHolds);
  }

 private:
  learner::Settings learner_settings() const {
    learner::Settings settings;
    settings.sid = *config_.self;
    settings.release = config_.release;
    settings.tick = config_.ticks(1);
    settings.init_limit = config_.init_limit;
    settings.sync_limit = config_.sync_limit;
    return settings;
  }

  // ---- the election
  void happened(const net::PeerEvent& event) {
    if (stopped_) return;
    show(event);
    if (const auto* changed = std::get_if<peer::StateChanged>(&event)) {
      state_changed(*changed);
    } else if (std::holds_alternative<peer::Established>(event)) {
      if (wants(Until::What::kElected)) reached();
    } else if (const auto* taken = std::get_if<net::ConfigEvent>(&event)) {
      check_role(taken->config);
    } else if (const auto* stopped = std::get_if<net::StoppedEvent>(&event)) {
      fail(stopped->why);
    }
  }

  void state_changed(const peer::StateChanged& changed) {
    if (session_) {
      // FOLLOWING: a participant without a vote, which no configuration names any more. A Java
      // server would follow then; whoever keeps nothing goes on observing.
      if (changed.to == ServerState::kObserving || changed.to == ServerState::kFollowing) {
        follow(*changed.leader);
      } else {
        session_->leave();
      }
    }
    if (wants(Until::What::kState) && options_.shared.until->state == changed.to) reached();
  }

  // QuorumOracleMaj.askOracle looks at the file when it is needed; once a tick is enough here.
  void read_oracle() {
    std::ifstream file(*config_.oracle_path);
    driver_->oracle_read(file.get() == '1');
    oracle_timer_.expires_after(config_.ticks(1));
    oracle_timer_.async_wait([this](net::error_code aborted) {
      if (!aborted) read_oracle();
    });
  }

  // ---- the learner
  void follow(Sid leader) {
    const auto addresses = masters_.next(driver_->peer().config(), leader);
    session_->settings().config_version = driver_->peer().config().version;
    const std::int32_t limit = config_.connect_to_learner_master_limit > 0
                                   ? config_.connect_to_learner_master_limit
                                   : config_.init_limit;
    // In a turn of its own: this one is in the middle of the election's effects.
    pause("observer.reconnectDelayMs", 0, [this, leader, addresses, limit] {
      if (stopped_ || driver_->peer().leader() != leader) return;
      if (addresses.empty()) {
        driver_->leader_lost("no configuration says where server " + to_string(leader) +
                             " listens");
        return;
      }
      session_->follow(addresses, config_.ticks(limit));
    });
  }

  void followed(const learner::Effect& effect) {
    if (stopped_) return;
    show(effect);
    if (const auto* phase = std::get_if<learner::PhaseChanged>(&effect)) {
      if (phase->to == learner::Phase::kBroadcast) driver_->synced(phase->epoch);
    } else if (std::holds_alternative<learner::SyncDone>(effect)) {
      if (wants(Until::What::kSynced)) asio::post(io_, [this] { reached(); });
    } else if (const auto* config = std::get_if<learner::ConfigSeen>(&effect)) {
      config_seen(*config);
    } else if (const auto* leave = std::get_if<learner::Leave>(&effect)) {
      // Not all observers of an ensemble at once.
      pause("observer.election.DelayMs", 200, [this, why = leave->text] {
        if (!stopped_) driver_->leader_lost(why);
      });
    }
  }

  // Observer.waitForReconnectDelayHelper, from 3.6.0 on: 0 to so many milliseconds, at random.
  void pause(const std::string& property, std::int64_t otherwise, std::function<void()> then) {
    const std::int64_t longest =
        config_.release >= Release{3, 6, 0} ? config_.number_property(property, otherwise) : 0;
    const std::uint64_t time = longest > 0 ? random_.below(static_cast<std::uint64_t>(longest)) : 0;
    pause_timer_.expires_after(std::chrono::milliseconds(time));
    pause_timer_.async_wait([then = std::move(then)](net::error_code aborted) {
      if (!aborted) then();
    });
  }

  void config_seen(const learner::ConfigSeen& seen) {
    const bool in_force = seen.from != learner::ConfigSeen::From::kProposal;
    if (!in_force || !seen.config) return;
    check_role(*seen.config);
    // QuorumPeer.processReconfig: nothing where reconfig is disabled.
    if (stopped_ || !config_.reconfig_enabled) return;
    if (seen.config->version <= driver_->peer().config().version) return;
    driver_->config_changed(*seen.config, std::nullopt);
  }

  // Whether a reconfig made an observer's seat a voter's. Leaders count acknowledgements by id,
  // whatever a link says that it is: it ends before the next one goes out.
  void check_role(const wire::QuorumConfig& config) {
    const wire::QuorumServer* self = config.find(*config_.self);
    if (!session_ || self == nullptr || self->type == wire::LearnerType::kObserver) return;
    error_ = "configuration " + to_hex(config.version) + " makes server " +
             to_string(*config_.self) +
             " a voter. A voter acknowledges only what it keeps, and zkprobe keeps nothing durably "
             "yet: expected a seat of an observer, or --election-only";
    code_ = ExitCode::kDoesNotHold;
    stop();
  }

  // ---- what is printed
  void write(const std::string& event, Json record, const std::optional<std::string>& line) {
    const std::string time = rfc3339(std::chrono::system_clock::now());
    if (options_.shared.json) {
      Json timed = {{"t", time}};
      timed.update(record);
      sink_.write(to_line(timed));
    } else if (line) {
      sink_.write(time + "  " + event_column(event) + *line + "\n");
    }
  }

  void show(const net::PeerEvent& event) {
    Json record = event_record(event);
    if (options_.shared.json) return write("", std::move(record), std::nullopt);
    const std::string name = record["event"].get<std::string>();
    for (const std::string& line : teller_.tell(event, std::chrono::steady_clock::now())) {
      write(name, {}, line);
    }
  }

  void show(const learner::Effect& effect) {
    if (options_.shared.json) {
      if (auto record = effect_record(effect)) write("", *std::move(record), std::nullopt);
    } else if (const auto line = effect_line(effect)) {
      sink_.write(rfc3339(std::chrono::system_clock::now()) + "  " + *line + "\n");
    }
  }

  // ---- the end
  bool wants(Until::What what) const {
    return options_.shared.until && options_.shared.until->what == what;
  }

  void fail(std::string error) {
    error_ = std::move(error);
    code_ = ExitCode::kUsage;
    stop();
  }

  void reader_gone() {
    code_ = ExitCode::kHolds;
    stop();
  }

  // What --until asked for.
  void reached() {
    if (!code_) code_ = ExitCode::kHolds;
    stop();
  }

  // Unless something else was said: it holds where a leader is known.
  void stop() {
    if (stopped_) return;
    stopped_ = true;
    if (!code_) code_ = driver_->peer().leader() ? ExitCode::kHolds : ExitCode::kDoesNotHold;
    signals_.cancel();
    driver_->halt();
    if (session_) session_->leave();
    io_.stop();
  }

  const JoinMemberOptions& options_;
  const peer::Config& config_;
  asio::io_context io_;
  std::shared_ptr<net::Resolver> resolver_;
  asio::signal_set signals_;
  asio::steady_timer end_timer_;
  asio::steady_timer oracle_timer_;
  asio::steady_timer pause_timer_;  // an observer's, before it follows or looks
  SeededRandom random_;
  peer::LearnerMasters masters_;
  net::OutputSink sink_;
  std::shared_ptr<net::PeerDriver> driver_;
  std::optional<net::ObserverSession> session_;  // an observer's
  EventTeller teller_;

  bool stopped_ = false;
  std::optional<ExitCode> code_;
  std::string error_;
};

}  // namespace

ExitCode join_member(const JoinMemberOptions& options) {
  const peer::Config config = read_seat_config(options);
  if (options.print_config) {
    std::fputs(config_text(config, options.shared.json).c_str(), stdout);
    return ExitCode::kHolds;
  }
  for (const peer::ConfigWarning& warning : config.warnings) {
    std::fprintf(stderr, "zkprobe: join: warning: %s\n",
                 printable(peer::to_string(warning)).c_str());
  }
  check_seat(config, options);
  if (const auto holder = who_holds_seat(config, options.shared.timeout)) {
    std::fprintf(stderr, "zkprobe: join: %s\n", printable(*holder).c_str());
    return ExitCode::kDoesNotHold;
  }
  return JoinMember(options, config).run();
}

}  // namespace zkprobe::tool
