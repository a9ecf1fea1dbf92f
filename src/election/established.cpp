// Answers of servers that follow or lead already. Java: the FOLLOWING and LEADING branches of
// FastLeaderElection.lookForLeader, checkLeader, receivedLeadingNotification.
#include "election/describe.hpp"
#include "election/election.hpp"

namespace zkprobe::election {

using quorum::CastVote;
using wire::ServerState;

void Election::consider_established(Step& step, Sid from, const CastVote& cast) {
  if (!may_lead(cast.vote)) {
    report(step, Report::Kind::kDeclined, from,
           "says that " + describe(cast.vote) + " leads, which we never conclude on");
    return;
  }
  if (accept_in_round(step, from, cast) || accept_in_any_round(step, from, cast) ||
      accept_by_oracle(step, from, cast)) {
    return;
  }
  report(step, Report::Kind::kIgnored, from,
         std::string(wire::to_string(cast.state)) + " for " + describe(cast.vote) + " in round " +
             to_hex(cast.round) + " is not enough yet");
}

// The sender's election was the one that we are in.
bool Election::accept_in_round(Step& step, Sid from, const CastVote& cast) {
  if (cast.round != round_) return false;
  received_[from] = {cast.vote, cast.round,
                     rules_.keeps_state_in_round ? cast.state : ServerState::kLooking, 0};
  const bool trusted = rules_.trusts_leading_in_round && cast.state == ServerState::kLeading;
  if (!trusted) {
    const Votes& word = rules_.keeps_state_in_round ? received_ : established_;
    if (!tally(received_, cast).has_all_quorums() || !leader_confirmed(word, cast)) return false;
  }
  report(step, Report::Kind::kQuorum, from, "a leader is established in our round");
  conclude(step, cast);
  return true;
}

// The sender's ensemble was there before we began to look: we join it, and its round.
bool Election::accept_in_any_round(Step& step, Sid from, const CastVote& cast) {
  CastVote compared = cast;
  if (rules_.blanks_numbers_outside_round) {
    compared.vote.zxid = Zxid(-1);
    compared.round = ElectionRound(-1);
  }
  established_[from] = compared;
  if (!tally(established_, compared).has_all_quorums()) return false;
  if (!leader_confirmed(established_, compared)) return false;
  round_ = cast.round;
  report(step, Report::Kind::kQuorum, from, "a leader is established");
  conclude(step, cast);
  return true;
}

// Two voters and an oracle that does not name us: the one that leads is followed.
bool Election::accept_by_oracle(Step& step, Sid from, const CastVote& cast) {
  if (!rules_.knows_oracle || !committed_.config().oracle) return false;
  if (cast.state != ServerState::kLeading) return false;
  if (!committed_.oracle_needed() || committed_.oracle_says_yes()) return false;
  if (cast.vote.leader == settings_.self) return false;
  report(step, Report::Kind::kQuorum, from, "the oracle does not name us: the leader is followed");
  conclude(step, cast);
  return true;
}

// checkLeader: the leader itself must have said that it leads; and if it is us, the votes must be
// of our round.
bool Election::leader_confirmed(const Votes& votes, const CastVote& cast) const {
  if (cast.vote.leader == settings_.self) return !rules_.checks_own_round || cast.round == round_;
  const auto word = votes.find(cast.vote.leader);
  return word != votes.end() && word->second.state == ServerState::kLeading;
}

}  // namespace zkprobe::election
