// The loop of FastLeaderElection.lookForLeader: polls, votes of servers that look as well, and the
// wait once a quorum agrees.
#include <algorithm>

#include "election/describe.hpp"
#include "election/election.hpp"

namespace zkprobe::election {

using quorum::CastVote;
using quorum::SidSet;
using quorum::Vote;
using wire::ServerState;

void Election::on(Step& step, const TimePassed& passed) {
  if (phase_ == Phase::kIdle || step.now < deadline_) return;
  if (phase_ == Phase::kSettling) {
    conclude(step, {proposal_, round_, ServerState::kLooking, 0});
    return;
  }
  if (passed.have_delivered) {
    notify_all(step);
  } else {
    step.effects.push_back(ConnectAll{});
  }
  interval_ = std::min(interval_ * 2, settings_.max_interval);
  restart_poll(step.now);
  recheck_with_oracle(step);
}

void Election::recheck_with_oracle(Step& step) {
  if (!rules_.knows_oracle || !committed_.config().oracle) return;
  if (last_agreed_.empty() || interval_ == settings_.min_interval || !may_lead(proposal_)) return;
  quorum::Tally again(committed_, last_seen_ ? &*last_seen_ : nullptr);
  for (const Sid sid : last_agreed_) again.add(sid);
  if (!again.has_all_quorums()) return;
  report(step, Report::Kind::kQuorum, settings_.self, "the oracle grants the quorum");
  conclude(step, {proposal_, round_, ServerState::kLooking, 0});
}

void Election::consider(Step& step, Sid from, const wire::Notification& notification) {
  const CastVote cast{{notification.peer_epoch, notification.zxid, notification.leader},
                      notification.election_epoch,
                      notification.state,
                      notification.version};
  if (phase_ == Phase::kSettling && settles_on(step, from, cast.vote)) return;
  restart_poll(step.now);
  if (rules_.checks_candidate && !is_voter(cast.vote.leader)) {
    report(step, Report::Kind::kIgnored, from,
           "votes for " + to_string(cast.vote.leader) + ", who is no voter");
    return;
  }
  switch (cast.state) {
    case ServerState::kLooking:
      consider_looking(step, from, cast);
      break;
    case ServerState::kFollowing:
    case ServerState::kLeading:
      consider_established(step, from, cast);
      break;
    case ServerState::kObserving:
      report(step, Report::Kind::kIgnored, from, "observes");
      break;
  }
}

// While settling only a better vote is looked at; all else is thrown away, whatever it says.
// False: there is a better one, the loop goes on with it.
bool Election::settles_on(Step& step, Sid from, const Vote& vote) {
  if (wins(vote, proposal_)) {
    report(step, Report::Kind::kQuorum, from, "a better vote came, the quorum no longer counts");
    phase_ = Phase::kPolling;
    return false;
  }
  report(step, Report::Kind::kIgnored, from, "a quorum agrees already");
  deadline_ = step.now + kFinalizeWait;
  return true;
}

void Election::consider_looking(Step& step, Sid from, const CastVote& cast) {
  if (rules_.ignores_unknown_zxid) {
    if (initial_proposal().zxid == Zxid(-1)) {
      report(step, Report::Kind::kIgnored, from, "our own zxid is -1");
      return;
    }
    if (cast.vote.zxid == Zxid(-1)) {
      report(step, Report::Kind::kIgnored, from, "votes for a zxid of -1");
      return;
    }
  }
  if (!follow_round(step, from, cast)) return;
  received_[from] = {cast.vote, cast.round, ServerState::kLooking, 0};
  check_quorum(step);
}

// Takes over a higher round or a better vote, and tells everyone. False: the round is behind ours.
bool Election::follow_round(Step& step, Sid from, const CastVote& cast) {
  if (cast.round < round_) {
    report(step, Report::Kind::kIgnored, from,
           "its round " + to_hex(cast.round) + " is behind ours, " + to_hex(round_));
    return false;
  }
  const bool new_round = cast.round > round_;
  const Vote standing = new_round ? initial_proposal() : proposal_;
  const bool better = wins(cast.vote, standing);
  const bool adopts = better && supports(cast.vote);
  if (better && !adopts) abstain_from(step, from, cast.vote);
  if (new_round) {
    round_ = cast.round;
    received_.clear();
    report(step, Report::Kind::kRound, from, "round " + to_hex(round_) + " is taken over");
  }
  if (!new_round && !adopts) return true;
  proposal_ = adopts ? cast.vote : standing;
  report(step, Report::Kind::kProposal, from, "we propose " + describe(proposal_));
  notify_all(step);
  return true;
}

void Election::check_quorum(Step& step) {
  const CastVote proposal{proposal_, round_, ServerState::kLooking, 0};
  last_agreed_ = agreeing(received_, proposal);
  if (rules_.all_voted_ends_the_round && received_.size() == committed_.voters().size() &&
      committed_.weight(proposal_.leader) != 0 && may_lead(proposal_)) {
    report(step, Report::Kind::kQuorum, settings_.self, "all have voted");
    conclude(step, proposal);
    return;
  }
  quorum::Tally counted(committed_, last_seen_ ? &*last_seen_ : nullptr);
  for (const Sid sid : last_agreed_) counted.add(sid);
  if (!counted.has_all_quorums()) return;
  if (!may_lead(proposal_)) {
    report(step, Report::Kind::kDeclined, settings_.self,
           "a quorum agrees with " + describe(proposal_) + ", which we never conclude on");
    return;
  }
  report(step, Report::Kind::kQuorum, settings_.self,
         "a quorum agrees with " + describe(proposal_));
  phase_ = Phase::kSettling;
  deadline_ = step.now + kFinalizeWait;
}

void Election::conclude(Step& step, const CastVote& cast) {
  const bool leads = cast.vote.leader == settings_.self;
  const bool observes = settings_.learner_type == wire::LearnerType::kObserver;
  state_ = leads ? ServerState::kLeading
                 : (observes ? ServerState::kObserving : ServerState::kFollowing);
  phase_ = Phase::kIdle;
  current_ = CastVote{cast.vote, cast.round, state_, 0};
  report(step, Report::Kind::kDecided, settings_.self,
         std::string(wire::to_string(state_)) + ", leader " + to_string(cast.vote.leader));
  step.effects.push_back(Decided{state_, *current_});
}

// An observer has nothing to decline; a configuration may make it a participant.
bool Election::declines() const {
  return settings_.declines && settings_.learner_type == wire::LearnerType::kParticipant;
}

// FastLeaderElection.getInitId, getInitLastLoggedZxid, getPeerEpoch.
Vote Election::initial_proposal() const {
  if (declines()) return {PeerEpoch::min(), Zxid::min(), settings_.self};
  const bool participates = settings_.learner_type == wire::LearnerType::kParticipant;
  const bool names_itself =
      rules_.exchanges_configs ? committed_.is_voter(settings_.self) : participates;
  return {participates ? own_.peer_epoch : PeerEpoch::min(),
          participates ? own_.last_zxid : Zxid::min(), names_itself ? settings_.self : Sid::min()};
}

// What strangers are told until the first election is over (QuorumPeer.startLeaderElection).
Vote Election::first_vote() const {
  if (declines()) return initial_proposal();
  return {own_.peer_epoch, own_.last_zxid, settings_.self};
}

// Whom an election may end with. An observer never leads; a declining voter neither, and it does
// not follow another one's first proposal.
bool Election::may_lead(const Vote& candidate) const {
  const bool never_leads =
      settings_.declines || settings_.learner_type == wire::LearnerType::kObserver;
  if (never_leads && candidate.leader == settings_.self) return false;
  return !settings_.declines || candidate.peer_epoch >= PeerEpoch(0);
}

// A declining voter supports a candidate only if it holds all that we hold.
bool Election::supports(const Vote& candidate) const {
  if (!declines()) return true;
  if (!may_lead(candidate) || !is_voter(candidate.leader)) return false;
  if (candidate.peer_epoch != own_.peer_epoch) return candidate.peer_epoch > own_.peer_epoch;
  // (epoch, 0) is the zxid of no transaction: a leader's snapshot carries it when its epoch has
  // none yet, and whoever took part in the beginning of that epoch holds as much.
  const bool no_txn_yet =
      counter_of(own_.last_zxid) == 0 && epoch_of(own_.last_zxid) == candidate.peer_epoch;
  return no_txn_yet || candidate.zxid >= own_.last_zxid;
}

// totalOrderPredicate: a candidate without weight never wins.
bool Election::wins(const Vote& challenger, const Vote& current) const {
  return committed_.weight(challenger.leader) != 0 &&
         beats(challenger, current, settings_.dialect.release);
}

void Election::abstain_from(Step& step, Sid from, const Vote& candidate) {
  if (!is_voter(candidate.leader)) return;
  const auto [said, first] = abstained_from_.try_emplace(candidate.leader, candidate);
  if (!first && said->second == candidate) return;
  said->second = candidate;
  const Vote held{own_.peer_epoch, own_.last_zxid, settings_.self};
  report(step, Report::Kind::kDeclined, from,
         "we abstain from " + describe(candidate) + "; we hold " + describe(held));
}

SidSet Election::agreeing(const Votes& votes, const CastVote& vote) const {
  SidSet sids;
  for (const auto& [sid, cast] : votes) {
    if (same_vote(vote, cast, settings_.dialect.release)) sids.insert(sid);
  }
  return sids;
}

quorum::Tally Election::tally(const Votes& votes, const CastVote& vote) const {
  quorum::Tally counted(committed_, last_seen_ ? &*last_seen_ : nullptr);
  for (const Sid sid : agreeing(votes, vote)) counted.add(sid);
  return counted;
}

}  // namespace zkprobe::election
