#include "server.hpp"

#include <algorithm>
#include <exception>

#include "wire/describe.hpp"

namespace zkprobe::sim {

using election::LogPosition;

Server::Server(Environment& env, Invariants& invariants, Network& network, Channels& channels,
               Join join, const ServerPlan& plan)
    : env_(env),
      invariants_(invariants),
      network_(network),
      channels_(channels),
      join_(std::move(join)),
      plan_(plan),
      log_(plan.log),
      current_epoch_(plan.current_epoch),
      accepted_epoch_(plan.accepted_epoch),
      config_(env.scenario.config) {
  config_.version = plan.config_version;
}

void Server::trace(const std::string& text) const {
  if (env_.tracing) env_.trace("server " + to_string(plan_.sid), text);
}

bool Server::sabotaged(Sabotage kind) const {
  const Scenario& s = env_.scenario;
  return s.sabotage == kind && (!s.victim || *s.victim == plan_.sid);
}

LogPosition Server::position() const {
  return {log_.empty() ? Zxid(0) : log_.back(), current_epoch_};
}

LogPosition Server::told_position() const {
  LogPosition told = position();
  if (sabotaged(Sabotage::kUnderstate) || sabotaged(Sabotage::kWorstWins)) {
    told = {Zxid(0), PeerEpoch(0)};
  }
  if (sabotaged(Sabotage::kOverstate)) told.last_zxid.value += 1'000;
  return told;
}

wire::QuorumConfig Server::told_config() const {
  wire::QuorumConfig told = config_;
  if (sabotaged(Sabotage::kMinority)) {
    // Everybody but oneself and one other is an observer: two votes seem to be all.
    int kept = 0;
    for (wire::QuorumServer& server : told.servers) {
      if (server.type == wire::LearnerType::kObserver || server.sid == plan_.sid) continue;
      if (kept++ > 0) server.type = wire::LearnerType::kObserver;
    }
    told.groups.clear();
    told.weights.clear();
  }
  if (sabotaged(Sabotage::kObserver)) {
    for (wire::QuorumServer& server : told.servers) server.type = wire::LearnerType::kParticipant;
  }
  if (sabotaged(Sabotage::kZeroWeight)) {
    for (auto& [sid, weight] : told.weights) weight = weight == 0 ? 1 : weight;
  }
  return told;
}

void Server::later(Duration wait, std::uint64_t Server::*generation, std::function<void()> action) {
  const std::uint64_t life = life_;
  const std::uint64_t wanted = this->*generation;
  env_.schedule.after(wait, [this, life, generation, wanted, act = std::move(action)] {
    if (life != life_) return;
    auto checked = [this, generation, wanted, act] {
      if (this->*generation == wanted) act();
    };
    if (paused_) {
      after_pause_.emplace_back(checked);
    } else {
      checked();
    }
  });
}

// ---- life ---------------------------------------------------------------------------------------

void Server::start() {
  if (up_) return;
  up_ = true;
  ++life_;
  ++role_;
  trace("starts with epoch " + to_string(current_epoch_) + " zxid " + to_hex(position().last_zxid));
  network_.server_up(plan_.sid);
  make_machine();
  look();
}

void Server::crash() {
  if (!up_) return;
  trace("crashes");
  if (leading_) {
    for (const auto& [sid, learner] : leading_->learners) {
      channels_.close(learner.channel, plan_.sid);
    }
  }
  if (following_) channels_.close(following_->channel, plan_.sid);
  network_.server_down(plan_.sid);
  up_ = false;
  paused_ = false;
  ++life_;
  leading_.reset();
  following_.reset();
  machine_.reset();
  inbox_.clear();
  after_pause_.clear();
  processing_ = false;
  if (sabotaged(Sabotage::kForget)) {
    log_.clear();
    current_epoch_ = PeerEpoch(0);
    accepted_epoch_ = PeerEpoch(0);
  }
}

void Server::pause() {
  if (!up_ || paused_) return;
  trace("pauses");
  paused_ = true;
}

void Server::resume() {
  if (!up_ || !paused_) return;
  trace("resumes");
  paused_ = false;
  const std::uint64_t life = life_;
  while (life == life_ && !paused_ && !after_pause_.empty()) {
    auto action = std::move(after_pause_.front());
    after_pause_.pop_front();
    action();
  }
  process_inbox();
}

void Server::make_machine() {
  election::Settings settings;
  settings.self = plan_.sid;
  settings.dialect.release = plan_.release;
  settings.learner_type = plan_.observer && !sabotaged(Sabotage::kObserver)
                              ? wire::LearnerType::kObserver
                              : wire::LearnerType::kParticipant;
  settings.reconfig_enabled = plan_.reconfig_enabled;
  settings.declines = plan_.declines && !sabotaged(Sabotage::kAccept);
  if (plan_.release >= Release{3, 6, 0}) settings.max_interval = env_.scenario.max_interval;
  wire::QuorumConfig config = told_config();
  begun_ = false;
  machine_ = std::make_unique<election::Election>(settings, std::move(config));
}

void Server::look() {
  env_.counters.count("elections entered");
  looks_since_ = env_.now();
  invariants_.looks(plan_.sid, position(), log_);
  if (env_.scenario.config.oracle) read_oracle();
  begun_ = true;
  step(election::Look{told_position()});
}

// The oracle stays what it is; whether a leader needs it depends on its followers
// (QuorumOracleMaj.updateNeedOracle).
void Server::read_oracle() {
  bool needed = true;
  if (leading_) {
    for (const auto& [sid, learner] : leading_->learners) {
      if (learner.acked_newleader && !env_.scenario.plan(sid).observer) needed = false;
    }
  }
  step(election::OracleRead{plan_.oracle_says_yes, needed});
}

// ---- the machine --------------------------------------------------------------------------------

void Server::step(const election::Input& input) {
  election::Effects effects;
  try {
    if (sabotaged(Sabotage::kThrow) && std::holds_alternative<election::TimePassed>(input)) {
      throw std::runtime_error("sabotage");
    }
    effects = machine_->step(env_.now(), input);
  } catch (const std::exception& error) {
    invariants_.fail(invariant::kMachineContract,
                     "the step of server " + to_string(plan_.sid) + " throws " + error.what());
  }
  const std::uint64_t life = life_;
  for (const election::Effect& effect : effects) {
    apply(effect);
    if (life != life_) return;
  }
  arm_timer();
}

void Server::arm_timer() {
  ++timer_;
  if (!begun_) return;
  std::optional<Instant> deadline = machine_->deadline();
  if (sabotaged(Sabotage::kNoDeadline)) deadline.reset();
  const bool looks = machine_->state() == wire::ServerState::kLooking;
  if (looks && !deadline) {
    invariants_.fail(invariant::kMachineContract,
                     "server " + to_string(plan_.sid) + " looks and has no deadline");
  }
  if (!looks || sabotaged(Sabotage::kDeaf)) return;
  const Duration wait = std::max(Duration(0), *deadline - env_.now());
  later(wait, &Server::timer_,
        [this] { step(election::TimePassed{network_.have_delivered(plan_.sid)}); });
}

void Server::apply(const election::Effect& effect) {
  if (const auto* message = std::get_if<election::Send>(&effect)) {
    send(*message);
  } else if (std::holds_alternative<election::ConnectAll>(effect)) {
    env_.counters.count("connects to all");
    network_.connect_all(plan_.sid);
  } else if (const auto* end = std::get_if<election::Decided>(&effect)) {
    decided(*end);
  } else if (const auto* config = std::get_if<election::AdoptConfig>(&effect)) {
    adopt(*config);
  } else if (const auto* report = std::get_if<election::Report>(&effect)) {
    trace("  " + report->text);
  }
}

void Server::send(const election::Send& effect) {
  invariants_.sends(plan_.sid, effect.to, effect.notification,
                    sabotaged(Sabotage::kWorstWins) ? told_position() : position());
  if (env_.tracing) {
    trace("-> " + to_string(effect.to) + " " + wire::describe(effect.notification));
  }
  Packet packet{effect.payload, effect.notification};
  if (effect.to == plan_.sid) {
    receive(plan_.sid, packet);
  } else if (env_.scenario.config.find(effect.to) != nullptr) {
    network_.put(plan_.sid, effect.to, std::move(packet));
  }  // else: a stranger, who is not listening any more
}

void Server::adopt(const election::AdoptConfig& effect) {
  env_.counters.count("configurations adopted");
  trace("adopts configuration " + wire::describe(effect.config));
  if (effect.persist) config_ = effect.config;
  if (!effect.restart) return;
  // QuorumPeer.processReconfig: the election and its links are torn down and made anew.
  later(1ms, &Server::role_, [this] {
    network_.server_down(plan_.sid);
    network_.server_up(plan_.sid);
    inbox_.clear();
    make_machine();
    look();
  });
}

void Server::decided(const election::Decided& effect) {
  const quorum::CastVote& vote = effect.vote;
  trace("decides " + std::string(wire::to_string(effect.state)) + ": leader " +
        to_string(vote.vote.leader) + " round " + to_string(vote.round) + " zxid " +
        to_hex(vote.vote.zxid));
  env_.counters.count("decisions");
  env_.counters.time_to_decide.push_back(env_.now() - looks_since_);
  invariants_.decides(plan_.sid, effect, plan_.oracle_says_yes);
  if (effect.state == wire::ServerState::kLeading) {
    lead();
  } else {
    follow(vote.vote.leader);
  }
}

// ---- the election port --------------------------------------------------------------------------

void Server::receive(Sid from, const Packet& packet) {
  if (!up_) return;
  if (inbox_.size() >= kReceiveBound) {
    env_.counters.count("messages dropped from full receive queues");
    inbox_.pop_front();
  }
  inbox_.emplace_back(from, packet);
  process_inbox();
}

void Server::process_inbox() {
  if (processing_ || inbox_.empty() || !up_ || paused_) return;
  processing_ = true;
  later(env_.between(Duration(20), Duration(200)), &Server::life_, [this] {
    processing_ = false;
    handle_next();
    process_inbox();
  });
}

void Server::handle_next() {
  if (inbox_.empty()) return;
  auto [from, packet] = std::move(inbox_.front());
  inbox_.pop_front();
  if (env_.tracing) {
    trace("<- " + to_string(from) + " " + wire::describe(packet.said));
  }
  if (sabotaged(Sabotage::kCorruptVote) && from != plan_.sid) {
    // The leader's id, bytes 4 to 11: one's own.
    for (std::size_t i = 0; i < 8; ++i) {
      packet.payload[4 + i] = static_cast<std::uint8_t>(plan_.sid.value >> (56 - 8 * i));
    }
  }
  if (machine_->state() == wire::ServerState::kLooking) {
    invariants_.hears(plan_.sid, from, packet.said);
  }
  step(election::Received{from, std::move(packet.payload)});
}

// ---- what it is doing ---------------------------------------------------------------------------

std::optional<Sid> Server::serves_under() const {
  if (!up_ || paused_) return std::nullopt;
  if (leading_ && leading_->phase == Leading::Phase::kBroadcast) return plan_.sid;
  if (following_ && following_->synced && channels_.alive(following_->channel)) {
    return following_->leader;
  }
  return std::nullopt;
}

std::string Server::text() const {
  std::string what = "server " + to_string(plan_.sid) + " (" + zkprobe::to_string(plan_.release) +
                     (plan_.observer ? ", observer" : "") + (plan_.declines ? ", declines" : "") +
                     ") ";
  if (!up_) return what + "is down";
  if (paused_) what += "paused, ";
  if (leading_) {
    what += leading_->phase == Leading::Phase::kBroadcast ? "leads" : "tries to lead";
  } else if (following_) {
    what += (following_->synced ? "follows " : "tries to follow ") + to_string(following_->leader);
  } else {
    const quorum::CastVote vote = machine_->current_vote();
    what += "looks in round " + to_string(machine_->round()) + ", votes for " +
            to_string(vote.vote.leader);
  }
  return what + "; epoch " + to_string(current_epoch_) + " zxid " + to_hex(position().last_zxid);
}

}  // namespace zkprobe::sim
