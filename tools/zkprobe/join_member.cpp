#include "join_member.hpp"

#include <cstdio>
#include <fstream>
#include <functional>
#include <memory>
#include <random>

#include "net/kept_session.hpp"
#include "net/observer_session.hpp"
#include "peer/learner_masters.hpp"
#include "peer/reconfig.hpp"
#include "quorum/quorum_verifier.hpp"
#include "seat_config.hpp"
#include "seat_filler.hpp"
#include "seat_monitor.hpp"
#include "seat_store.hpp"
#include "seat_view.hpp"

namespace zkprobe::tool {
namespace {

namespace asio = net::asio;
using wire::ServerState;

class JoinMember {
 public:
  // `store` keeps what the learner gets; a voter without one takes part in elections alone.
  JoinMember(const JoinMemberOptions& options, const peer::Config& config, SeatStore* store)
      : options_(options),
        config_(config),
        store_(store),
        resolver_(std::make_shared<net::Resolver>(io_)),
        signals_(io_, SIGINT, SIGTERM),
        end_timer_(io_),
        oracle_timer_(io_),
        pause_timer_(io_),
        random_(std::random_device{}()),
        masters_(config.observer_master_port, SeededRandom(random_.next())),
        view_(io_, options.shared.json, options.quiet, [this] { reader_gone(); }) {
    settings_ = seat_settings(config, options);
    if (store_) settings_.peer.has_learner = true;
    if (options.election_only) {
      settings_.peer.log = position_of(config).value_or(election::LogPosition{});
    }
    if (store_) {
      kept_.emplace(io_, resolver_, learner_settings(), store_->storage(), store_->keeper(),
                    kept_handlers());
      monitor_.emplace(config, store_->paths(), store_->keeper());
      files_.emplace(config);
    } else if (settings_.peer.has_learner) {
      session_.emplace(io_, resolver_, learner_settings(),
                       [this](const learner::Effect& effect) { followed(effect); });
    }
  }

  ExitCode run() {
    signals_.async_wait([this](net::error_code aborted, int) {
      if (!aborted) stop();
    });
    start_limits();
    if (store_) {
      for (const std::string& note : store_->notes()) view_.note(note);
      store_->start(io_, [this](const auto& done) { stored(done); });
      open_monitor_port();
    }
    asio::post(io_, [this] { store_ && !store_->has_vote() ? fill() : take_seat(); });
    io_.run();
    if (store_) store_->stop();
    view_.finish();
    if (!error_.empty()) std::fprintf(stderr, "zkprobe: join: %s\n", printable(error_).c_str());
    return with_output(code_.value_or(ExitCode::kHolds), view_.lost());
  }

 private:
  learner::Settings learner_settings() const {
    learner::Settings settings;
    settings.sid = *config_.self;
    settings.release = config_.release;
    settings.tick = config_.ticks(1);
    settings.init_limit = config_.init_limit;
    settings.sync_limit = config_.sync_limit;
    if (settings_.peer.election.learner_type == wire::LearnerType::kObserver) return settings;
    settings.role = learner::Role::kFollower;
    // A voter that fell behind is of more use than one that left.
    settings.patience = std::chrono::hours(24);
    return settings;
  }

  // ---- the seat
  void take_seat() {
    if (stopped_) return;
    driver_ = std::make_shared<net::PeerDriver>(
        io_, resolver_, settings_, [this](const net::PeerEvent& event) { happened(event); });
    if (store_) driver_->log_moved(store_->keeper().position());
    driver_->start([this](const net::ConnectionManager::Listening& listening) {
      if (listening) return;
      fail("cannot listen on the election port: " + listening.error());
    });
    if (config_.oracle_path) read_oracle();
  }

  void open_monitor_port() {
    monitor_->open(
        io_, resolver_,
        {[this] { return driver_.get(); }, [this](const std::string& line) { view_.note(line); },
         [this](const std::string& why) { fail(why); }});
  }

  // An empty directory has no vote: it is filled first.
  void fill() {
    view_.note(store_->paths().data_dir +
               " holds nothing that may be voted with: it is filled first, by an observer that no "
               "configuration names");
    filler_.emplace(
        io_, resolver_, config_, store_->storage(), store_->keeper(),
        SeatFiller::Handlers{
            kept_handlers_showing([this](const learner::Effect& effect) { view_.show(effect); }),
            [this](const std::string& why) { view_.note("waits for a leader: " + why); },
            [this] { filled(); }});
    filler_->start();
  }

  void filled() {
    if (stopped_) return;
    filler_.reset();
    if (const auto error = store_->filled()) return cannot_keep(*error);
    view_.note(store_->paths().data_dir + " holds what the leader holds, up to " +
               to_hex(store_->keeper().last_zxid()) + ": the seat is taken");
    take_seat();
  }

  net::KeptSession::Handlers kept_handlers_showing(
      std::function<void(const learner::Effect&)> effect) {
    return {std::move(effect),
            [this](const replica::DigestDifference& difference) { differs(difference); },
            [this](const std::string& note) { view_.note(note); },
            [this](const std::string& why) { cannot_keep(why); }};
  }
  net::KeptSession::Handlers kept_handlers() {
    return kept_handlers_showing([this](const learner::Effect& effect) { followed(effect); });
  }

  void stored(const std::vector<peer::StorageDone>& done) {
    if (stopped_) return;
    if (filler_) return filler_->storage_done(done);
    kept_->storage_done(done);
    filled_as_observer();
  }

  // An observer's directory is whole when everything up to UPTODATE is on the disk.
  void filled_as_observer() {
    if (stopped_ || store_->has_vote() || !kept_->synced()) return;
    if (!store_->keeper().settled() || store_->keeper().blocked()) return;
    if (const auto error = store_->filled()) cannot_keep(*error);
  }

  void cannot_keep(const std::string& why) {
    error_ = why + ". Nothing is acknowledged any more; the directory holds what was";
    code_ = ExitCode::kDoesNotHold;
    stop();
  }

  // ---- the election
  void happened(const net::PeerEvent& event) {
    if (stopped_) return;
    view_.show(event);
    const auto* state = std::get_if<peer::StateChanged>(&event);
    if (monitor_ && state && state->to == ServerState::kLooking) {
      monitor_->serving(false);
      ++monitor_->counts.elections;
    }
    if (const auto* changed = std::get_if<peer::StateChanged>(&event)) {
      state_changed(*changed);
    } else if (std::holds_alternative<peer::Established>(event)) {
      if (wants(Until::What::kElected)) reached();
    } else if (const auto* taken = std::get_if<net::ConfigEvent>(&event)) {
      check_role(taken->config);
      keep_in_force(taken->config);
      if (kept_) role_learnt(taken->config);
    } else if (const auto* stopped = std::get_if<net::StoppedEvent>(&event)) {
      fail(stopped->why);
    }
  }

  void state_changed(const peer::StateChanged& changed) {
    // FOLLOWING of an observer that no configuration names any more: a participant without a vote.
    // A Java server would follow then; whoever keeps nothing goes on observing.
    const bool follows =
        changed.to == ServerState::kObserving || changed.to == ServerState::kFollowing;
    if (follows && (session_ || kept_)) {
      follow(*changed.leader);
    } else {
      leave();
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
    (kept_ ? kept_->settings() : session_->settings()).config_version =
        driver_->peer().config().version;
    const std::int32_t limit = config_.connect_to_learner_master_limit > 0
                                   ? config_.connect_to_learner_master_limit
                                   : config_.init_limit;
    // In a turn of its own, not amid the election's effects.
    pause("observer.reconnectDelayMs", 0, [this, leader, addresses, limit] {
      if (stopped_ || driver_->peer().leader() != leader) return;
      if (addresses.empty()) {
        driver_->leader_lost("no configuration says where server " + to_string(leader) +
                             " listens");
        return;
      }
      if (kept_) {
        kept_->follow(addresses, config_.ticks(limit));
      } else {
        session_->follow(addresses, config_.ticks(limit));
      }
    });
  }

  void leave() {
    if (kept_) kept_->leave();
    if (session_) session_->leave();
  }

  void leader_lost(const std::string& why) {
    if (stopped_) return;
    if (store_) driver_->log_moved(store_->keeper().position());
    driver_->leader_lost(why);
  }

  void followed(const learner::Effect& effect) {
    if (stopped_) return;
    view_.show(effect);
    if (const auto* phase = std::get_if<learner::PhaseChanged>(&effect)) {
      if (phase->to == learner::Phase::kBroadcast) {
        if (monitor_) monitor_->serving(true);
        if (kept_) asio::post(io_, [this] { filled_as_observer(); });
        driver_->synced(phase->epoch);
      }
    } else if (const auto* txn = std::get_if<learner::TxnSeen>(&effect)) {
      if (monitor_) ++(txn->committed ? monitor_->counts.commits : monitor_->counts.proposals);
    } else if (std::holds_alternative<learner::SyncDone>(effect)) {
      if (const auto seen = std::exchange(of_new_leader_, std::nullopt)) in_force(*seen);
      if (wants(Until::What::kSynced)) asio::post(io_, [this] { reached(); });
    } else if (const auto* config = std::get_if<learner::ConfigSeen>(&effect)) {
      config_seen(*config);
    } else if (const auto* leave = std::get_if<learner::Leave>(&effect)) {
      of_new_leader_.reset();
      // Not all observers of an ensemble at once.
      const std::int64_t longest = observes() ? 200 : 0;
      pause("observer.election.DelayMs", longest, [this, why = leave->text] { leader_lost(why); });
    }
  }

  // Observer.waitForReconnectDelayHelper, from 3.6.0 on: 0 to so many milliseconds, at random.
  void pause(const std::string& property, std::int64_t otherwise, std::function<void()> then) {
    const std::int64_t longest = config_.release >= Release{3, 6, 0} && observes()
                                     ? config_.number_property(property, otherwise)
                                     : 0;
    const std::uint64_t time = longest > 0 ? random_.below(static_cast<std::uint64_t>(longest)) : 0;
    pause_timer_.expires_after(std::chrono::milliseconds(time));
    pause_timer_.async_wait([then = std::move(then)](net::error_code aborted) {
      if (!aborted) then();
    });
  }

  bool observes() const {
    return settings_.peer.election.learner_type == wire::LearnerType::kObserver;
  }

  void config_seen(const learner::ConfigSeen& seen) {
    if (!seen.config) return;
    const bool proposed = seen.from == learner::ConfigSeen::From::kProposal;
    if (!proposed) check_role(*seen.config);
    // QuorumPeer.processReconfig: nothing where reconfig is disabled.
    if (stopped_ || !config_.reconfig_enabled) return;
    const wire::QuorumConfig before = driver_->peer().config();
    if (seen.config->version <= before.version) return;
    const bool of_new_leader = seen.from == learner::ConfigSeen::From::kNewLeader;
    if (session_) {
      if (!proposed) driver_->config_changed(*seen.config, std::nullopt);
    } else if (proposed || of_new_leader) {
      if (const auto problem = files_->proposed(*seen.config)) view_.note(*problem);
      driver_->config_changed(before, *seen.config);
      if (of_new_leader) of_new_leader_ = seen;
    } else {
      in_force(seen);
    }
  }

  // Learner.syncWithLeader: what came with NEWLEADER counts when UPTODATE says that a quorum has
  // it.
  void in_force(const learner::ConfigSeen& seen) {
    const wire::QuorumConfig before = driver_->peer().config();
    if (seen.config->version <= before.version) return;
    keep_in_force(*seen.config);
    const peer::Reconfig judged = peer::judge_reconfig(
        before, *seen.config, *config_.self, settings_.peer.election.learner_type,
        *driver_->peer().leader(), seen.designated_leader);
    if (quorum::same_config(before, *seen.config) || !judged.leaves()) {
      driver_->config_changed(*seen.config, std::nullopt);
      return;
    }
    // In a turn of its own, with the transaction taken in.
    asio::post(io_, [this, config = *seen.config, judged] { reconfigured(config, judged); });
  }

  void keep_in_force(const wire::QuorumConfig& config) {
    if (!files_) return;
    if (const auto problem = files_->in_force(config)) view_.note(*problem);
  }

  // A configuration that came with a vote may have changed our role as well.
  void role_learnt(const wire::QuorumConfig& config) {
    const wire::QuorumServer* self = config.find(*config_.self);
    peer::Reconfig judged;
    judged.type = self ? self->type : wire::LearnerType::kParticipant;
    judged.role_changes = judged.type != settings_.peer.election.learner_type;
    if (!judged.role_changes) return;
    asio::post(io_, [this, config, judged] { reconfigured(config, judged); });
  }

  // Java throws "changes proposed in reconfig" there, and elects.
  void reconfigured(const wire::QuorumConfig& config, const peer::Reconfig& judged) {
    if (stopped_) return;
    leave();
    if (!judged.role_changes) {
      driver_->log_moved(store_->keeper().position());
      driver_->config_changed(config, std::nullopt);
      return leader_lost("a reconfig designates another leader");
    }
    const bool votes = judged.type == wire::LearnerType::kParticipant;
    view_.note(votes ? "a reconfig made us a participant" : "a reconfig made us an observer");
    driver_->halt();
    settings_.committed = config;
    settings_.last_seen.reset();
    settings_.peer.election.learner_type = judged.type;
    settings_.peer.election.declines = !options_.electable;
    if (kept_) {
      const ConfigVersion version = config.version;
      kept_->settings() = learner_settings();
      kept_->settings().keeps_state = true;
      kept_->settings().config_version = version;
    }
    votes && !store_->has_vote() ? fill() : take_seat();
  }

  // Whether a reconfig made an observer's seat a voter's. Leaders count acknowledgements by id,
  // whatever a link says that it is: it ends before the next one goes out.
  void check_role(const wire::QuorumConfig& config) {
    const wire::QuorumServer* self = config.find(*config_.self);
    if (!session_ || self == nullptr || self->type == wire::LearnerType::kObserver) return;
    error_ = "configuration " + to_hex(config.version) + " makes server " +
             to_string(*config_.self) +
             " a voter. A voter acknowledges only what it keeps, and this observer keeps nothing: "
             "expected --data-dir";
    code_ = ExitCode::kDoesNotHold;
    stop();
  }

  void differs(const replica::DigestDifference& difference) {
    if (monitor_) ++monitor_->counts.digest_mismatches;
    if (difference.fresh) view_.differs(difference);
  }

  // ---- the end
  void start_limits() {
    const auto& end = options_.shared.run_for;
    const auto& within = options_.until_within;
    if (!end && !within) return;
    const Duration limit = end && within ? std::min(*end, *within) : end ? *end : *within;
    end_timer_.expires_after(limit);
    end_timer_.async_wait([this, limit](net::error_code aborted) {
      if (aborted) return;
      if (options_.shared.until) not_reached(limit);
      stop();
    });
  }

  void not_reached(Duration limit) {
    code_ = ExitCode::kUnreachable;
    error_ = until_text(*options_.shared.until) + " was not reached within " + to_string(limit) +
             ": server " + to_string(*config_.self) +
             (driver_ ? " is " + std::string(wire::to_string(driver_->peer().state()))
                      : " has not filled its directory");
  }

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
    const bool led = driver_ && driver_->peer().leader();
    if (!code_) code_ = led ? ExitCode::kHolds : ExitCode::kDoesNotHold;
    signals_.cancel();
    if (driver_) driver_->halt();
    if (monitor_) monitor_->close();
    if (filler_) filler_->close();
    leave();
    io_.stop();
  }

  const JoinMemberOptions& options_;
  const peer::Config& config_;
  SeatStore* const store_;  // nothing: no state is kept
  asio::io_context io_{1};  // one thread runs it
  std::shared_ptr<net::Resolver> resolver_;
  asio::signal_set signals_;
  asio::steady_timer end_timer_;
  asio::steady_timer oracle_timer_;
  asio::steady_timer pause_timer_;  // an observer's, before it follows or looks
  SeededRandom random_;
  peer::LearnerMasters masters_;
  SeatView view_;
  net::PeerDriver::Settings settings_;
  std::shared_ptr<net::PeerDriver> driver_;
  std::optional<net::ObserverSession> session_;  // an observer's that keeps nothing
  std::optional<net::KeptSession> kept_;
  std::optional<SeatFiller> filler_;
  std::optional<SeatMonitor> monitor_;
  std::optional<SeatConfig> files_;                   // of a seat that keeps its state
  std::optional<learner::ConfigSeen> of_new_leader_;  // in force with UPTODATE

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
  check_until(config, options);
  if (const auto holder = who_holds_seat(config, options.shared.timeout)) {
    std::fprintf(stderr, "zkprobe: join: %s\n", printable(*holder).c_str());
    return ExitCode::kDoesNotHold;
  }
  if (!options.election_only) {
    const quorum::SidSet others = declining_voters(config, options);
    check_cost(config, options, others);
    if (const auto cost = cost_of_seat(config, others)) {
      std::fprintf(stderr, "zkprobe: join: %s\n", printable(*cost).c_str());
    }
  }
  const std::unique_ptr<SeatStore> store =
      open_seat_store(config, options.election_only, options.data_dir);
  return JoinMember(options, config, store.get()).run();
}

}  // namespace zkprobe::tool
