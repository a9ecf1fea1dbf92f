#include "peer/support_watch.hpp"

namespace zkprobe::peer {

bool is_question(const wire::Notification& notification) {
  return notification.state == wire::ServerState::kLooking &&
         notification.election_epoch == ElectionRound(0);
}

SupportWatch::SupportWatch(Instant now, Sid self, Duration tick, Duration first_patience,
                           Duration patience)
    : self_(self),
      tick_(tick),
      patience_(patience),
      first_deadline_(now + first_patience),
      next_look_(now + tick) {}

void SupportWatch::asked(Instant now, Sid by) { last_question_[by] = now; }

bool SupportWatch::has_quorum(Instant now, const quorum::QuorumVerifier& verifier) const {
  quorum::SidSet supporters{self_};
  for (const auto& [sid, at] : last_question_) {
    if (now - at < patience_) supporters.insert(sid);
  }
  return verifier.contains_quorum(supporters);
}

SupportWatch::Verdict SupportWatch::time_passed(Instant now,
                                                const quorum::QuorumVerifier& verifier) {
  if (now < next_look_) return Verdict::kWaits;
  next_look_ = now + tick_;
  if (has_quorum(now, verifier)) return Verdict::kStands;
  return established_ || now >= first_deadline_ ? Verdict::kLost : Verdict::kWaits;
}

}  // namespace zkprobe::peer
