#include "peer/peer.hpp"

#include <algorithm>
#include <utility>

namespace zkprobe::peer {

using wire::ServerState;

Peer::Peer(PeerSettings settings, wire::QuorumConfig committed,
           std::optional<wire::QuorumConfig> last_seen)
    : settings_(std::move(settings)),
      committed_(std::move(committed)),
      last_seen_(std::move(last_seen)),
      election_(settings_.election, committed_, last_seen_),
      highest_epoch_(settings_.log.peer_epoch) {}

Effects Peer::step(Instant now, const Input& input) {
  Step step{now, {}};
  std::visit([&](const auto& event) { on(step, event); }, input);
  return std::move(step.effects);
}

std::optional<Instant> Peer::deadline() const {
  if (!started_) return std::nullopt;
  if (pause_end_) return pause_end_;
  if (leader_watch_) return leader_watch_->deadline();
  if (support_watch_) return support_watch_->deadline();
  return election_.deadline();
}

std::optional<Sid> Peer::leader() const {
  if (state_ == ServerState::kLooking) return std::nullopt;
  return election_.current_vote().vote.leader;
}

void Peer::on(Step& step, const Start&) {
  started_ = true;
  pause_end_.reset();
  look(step);
}

void Peer::on(Step& step, const Received& received) {
  if (pause_end_) {
    wait(received.from, received.payload);
    return;
  }
  looks_anew_ = false;
  run_election(step, received);
  if (looks_anew_) {
    missed_[received.from] = {step.now, received.payload};
  } else {
    missed_.erase(received.from);
  }
  if (!loss_) return;
  // The message that ended the role belongs to the election that begins now.
  wait(received.from, received.payload);
  lose_role(step, *std::exchange(loss_, std::nullopt));
}

void Peer::on(Step& step, const TimePassed& passed) {
  if (!started_) return;
  if (pause_end_) {
    if (step.now < *pause_end_) return;
    pause_end_.reset();
    look(step);
    return;
  }
  if (leader_watch_) {
    const auto due = leader_watch_->time_passed(step.now);
    if (due.ask) run_election(step, election::AskLeader{});
    if (due.expired) {
      lose_role(step,
                "server " + to_string(leader_watch_->leader()) + " does not say that it leads");
    }
    return;
  }
  if (support_watch_) {
    const auto verdict = support_watch_->time_passed(step.now, election_.verifier());
    if (verdict == SupportWatch::Verdict::kLost) lose_role(step, "no quorum asks for this leader");
    if (verdict == SupportWatch::Verdict::kStands) establish(step);
    return;
  }
  const auto due = election_.deadline();
  if (due && step.now >= *due) run_election(step, passed);
}

void Peer::on(Step& step, const Synced& synced) {
  if (state_ == ServerState::kLooking) return;
  settle_epoch(step, synced.epoch);
}

void Peer::on(Step& step, const LeaderLost& lost) {
  if (state_ == ServerState::kLooking || !settings_.has_learner) return;
  lose_role(step, lost.why);
}

void Peer::on(Step&, const LogMoved& moved) { settings_.log = moved.log; }

void Peer::on(Step& step, const ConfigChanged& changed) {
  committed_ = changed.committed;
  last_seen_ = changed.last_seen;
  run_election(step, changed);
}

void Peer::on(Step& step, const OracleRead& read) { run_election(step, read); }

void Peer::run_election(Step& step, const election::Input& input) {
  for (election::Effect& effect : election_.step(step.now, input)) {
    if (const auto* decided = std::get_if<election::Decided>(&effect)) {
      take(step, *decided);
    } else if (const auto* adopt = std::get_if<election::AdoptConfig>(&effect)) {
      take(step, *adopt);
    } else if (const auto* heard = std::get_if<election::Heard>(&effect)) {
      step.effects.emplace_back(*heard);
      take(step, *heard);
    } else if (auto* send = std::get_if<election::Send>(&effect)) {
      step.effects.emplace_back(std::move(*send));
    } else if (auto* report = std::get_if<election::Report>(&effect)) {
      step.effects.emplace_back(std::move(*report));
    } else {
      step.effects.emplace_back(ConnectAll{});
    }
  }
}

void Peer::take(Step& step, const election::Decided& decided) {
  settled_.reset();
  missed_.clear();
  highest_epoch_ = std::max(highest_epoch_, decided.vote.vote.peer_epoch);
  const Duration patience = this->patience();
  if (decided.state == ServerState::kLeading) {
    support_watch_.emplace(step.now, settings_.election.self, settings_.tick,
                           settings_.tick * settings_.init_limit, patience);
  } else if (!settings_.has_learner) {
    leader_watch_.emplace(step.now, decided.vote.vote.leader, decided.vote.round, settings_.tick,
                          patience);
  }
  change_state(step, decided.state, "the election decided so");
}

void Peer::take(Step& step, const election::AdoptConfig& adopt) {
  if (adopt.persist) {
    committed_ = adopt.config;
    if (!adopt.restart) step.effects.emplace_back(ConfigTaken{committed_});
  }
  if (!adopt.restart) return;
  // A configuration that is not taken comes again with the next vote: that is an attempt that
  // fails.
  if (!adopt.persist) {
    begin_pause(step);
    return;
  }
  started_ = false;
  step.effects.emplace_back(RestartLinks{committed_, last_seen_});
}

void Peer::take(Step& step, const election::Heard& heard) {
  const wire::Notification& notification = heard.notification;
  if (election_.verifier().is_voter(heard.from)) {
    highest_epoch_ = std::max(highest_epoch_, notification.peer_epoch);
    const bool follows = state_ == ServerState::kFollowing || state_ == ServerState::kObserving;
    looks_anew_ = follows && notification.state == ServerState::kLooking &&
                  notification.election_epoch > election_.round();
  }
  if (leader_watch_ && heard.from == leader_watch_->leader()) {
    heard_from_leader(step, notification);
  } else if (support_watch_ && is_question(notification)) {
    heard_question(step, heard.from);
  }
}

void Peer::heard_from_leader(Step& step, const wire::Notification& notification) {
  const auto judgement = leader_watch_->heard(step.now, notification);
  switch (judgement.verdict) {
    case LeaderWatch::Verdict::kWaits:
      return;
    case LeaderWatch::Verdict::kLost:
      loss_ = judgement.why;
      return;
    case LeaderWatch::Verdict::kLeads:
      if (settled_ != notification.peer_epoch) settle_epoch(step, notification.peer_epoch);
      return;
  }
}

void Peer::heard_question(Step& step, Sid from) {
  support_watch_->asked(step.now, from);
  if (support_watch_->has_quorum(step.now, election_.verifier())) establish(step);
}

// A quorum stands behind us: the new epoch begins.
void Peer::establish(Step& step) {
  if (support_watch_->established()) return;
  support_watch_->establish();
  // A vote at the end of the range wraps, as Java's long does.
  settle_epoch(
      step,
      PeerEpoch(static_cast<std::int64_t>(static_cast<std::uint64_t>(highest_epoch_.value) + 1U)));
}

void Peer::settle_epoch(Step& step, PeerEpoch epoch) {
  settled_ = epoch;
  next_pause_ = kFirstPause;
  highest_epoch_ = std::max(highest_epoch_, epoch);
  // Who declines holds no data of that epoch, and does not say so either.
  if (!settings_.election.declines && !settings_.has_learner) settings_.log.peer_epoch = epoch;
  const bool renewed = epoch != election_.current_vote().vote.peer_epoch;
  if (renewed) run_election(step, election::EpochSettled{epoch});
  step.effects.emplace_back(Established{election_.current_vote().vote.leader, epoch, renewed});
}

void Peer::look(Step& step) {
  run_election(step, election::Look{settings_.log});
  for (auto& [from, payload] : std::exchange(waiting_, {})) {
    if (pause_end_ || !started_) break;  // one of them began the election anew
    run_election(step, election::Received{from, std::move(payload)});
  }
}

void Peer::lose_role(Step& step, const std::string& why) {
  const bool confirmed = std::exchange(settled_, std::nullopt).has_value();
  leader_watch_.reset();
  support_watch_.reset();
  for (auto& [from, vote] : std::exchange(missed_, {})) {
    if (step.now - vote.heard > patience()) continue;
    if (waiting_.size() < kMaxWaiting) waiting_.try_emplace(from, std::move(vote.payload));
  }
  change_state(step, ServerState::kLooking, why);
  if (confirmed) {
    look(step);
  } else {
    begin_pause(step);
  }
}

void Peer::wait(Sid from, const Bytes& payload) {
  if (waiting_.size() < kMaxWaiting || waiting_.contains(from)) waiting_[from] = payload;
}

void Peer::begin_pause(Step& step) {
  pause_end_ = step.now + next_pause_;
  next_pause_ = std::min(next_pause_ * 2, kLongestPause);
}

void Peer::change_state(Step& step, ServerState to, std::string why) {
  StateChanged changed;
  changed.from = std::exchange(state_, to);
  changed.to = to;
  const quorum::CastVote vote = election_.current_vote();
  if (to != ServerState::kLooking) changed.leader = vote.vote.leader;
  changed.round = election_.round();
  changed.peer_epoch = vote.vote.peer_epoch;
  changed.why = std::move(why);
  step.effects.emplace_back(std::move(changed));
}

}  // namespace zkprobe::peer
