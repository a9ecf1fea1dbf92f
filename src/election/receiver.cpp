// What is answered at once, whatever the election itself does with a message. Java:
// FastLeaderElection.Messenger.WorkerReceiver.run.
#include <algorithm>
#include <utility>

#include "base/excerpt.hpp"
#include "election/election.hpp"

namespace zkprobe::election {

using quorum::Vote;
using wire::ServerState;

void Election::on(Step& step, const Received& received) {
  if (state_ == ServerState::kLooking && phase_ == Phase::kIdle) {
    report(step, Report::Kind::kIgnored, received.from, "no election has begun");
    return;
  }
  const bool stranger = !is_voter(received.from);
  if (stranger && rules_.answers_strangers_unread) {
    answer_stranger(step, received.from);
    return;
  }
  auto decoded = wire::decode_notification(received.payload, settings_.dialect);
  if (!decoded) {
    const BytesView payload(received.payload);
    const std::size_t at = std::min(decoded.error().offset, payload.size());
    report(step, Report::Kind::kBytes, received.from,
           to_string(decoded.error()) + "; bytes there: " + excerpt(payload.subspan(at)));
    // Java reads the number of the state after it has answered who has no vote.
    if (stranger && decoded.error().field == "state") answer_stranger(step, received.from);
    return;
  }
  if (!rules_.knows_peer_epoch) decoded->peer_epoch = epoch_of(decoded->zxid);
  step.effects.push_back(Heard{received.from, *decoded});
  receive(step, received.from, *decoded);
}

void Election::receive(Step& step, Sid from, const wire::Notification& notification) {
  if (rules_.exchanges_configs && notification.config &&
      consider_config(step, from, *notification.config)) {
    return;
  }
  if (!is_voter(from)) {
    answer_stranger(step, from);
    return;
  }
  const bool sender_looks = notification.state == ServerState::kLooking;
  if (state_ != ServerState::kLooking) {
    if (sender_looks) answer_looking(step, from, notification.version);
    return;
  }
  if (sender_looks && notification.election_epoch < round_) {
    answer_lagging(step, from, notification.election_epoch);
  }
  consider(step, from, notification);
}

void Election::answer_stranger(Step& step, Sid to) {
  if (!current_) return;
  report(step, Report::Kind::kAnswer, to, "has no vote here: is told ours");
  send(step, to, notification(state_, current_->vote, round_));
}

void Election::answer_lagging(Step& step, Sid to, ElectionRound their_round) {
  report(step, Report::Kind::kAnswer, to,
         "is in round " + to_hex(their_round) + ", behind ours: is told our proposal");
  send(step, to, notification(ServerState::kLooking, proposal_, round_));
}

void Election::answer_looking(Step& step, Sid to, std::int32_t version) {
  if (!current_) return;
  Vote vote = current_->vote;
  if (rules_.answers_old_versions_with_old_epoch && version <= 0 && before_epoch_) {
    vote = *before_epoch_;
  }
  ElectionRound round = rules_.answers_with_clock ? round_ : current_->round;
  if (rules_.forgets_round) round = ElectionRound(-1);
  report(step, Report::Kind::kAnswer, to, "looks for a leader: is told ours");
  send(step, to, notification(state_, vote, round));
}

}  // namespace zkprobe::election
