#include "election/election.hpp"

#include <utility>

namespace zkprobe::election {

using quorum::CastVote;
using quorum::SidSet;
using quorum::Vote;
using wire::ServerState;

Election::Election(Settings settings, wire::QuorumConfig committed,
                   std::optional<wire::QuorumConfig> last_seen)
    : settings_(std::move(settings)),
      rules_(rules_of(settings_.dialect.release)),
      committed_(wire::QuorumConfig{}) {
  hold_config(std::move(committed), std::move(last_seen));
}

Effects Election::step(Instant now, const Input& input) {
  Step step{now, {}};
  std::visit([&](const auto& event) { on(step, event); }, input);
  return std::move(step.effects);
}

std::optional<Instant> Election::deadline() const {
  if (phase_ == Phase::kIdle) return std::nullopt;
  return deadline_;
}

CastVote Election::current_vote() const {
  if (state_ != ServerState::kLooking && current_) return *current_;
  return {proposal_, round_, ServerState::kLooking, 0};
}

SidSet Election::audience() const {
  SidSet everyone = committed_.voters();
  if (last_seen_) everyone.insert(last_seen_->voters().begin(), last_seen_->voters().end());
  return everyone;
}

bool Election::is_voter(Sid sid) const {
  return committed_.is_voter(sid) || (last_seen_ && last_seen_->is_voter(sid));
}

bool Election::is_member(Sid sid) const {
  return committed_.is_member(sid) || (last_seen_ && last_seen_->is_member(sid));
}

void Election::on(Step& step, const Look& look) {
  own_ = look.own;
  if (!rules_.knows_peer_epoch) own_.peer_epoch = epoch_of(own_.last_zxid);
  state_ = ServerState::kLooking;
  phase_ = Phase::kPolling;
  before_epoch_.reset();
  received_.clear();
  established_.clear();
  last_agreed_.clear();
  abstained_from_.clear();
  interval_ = settings_.min_interval;
  // A round that a peer drove to the end of the range wraps, as Java's long does.
  round_ = ElectionRound(static_cast<std::int64_t>(static_cast<std::uint64_t>(round_.value) + 1U));
  proposal_ = initial_proposal();
  if (!current_) current_ = CastVote{first_vote(), round_, ServerState::kLooking, 0};
  report(step, Report::Kind::kRound, settings_.self, "round " + to_hex(round_) + " begins");
  notify_all(step);
  restart_poll(step.now);
}

void Election::on(Step& step, const EpochSettled& settled) {
  if (!rules_.settles_epoch || state_ == ServerState::kLooking || !current_) return;
  before_epoch_ = current_->vote;
  current_->vote.peer_epoch = settled.epoch;
  report(step, Report::Kind::kProposal, settings_.self,
         "the vote speaks for epoch " + to_hex(settled.epoch) + " from now on");
}

void Election::on(Step& step, const ConfigChanged& changed) {
  const bool newer = changed.committed.version > committed_.version();
  hold_config(changed.committed, changed.last_seen);
  if (newer) update_learner_type();
  report(step, Report::Kind::kConfig, settings_.self,
         "holds configuration " + to_hex(committed_.version()));
}

void Election::on(Step&, const OracleRead& read) {
  committed_.set_oracle(read.says_yes, read.needed);
  if (last_seen_) last_seen_->set_oracle(read.says_yes, read.needed);
}

void Election::on(Step& step, const AskLeader&) {
  if (!current_ || (state_ != ServerState::kFollowing && state_ != ServerState::kObserving)) return;
  const Vote below_all{PeerEpoch::min(), Zxid::min(), settings_.self};
  send(step, current_->vote.leader,
       notification(ServerState::kLooking, below_all, ElectionRound(0)));
}

wire::Notification Election::notification(ServerState state, const Vote& vote,
                                          ElectionRound round) const {
  wire::Notification message;
  message.state = state;
  message.leader = vote.leader;
  message.zxid = vote.zxid;
  message.election_epoch = round;
  message.peer_epoch = vote.peer_epoch;
  switch (settings_.dialect.notification()) {
    case wire::NotificationForm::kBytes28:
    case wire::NotificationForm::kBytes36:
      break;
    case wire::NotificationForm::kBytes40:
      message.version = 1;
      break;
    case wire::NotificationForm::kConfig:
      message.version = 2;
      message.config = committed_text_;
      break;
  }
  return message;
}

void Election::send(Step& step, Sid to, wire::Notification message) const {
  Bytes payload = wire::encode(message, settings_.dialect.notification());
  step.effects.push_back(Send{to, std::move(message), std::move(payload)});
}

void Election::notify_all(Step& step) const {
  const wire::Notification message = notification(ServerState::kLooking, proposal_, round_);
  const Bytes payload = wire::encode(message, settings_.dialect.notification());
  for (const Sid sid : audience()) step.effects.push_back(Send{sid, message, payload});
}

void Election::report(Step& step, Report::Kind kind, Sid about, std::string text) const {
  step.effects.push_back(Report{kind, about, std::move(text)});
}

}  // namespace zkprobe::election
