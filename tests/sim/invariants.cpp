#include "invariants.hpp"

#include <algorithm>

namespace zkprobe::sim {
namespace {

std::string name_of(Sid sid) { return "server " + to_string(sid); }

std::string list(const SidSet& sids) {
  std::string text;
  for (const Sid sid : sids) text += (text.empty() ? "" : " ") + to_string(sid);
  return "{" + text + "}";
}

bool is_prefix(const Log& prefix, std::size_t length, const Log& log) {
  return length <= log.size() &&
         std::equal(prefix.begin(), prefix.begin() + static_cast<Log::difference_type>(length),
                    log.begin());
}

}  // namespace

void Invariants::fail(const char* invariant_name, const std::string& text) const {
  throw Violation(invariant_name, text);
}

bool Invariants::epochless(Sid self) const {
  return env_.scenario.plan(self).release < Release{3, 4, 0};
}

Invariants::Ballot Invariants::ballot_of(Sid self, const wire::Notification& said) const {
  return {said.leader, said.zxid, epochless(self) ? PeerEpoch(0) : said.peer_epoch,
          said.election_epoch};
}

void Invariants::looks(Sid self, const election::LogPosition& position, const Log& log) {
  heard_[self] = Heard{};
  const PeerEpoch epoch = epochless(self) ? PeerEpoch(0) : position.peer_epoch;
  logs_[{self, {epoch, position.last_zxid}}] = log;
}

void Invariants::sends(Sid self, Sid to, const wire::Notification& said,
                       const election::LogPosition& position) {
  const ServerPlan& plan = env_.scenario.plan(self);
  // A machine that declines names itself with the lowest zxid there is, which means nobody.
  if (plan.declines && said.leader == self && said.zxid != Zxid::min()) {
    fail(invariant::kDecliningNeverLeads, name_of(self) + " declines and offers itself");
  }
  const wire::QuorumServer* reader = env_.scenario.config.find(to);
  if (reader == nullptr || reader->type == wire::LearnerType::kObserver) return;
  if (said.state != wire::ServerState::kLooking || plan.observer) return;
  committed_when_cast_.emplace(std::make_pair(self, ballot_of(self, said)), committed_.size());
  if (plan.declines && said.zxid == Zxid::min()) return;
  const bool below = epochless(self) ? said.zxid < position.last_zxid
                                     : std::pair(said.peer_epoch, said.zxid) <
                                           std::pair(position.peer_epoch, position.last_zxid);
  if (below) {
    fail(invariant::kNoVoteBelowOwnLog,
         name_of(self) + " holds epoch " + to_string(position.peer_epoch) + " zxid " +
             to_hex(position.last_zxid) + " and votes for server " + to_string(said.leader) +
             " with epoch " + to_string(said.peer_epoch) + " zxid " + to_hex(said.zxid));
  }
}

void Invariants::hears(Sid self, Sid from, const wire::Notification& said) {
  Heard& heard = heard_[self];
  switch (said.state) {
    case wire::ServerState::kLooking:
      heard.looking[ballot_of(self, said)].insert(from);
      break;
    case wire::ServerState::kLeading:
      heard.leading.insert(from);
      heard.leading_in.emplace(from, said.election_epoch);
      heard.settled[said.leader].insert(from);
      heard.stands_by[ballot_of(self, said)].insert(from);
      break;
    case wire::ServerState::kFollowing:
      heard.settled[said.leader].insert(from);
      heard.stands_by[ballot_of(self, said)].insert(from);
      break;
    case wire::ServerState::kObserving:
      break;
  }
}

void Invariants::decides(Sid self, const election::Decided& decided, bool oracle_says_yes) {
  const ServerPlan& plan = env_.scenario.plan(self);
  const Sid leader = decided.vote.vote.leader;
  const bool leads = decided.state == wire::ServerState::kLeading;
  if (leads != (leader == self)) {
    fail(invariant::kMachineContract, name_of(self) + " decided " +
                                          std::string(wire::to_string(decided.state)) +
                                          " for leader " + to_string(leader));
  }
  const bool observes = decided.state == wire::ServerState::kObserving;
  if (!leads && observes != plan.observer) {
    fail(invariant::kMachineContract, name_of(self) + (plan.observer ? " observes" : " votes") +
                                          " and decided " +
                                          std::string(wire::to_string(decided.state)));
  }
  const wire::QuorumServer* member = env_.scenario.config.find(leader);
  if (member == nullptr || member->type == wire::LearnerType::kObserver) {
    fail(invariant::kObserverNeverLeads,
         name_of(self) + " decided for " + to_string(leader) + ", which is no voter");
  }
  if (env_.scenario.plan(leader).declines) {
    fail(invariant::kDecliningNeverLeads, name_of(self) + " decided for " + to_string(leader));
  }
  if (weight_of(env_.scenario.config, leader) == 0) {
    fail(invariant::kZeroWeightNeverLeads, name_of(self) + " decided for " + to_string(leader));
  }
  const quorum::CastVote& v = decided.vote;
  check_backing(self,
                {leader, v.vote.zxid, epochless(self) ? PeerEpoch(0) : v.vote.peer_epoch, v.round},
                oracle_says_yes);
}

void Invariants::check_backing(Sid self, const Ballot& ballot, bool oracle_says_yes) {
  const Scenario& s = env_.scenario;
  Heard& heard = heard_[self];
  // Who decided in this very round counts as who still looks.
  SidSet looking = heard.looking[ballot];
  looking.insert(heard.stands_by[ballot].begin(), heard.stands_by[ballot].end());
  const bool alone_is_enough = s.config.oracle && oracle_says_yes;
  if (is_quorum(s.config, looking) || (alone_is_enough && !looking.empty())) {
    env_.counters.count(is_quorum(s.config, heard.looking[ballot])
                            ? "decisions by votes of LOOKING servers"
                            : "decisions with votes of servers that had decided");
    // An observer is told old decisions as if they were votes; its own counts for nothing.
    if (!env_.scenario.plan(self).observer) check_ballot_log(self, ballot, looking);
    return;
  }
  if (epochless(self) && everybody_voted(self, ballot)) {
    env_.counters.count("decisions when all had voted (3.3)");
    return;
  }
  if (epochless(self) && heard.leading_in.contains({ballot.leader, ballot.round})) {
    env_.counters.count("decisions to join whoever leads in the round (3.3)");
    return;
  }
  // Servers that lead or follow already, the leader among them; from 3.6.0 on votes of LOOKING
  // servers of the same round count with them.
  SidSet all = heard.settled[ballot.leader];
  all.insert(looking.begin(), looking.end());
  const bool leader_leads = heard.leading.contains(ballot.leader) || ballot.leader == self;
  const bool oracle_defers = s.config.oracle && !oracle_says_yes && leader_leads;
  if (leader_leads && (is_quorum(s.config, all) || oracle_defers || alone_is_enough)) {
    env_.counters.count("decisions to join a leader");
    return;
  }
  fail(invariant::kDecisionIsBacked,
       name_of(self) + " decided for " + to_string(ballot.leader) + " in round " +
           to_string(ballot.round) + "; it heard so from LOOKING " + list(looking) +
           " and from others " + list(heard.settled[ballot.leader]) +
           (leader_leads ? "" : "; the leader did not say that it leads"));
}

// 3.3 decides at once when it has a vote of every voter for the round, whatever they voted, of
// those who lead or follow too; what it decides on is the best that LOOKING servers voted for.
bool Invariants::everybody_voted(Sid self, const Ballot& ballot) const {
  const Heard& heard = heard_.at(self);
  SidSet missing;
  for (const Sid sid : env_.scenario.config.voters()) missing.insert(sid);
  for (const auto* votes : {&heard.looking, &heard.stands_by}) {
    for (const auto& [cast, sids] : *votes) {
      if (cast.round != ballot.round) continue;
      const bool better = std::pair(cast.zxid, cast.leader) > std::pair(ballot.zxid, ballot.leader);
      if (votes == &heard.looking && better && weight_of(env_.scenario.config, cast.leader) != 0) {
        return false;
      }
      for (const Sid sid : sids) missing.erase(sid);
    }
  }
  return missing.empty();
}

// Every quorum that committed something meets the quorum of this ballot in a server that held it
// when it voted, so the winner must hold all that was committed when the first of them voted.
void Invariants::check_ballot_log(Sid self, const Ballot& ballot, const SidSet& supporters) {
  std::size_t length = committed_.size();
  for (const Sid sid : supporters) {
    const auto cast = committed_when_cast_.find({sid, ballot});
    if (cast == committed_when_cast_.end()) return;  // it joined a leader and never voted so
    length = std::min(length, cast->second);
  }
  const auto winner = logs_.find({ballot.leader, {ballot.peer_epoch, ballot.zxid}});
  if (winner == logs_.end()) {
    fail(invariant::kVoteNamesARealLog, name_of(self) + " decided for " + to_string(ballot.leader) +
                                            " with epoch " + to_string(ballot.peer_epoch) +
                                            " zxid " + to_hex(ballot.zxid) +
                                            ", where its log never stood");
  }
  if (!is_prefix(committed_, length, winner->second)) {
    fail(invariant::kNoLessAdvancedLeader,
         name_of(self) + " decided for " + to_string(ballot.leader) + " at zxid " +
             to_hex(ballot.zxid) + " by votes of " + list(supporters) +
             "; committed before they voted was " + to_hex(committed_[length - 1]));
  }
}

void Invariants::established(Sid leader, PeerEpoch epoch, const Log& log) {
  const auto [entry, fresh] = leader_of_.emplace(epoch, leader);
  if (!fresh) {
    fail(invariant::kOneLeaderPerEpoch, name_of(leader) + " leads in epoch " + to_string(epoch) +
                                            ", which was that of " + name_of(entry->second));
  }
  if (!is_prefix(committed_, committed_.size(), log)) {
    fail(invariant::kNoLessAdvancedLeader, name_of(leader) + " leads in epoch " + to_string(epoch) +
                                               " without " + to_hex(committed_.back()) +
                                               ", which a quorum had committed");
  }
  committed_ = log;
}

void Invariants::commits(Sid leader, const Log& log, std::size_t length) {
  if (length <= committed_.size()) {
    if (!is_prefix(log, length, committed_)) {
      fail(invariant::kNoLessAdvancedLeader, name_of(leader) + " commits what others did not");
    }
    return;
  }
  if (!is_prefix(committed_, committed_.size(), log)) {
    fail(invariant::kNoLessAdvancedLeader, name_of(leader) + " commits " + to_hex(log[length - 1]) +
                                               " without " + to_hex(committed_.back()));
  }
  env_.counters.count("transactions committed", length - committed_.size());
  committed_.assign(log.begin(), log.begin() + static_cast<Log::difference_type>(length));
}

void Invariants::settles(Sid self, Sid leader, PeerEpoch epoch, const quorum::CastVote& vote) {
  const auto known = leader_of_.find(epoch);
  if (known == leader_of_.end() || known->second != leader) {
    fail(invariant::kSettledServersAgree, name_of(self) + " serves under " + to_string(leader) +
                                              " in epoch " + to_string(epoch) +
                                              ", which is not that leader's");
  }
  const bool has_epoch = env_.scenario.plan(self).release >= Release{3, 4, 6};
  if (vote.vote.leader != leader || (has_epoch && vote.vote.peer_epoch != epoch)) {
    fail(invariant::kSettledServersAgree, name_of(self) + " serves under " + to_string(leader) +
                                              " in epoch " + to_string(epoch) +
                                              " and its vote says " + to_string(vote.vote.leader) +
                                              " in epoch " + to_string(vote.vote.peer_epoch));
  }
}

}  // namespace zkprobe::sim
