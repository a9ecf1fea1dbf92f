#include "join_observer.hpp"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <random>

#include "learner_view.hpp"
#include "net/kept_session.hpp"
#include "net/leader_finder.hpp"
#include "net/observer_session.hpp"
#include "net/output_sink.hpp"
#include "net/resolver.hpp"
#include "output.hpp"
#include "peer/observed_tree.hpp"
#include "seat_store.hpp"

namespace zkprobe::tool {
namespace {

namespace asio = net::asio;
using wire::ServerState;

constexpr Duration kFirstPause = std::chrono::milliseconds(100);
constexpr Duration kLongestPause = std::chrono::seconds(5);
// For one question. A server that takes longer is asked again in the next round.
constexpr Duration kLongestQuestion = std::chrono::seconds(2);

// "zk" and a random number: an id that nobody gives, one for the whole run. Positive, and far from
// the id of askers and from QuorumPeer.OBSERVER_ID.
Sid own_id() { return Sid(0x7a6b'0000'0000'0000 + std::random_device{}()); }

class JoinObserver {
 public:
  explicit JoinObserver(const JoinObserverOptions& options)
      : options_(options),
        sid_(options.sid.value_or(own_id())),
        resolver_(std::make_shared<net::Resolver>(io_)),
        finder_(io_, resolver_, options.addresses,
                [this](const wire::HostPort& from, const peer::VoteAnswer& answer) {
                  heard(from, answer);
                }),
        tree_({options.shared.emulate.value_or(kNewestRelease), std::random_device{}()}),
        signals_(io_, SIGINT, SIGTERM),
        join_timer_(io_),
        end_timer_(io_),
        pause_timer_(io_),
        sink_(io_, STDOUT_FILENO,
              {[](const std::string& text) { spdlog::warn(text); }, [this] { reader_gone(); }}) {
    const auto took = [this](const learner::Effect& effect) { took_effect(effect); };
    if (options.data_dir.empty()) {
      session_.emplace(io_, resolver_, learner_settings(), took);
      return;
    }
    const Release release = options.shared.emulate.value_or(kNewestRelease);
    store_.emplace(observer_store_settings(options.data_dir, release), SeatStore::Use::kUnlisted);
    kept_.emplace(io_, resolver_, learner_settings(), store_->storage(), store_->keeper(),
                  net::KeptSession::Handlers{
                      took, [this](const replica::DigestDifference& each) { differs(each); },
                      [this](const std::string& note) { show(learner::Noted{note}); },
                      [this](const std::string& why) { end(ExitCode::kDoesNotHold, why); }});
    kept_->claims_epochs(false);
    store_->start(io_, [this](const auto& done) {
      if (!stopped_) kept_->storage_done(done);
    });
  }

  ExitCode run() {
    signals_.async_wait([this](net::error_code aborted, int) {
      if (!aborted) end_now("interrupted");
    });
    join_timer_.expires_after(options_.shared.timeout);
    join_timer_.async_wait([this](net::error_code aborted) {
      if (!aborted) not_joined();
    });
    if (options_.shared.run_for) {
      end_timer_.expires_after(*options_.shared.run_for);
      end_timer_.async_wait([this](net::error_code aborted) {
        if (!aborted) end_now("--for ended");
      });
    }
    if (store_) {
      for (const std::string& note : store_->notes()) show(learner::Noted{note});
    }
    sink_.watch_reader();
    asio::post(io_, [this] { search(); });
    io_.run();
    if (store_) store_->stop();
    if (joined_) summarize();
    sink_.finish();
    if (!error_.empty()) std::fprintf(stderr, "zkprobe: join: %s\n", printable(error_).c_str());
    return with_output(code_.value_or(ExitCode::kHolds), sink_.lost());
  }

 private:
  learner::Settings learner_settings() const {
    learner::Settings settings;
    settings.sid = sid_;
    settings.release = options_.shared.emulate.value_or(kNewestRelease);
    settings.list_nodes = options_.tree;
    settings.keeps_state = options_.digests;
    return settings;
  }

  // ---- looking for the leader
  void search() {
    // A round asks the addresses, then the members that they name: one that is silent in each must
    // not last as long as we do.
    const Duration each = std::min(options_.shared.timeout / 3, kLongestQuestion);
    const peer::VoteQuery::Settings settings{each, options_.shared.emulate};
    finder_.start(settings, std::random_device{}(), [this] { searched(); });
  }

  void searched() {
    peer::LeaderSearch& search = finder_.search();
    if (refuse_seat()) return;
    if (const auto found = search.found()) return follow(*found);
    if (search.without_configuration()) {
      return end(ExitCode::kUsage,
                 search.why_without_configuration() +
                     ": describe them in a file and use 'zkprobe join --config zoo.cfg'");
    }
    problem_ = search.why_none();
    search_later();
  }

  void search_later() {
    if (stopped_) return;
    pause_timer_.expires_after(pause_);
    pause_ = std::min(pause_ * 2, kLongestPause);
    pause_timer_.async_wait([this](net::error_code aborted) {
      if (!aborted) search();
    });
  }

  // An id is a seat. True if ours is one, and that was the end.
  bool refuse_seat() {
    const auto seat = finder_.search().seat_of(sid_);
    if (!seat) return false;
    end(ExitCode::kDoesNotHold, "id " + to_string(sid_) + " is a seat of this ensemble (" + *seat +
                                    "): choose one that no configuration names");
    return true;
  }

  void follow(const peer::FoundLeader& found) {
    leader_ = found;
    problem_ = "no connection to its learner port yet";
    for (const wire::HostPort& address : found.learner_addresses) {
      link_record("dial", "", wire::to_string(address));
    }
    if (wants(Until::What::kElected)) return stop();
    const Duration limit = std::min(options_.shared.timeout, kLongestPause);
    if (kept_) {
      kept_->follow(found.learner_addresses, limit);
    } else {
      session_->follow(found.learner_addresses, limit);
    }
  }

  // ---- following it
  void took_effect(const learner::Effect& effect) {
    if (const auto* phase = std::get_if<learner::PhaseChanged>(&effect)) phase_changed(*phase);
    show(effect);
    if (options_.digests && session_ && !keep_tree(effect)) return;
    if (const auto* txn = std::get_if<learner::TxnSeen>(&effect)) {
      if (txn->committed) ++txns_;
    } else if (std::holds_alternative<learner::SyncStarted>(effect)) {
      join_timer_.cancel();
      joined_ = true;
    } else if (std::holds_alternative<learner::SyncDone>(effect)) {
      ++syncs_;
      pause_ = kFirstPause;
      if (wants(Until::What::kSynced)) stop_synced_ = true;
    } else if (const auto* config = std::get_if<learner::ConfigSeen>(&effect)) {
      if (!config->config) return;
      finder_.search().note_config(*config->config);
      refuse_seat();
    } else if (const auto* leave = std::get_if<learner::Leave>(&effect)) {
      left(*leave);
    }
  }

  void differs(const replica::DigestDifference& difference) {
    if (!difference.fresh) return;
    if (options_.shared.json) {
      write(difference_record(difference));
    } else {
      write(event_column("digest") + replica::describe(difference));
    }
  }

  // What was compared.
  const peer::ObservedTree& observed() const {
    return store_ ? store_->keeper().observed() : tree_;
  }

  // False when the tree cannot be kept any longer: it is asked for anew.
  bool keep_tree(const learner::Effect& effect) {
    const auto applied = tree_.take(effect);
    if (applied && applied->difference) differs(*applied->difference);
    if (applied && !applied->problem.empty()) show(learner::Noted{applied->problem});
    if (!tree_.lost()) return true;
    show(learner::Noted{"the tree is asked for anew: " + *tree_.lost()});
    session_->leave();
    session_->settings().last_zxid = Zxid(0);
    tree_.start_anew();
    change_state(ServerState::kLooking, leader_->peer_epoch);
    search_later();
    return false;
  }

  void phase_changed(const learner::PhaseChanged& phase) {
    if (phase.to == learner::Phase::kDiscovery) {
      const std::string remote = kept_ ? kept_->remote() : session_->remote();
      link_record("open", "", remote);
      problem_ = "connected to " + remote + ", which has not begun to synchronise";
    } else if (phase.to == learner::Phase::kSynchronization) {
      change_state(ServerState::kObserving, phase.epoch);
      if (options_.shared.until && options_.shared.until->what == Until::What::kState) stop();
    } else if (phase.to == learner::Phase::kBroadcast && stop_synced_) {
      stop();
    }
  }

  void left(const learner::Leave& leave) {
    problem_ = leave.text;
    const bool refused = leave.why == learner::Leave::Why::kUnreachable;
    link_record(refused ? "refuse" : "close", leave.text, "");
    change_state(ServerState::kLooking, leader_->peer_epoch);
    search_later();
  }

  // ---- the end
  bool wants(Until::What what) const {
    return options_.shared.until && options_.shared.until->what == what;
  }

  void not_joined() {
    const std::string limit = " within " + zkprobe::to_string(options_.shared.timeout);
    if (!reached_) return end(ExitCode::kUnreachable, "nobody answered" + limit + why());
    const bool none = !leader_;
    end(none ? ExitCode::kDoesNotHold : ExitCode::kUnreachable,
        (none ? "no leader" : "leader " + to_string(leader_->sid) + " not joined") + limit + why());
  }

  // What is known so far of why no leader is joined.
  std::string why() {
    if (problem_.empty() && finder_.search().anyone_answered()) {
      problem_ = finder_.search().why_none();
    }
    return problem_.empty() ? "" : ": " + problem_;
  }

  // From outside: a signal, or the time that --for gives.
  void end_now(const std::string& what) {
    if (joined_) return stop();
    end(reached_ ? ExitCode::kDoesNotHold : ExitCode::kUnreachable,
        what + " before a leader was joined" + why());
  }

  void reader_gone() {
    code_ = ExitCode::kHolds;
    stop();
  }

  void end(ExitCode code, std::string error) {
    if (stopped_) return;
    code_ = code;
    error_ = std::move(error);
    stop();
  }

  void stop() {
    if (stopped_) return;
    stopped_ = true;
    if (!code_) {
      const bool synced = kept_ ? kept_->synced() : session_->synced();
      const bool holds = synced || leader_for_until();
      code_ = holds && observed().differences() == 0 ? ExitCode::kHolds
              : reached_                             ? ExitCode::kDoesNotHold
                                                     : ExitCode::kUnreachable;
    }
    final_zxid_ = store_ ? store_->keeper().last_zxid() : session_->last_zxid();
    signals_.cancel();
    finder_.close();
    if (kept_) kept_->leave();
    if (session_) session_->leave();
    io_.stop();
  }

  // What --until asked for is there, though it is less than being in sync.
  bool leader_for_until() const {
    if (!options_.shared.until) return false;
    if (options_.shared.until->what == Until::What::kElected) return leader_.has_value();
    return options_.shared.until->what == Until::What::kState && state_ == ServerState::kObserving;
  }

  // ---- what is printed
  void write(Json record) {
    Json timed;
    timed["t"] = rfc3339(std::chrono::system_clock::now());
    timed.update(record);
    sink_.write(to_line(timed));
  }
  void write(const std::string& line) {
    sink_.write(rfc3339(std::chrono::system_clock::now()) + "  " + line + "\n");
  }

  void show(const learner::Effect& effect) {
    if (options_.shared.json) {
      if (auto record = effect_record(effect)) write(*std::move(record));
    } else if (const auto line = effect_line(effect)) {
      write(*line);
    }
  }

  void heard(const wire::HostPort& from, const peer::VoteAnswer& answer) {
    const wire::Notification& vote = answer.notification;
    reached_ = true;
    if (!options_.shared.json) return write(vote_line(from, vote));
    const auto sid = finder_.search().sid_at(from);
    write(Json{
        {"event", "notification"},
        {"dir", "in"},
        {"peer", sid ? Json(sid->value) : Json(nullptr)},
        {"address", wire::to_string(from)},
        {"state", wire::to_string(vote.state)},
        {"leader", vote.leader.value},
        {"zxid", to_hex(vote.zxid)},
        {"election_epoch", to_hex(vote.election_epoch)},
        {"peer_epoch", to_hex(vote.peer_epoch)},
        {"version", vote.version},
        {"config_version", answer.config ? Json(to_hex(answer.config->version)) : Json(nullptr)}});
  }

  void link_record(const std::string& what, const std::string& why, const std::string& remote) {
    if (options_.shared.json) {
      return write(Json{{"event", "link"},
                        {"peer", leader_->sid.value},
                        {"what", what},
                        {"why", why},
                        {"remote", remote}});
    }
    write(link_line(what, leader_->sid, remote, why));
  }

  void change_state(ServerState to, PeerEpoch epoch) {
    const ServerState from = state_;
    state_ = to;
    if (from == to) return;
    if (options_.shared.json) {
      return write(Json{{"event", "state"},
                        {"from", wire::to_string(from)},
                        {"to", wire::to_string(to)},
                        {"leader", leader_->sid.value},
                        {"election_epoch", to_hex(leader_->round)},
                        {"peer_epoch", to_hex(epoch)}});
    }
    write(event_column("state") + std::string(wire::to_string(to)) +
          (to == ServerState::kObserving ? " leader " + to_string(leader_->sid) + " of epoch " +
                                               to_hex(epoch) + ", as id " + to_string(sid_)
                                         : ""));
  }

  void summarize() {
    if (options_.shared.json) {
      Json record = {{"event", "summary"},
                     {"txns", txns_},
                     {"syncs", syncs_},
                     {"last_zxid", to_hex(final_zxid_)}};
      if (options_.digests) {
        record["digests_compared"] = observed().compared();
        record["digests_differing"] = observed().differences();
      }
      return write(record);
    }
    std::string text = std::to_string(txns_) + " transactions, " + std::to_string(syncs_) +
                       (syncs_ == 1 ? " sync" : " syncs") + ", last zxid " + to_hex(final_zxid_);
    if (options_.digests) {
      text += ", " + std::to_string(observed().compared()) + " digests compared, " +
              std::to_string(observed().differences()) + " of them differ";
    }
    write(event_column("summary") + text);
  }

  const JoinObserverOptions& options_;
  const Sid sid_;
  asio::io_context io_{1};  // one thread runs it
  std::shared_ptr<net::Resolver> resolver_;
  net::LeaderFinder finder_;
  std::optional<net::ObserverSession> session_;  // where nothing is kept
  std::optional<SeatStore> store_;               // with --data-dir
  std::optional<net::KeptSession> kept_;
  peer::ObservedTree tree_;  // with --digests
  asio::signal_set signals_;
  asio::steady_timer join_timer_;
  asio::steady_timer end_timer_;
  asio::steady_timer pause_timer_;
  net::OutputSink sink_;

  ServerState state_ = ServerState::kLooking;
  std::optional<peer::FoundLeader> leader_;  // the one followed last
  Duration pause_ = kFirstPause;
  bool reached_ = false;
  bool joined_ = false;
  bool stop_synced_ = false;
  bool stopped_ = false;
  std::string problem_;
  std::optional<ExitCode> code_;
  std::string error_;
  std::uint64_t txns_ = 0;
  std::uint64_t syncs_ = 0;
  Zxid final_zxid_;
};

}  // namespace

ExitCode join_observer(const JoinObserverOptions& options) {
  if (options.sid && (options.sid->value < 0 || *options.sid >= peer::kAskerId)) {
    throw UsageError("join: --sid " + to_string(*options.sid) + ": expected 0.." +
                     std::to_string(peer::kAskerId.value - 1));
  }
  const auto& until = options.shared.until;
  if (until && until->what == Until::What::kState && until->state != ServerState::kObserving) {
    throw UsageError("join: --until " + std::string(wire::to_string(until->state)) +
                     ": without --config only OBSERVING, elected or synced can be reached");
  }
  return JoinObserver(options).run();
}

}  // namespace zkprobe::tool
