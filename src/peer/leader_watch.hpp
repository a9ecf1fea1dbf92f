// Does the server that we follow still lead? Without a link to its learner port (election-only) it
// is asked again every tick over the election port, with a question that changes nothing there
// (election::AskLeader), and its answers are judged here.
#pragma once

#include <string>

#include "base/ids.hpp"
#include "base/time.hpp"
#include "wire/notification.hpp"

namespace zkprobe::peer {

class LeaderWatch {
 public:
  // `round`: of the election that made it the leader. `patience`: how long it may stay silent
  // (syncLimit ticks).
  LeaderWatch(Instant now, Sid leader, ElectionRound round, Duration tick, Duration patience);

  enum class Verdict { kLeads, kWaits, kLost };
  struct Judgement {
    Verdict verdict = Verdict::kWaits;
    std::string why;  // for kLost
  };
  // What the leader sent. Until it has confirmed once, its LOOKING of the same round is its last
  // word before the election ended for it too; another round, or LOOKING later, is a new election.
  Judgement heard(Instant now, const wire::Notification& notification);

  // When time_passed() is due.
  Instant deadline() const;
  struct Due {
    bool ask = false;
    bool expired = false;  // no confirmation within the patience
  };
  Due time_passed(Instant now);

  Sid leader() const { return leader_; }
  bool confirmed() const { return confirmed_; }

 private:
  Sid leader_;
  ElectionRound round_;
  Duration tick_;
  Duration patience_;
  bool confirmed_ = false;
  Instant last_sign_;  // of the decision, later of the last confirmation
  Instant next_question_;
};

}  // namespace zkprobe::peer
