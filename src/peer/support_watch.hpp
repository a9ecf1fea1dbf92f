// Does a quorum still want us as its leader? Among zkprobe peers the followers ask their leader
// every tick (leader_watch.hpp); who asked lately supports it.
#pragma once

#include <map>

#include "base/ids.hpp"
#include "base/time.hpp"
#include "quorum/quorum_verifier.hpp"
#include "wire/notification.hpp"

namespace zkprobe::peer {

// A question, not a vote: LOOKING in round 0, in which no server ever votes.
bool is_question(const wire::Notification& notification);

class SupportWatch {
 public:
  // The quorum must stand within `first_patience` (initLimit ticks) and then never be without a
  // question for `patience` (syncLimit ticks).
  SupportWatch(Instant now, Sid self, Duration tick, Duration first_patience, Duration patience);

  void asked(Instant now, Sid by);
  bool has_quorum(Instant now, const quorum::QuorumVerifier& verifier) const;

  enum class Verdict { kWaits, kStands, kLost };
  // Looks once a tick; `deadline` says when.
  Verdict time_passed(Instant now, const quorum::QuorumVerifier& verifier);
  Instant deadline() const { return next_look_; }
  // A quorum has stood once.
  bool established() const { return established_; }
  void establish() { established_ = true; }

 private:
  Sid self_;
  Duration tick_;
  Duration patience_;
  Instant first_deadline_;
  Instant next_look_;
  bool established_ = false;
  std::map<Sid, Instant> last_question_;
};

}  // namespace zkprobe::peer
