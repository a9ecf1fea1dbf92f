#include "peer/leader_watch.hpp"

#include <algorithm>

namespace zkprobe::peer {

using wire::ServerState;

LeaderWatch::LeaderWatch(Instant now, Sid leader, ElectionRound round, Duration tick,
                         Duration patience)
    : leader_(leader),
      round_(round),
      tick_(tick),
      patience_(patience),
      last_sign_(now),
      next_question_(now + tick) {}

LeaderWatch::Judgement LeaderWatch::heard(Instant now, const wire::Notification& notification) {
  if (notification.state == ServerState::kLeading && notification.leader == leader_) {
    confirmed_ = true;
    last_sign_ = now;
    return {Verdict::kLeads, ""};
  }
  if (notification.state != ServerState::kLooking) {
    return {Verdict::kLost, "server " + to_string(leader_) + " is " +
                                std::string(wire::to_string(notification.state)) + " " +
                                to_string(notification.leader)};
  }
  if (!confirmed_ && notification.election_epoch <= round_) return {};
  return {Verdict::kLost, "server " + to_string(leader_) + " looks for a leader again"};
}

Instant LeaderWatch::deadline() const { return std::min(next_question_, last_sign_ + patience_); }

LeaderWatch::Due LeaderWatch::time_passed(Instant now) {
  Due due;
  due.expired = now >= last_sign_ + patience_;
  due.ask = !due.expired && now >= next_question_;
  if (due.ask) next_question_ = now + tick_;
  return due;
}

}  // namespace zkprobe::peer
