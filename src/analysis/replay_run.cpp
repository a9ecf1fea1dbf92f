#include "analysis/replay_run.hpp"

#include <algorithm>
#include <utility>

#include "election/describe.hpp"
#include "wire/describe.hpp"

namespace zkprobe::analysis {

using capture::Protocol;
using election::Effects;
using wire::Notification;
using wire::ServerState;
using Kind = ScriptStep::Kind;

namespace {

// Packets of one moment may stand in the capture in either order.
constexpr Duration kMoment = std::chrono::milliseconds(5);
constexpr int kMaxTurns = 64;  // of votes to oneself within one step

std::string text_of(const Notification& word) {
  std::string text(wire::to_string(word.state));
  text += " " + election::describe(quorum::Vote{word.peer_epoch, word.zxid, word.leader});
  return text + " round=" + to_hex(word.election_epoch);
}

}  // namespace

std::string_view to_string(ItemKind kind) {
  switch (kind) {
    case ItemKind::kProposal:
      return "proposal";
    case ItemKind::kAnswer:
      return "answer";
    case ItemKind::kDecision:
      return "decision";
  }
  return "?";
}

ReplayRun::ReplayRun(const Tape& tape, const Script& script, const Life& life, RunSettings settings)
    : tape_(tape), script_(script), life_(life), settings_(std::move(settings)) {
  index_sends();
}

void ReplayRun::index_sends() {
  for (std::size_t i = 0; i < life_.steps.size(); ++i) {
    const ScriptStep& step = life_.steps[i];
    if (step.kind != Kind::kSend) continue;
    sends_[step.peer].push_back(i);
    const auto [first, added] = spoke_on_.try_emplace(event(step).link, step.at);
    if (!added) first->second = std::min(first->second, step.at);
  }
}

std::vector<ReplayRun::Turn> ReplayRun::order(const std::vector<Adjustment>& adjustments) const {
  std::set<std::size_t> held;
  std::set<std::size_t> moved;
  std::multimap<std::size_t, std::size_t> before;  // the steps that go before or behind another
  std::multimap<std::size_t, std::size_t> behind;
  for (const Adjustment& a : adjustments) {
    (a.kind == Adjustment::Kind::kBeforeDeadline ? held : moved).insert(a.step);
    if (a.kind == Adjustment::Kind::kLookAt) before.emplace(a.after, a.step);
    if (a.kind == Adjustment::Kind::kLater) behind.emplace(a.after, a.step);
  }
  std::vector<Turn> turns;
  turns.reserve(life_.steps.size());
  const auto add = [&](const auto& steps, std::size_t i, bool may_hold) {
    const auto [begin, end] = steps.equal_range(i);
    for (auto it = begin; it != end; ++it) {
      turns.push_back({it->second, life_.steps[i].at, may_hold && held.contains(it->second)});
    }
  };
  for (std::size_t i = 0; i < life_.steps.size(); ++i) {
    add(before, i, false);
    if (!moved.contains(i)) turns.push_back({i, life_.steps[i].at, held.contains(i)});
    add(behind, i, true);
  }
  return turns;
}

RunResult ReplayRun::run(const std::vector<Adjustment>& adjustments,
                         const std::set<std::size_t>& accepted, const Trace& trace) {
  trace_ = trace ? &trace : nullptr;
  limits_ = nullptr;
  play_all(adjustments, accepted);
  return std::move(result_);
}

std::optional<RunResult> ReplayRun::attempt(const std::vector<Adjustment>& adjustments,
                                            const std::set<std::size_t>& accepted,
                                            const RunLimits& limits) {
  trace_ = nullptr;
  limits_ = &limits;
  if (!play_all(adjustments, accepted)) return std::nullopt;
  return std::move(result_);
}

bool ReplayRun::play_all(const std::vector<Adjustment>& adjustments,
                         const std::set<std::size_t>& accepted) {
  result_ = {};
  limited_ = false;
  sent_.clear();
  matched_.clear();
  to_self_.clear();
  waiting_.clear();
  before_look_ = false;
  accepted_ = &accepted;
  own_ = {};
  config_text_ = wire::to_text(settings_.config);
  election_.emplace(settings_.election, settings_.config);
  if (life_.standing) {
    learn_config(tape_.events[life_.standing_event].vote, life_.begin);
    own_ = life_.standing->own;
    stand(life_.begin, *life_.standing);
  } else {
    before_look_ = true;
  }
  for (const Turn& turn : order(adjustments)) {
    play(turn);
    ++work_;
    if (limited_) return false;
  }
  find_silences();
  std::stable_sort(result_.differences.begin(), result_.differences.end(),
                   [](const auto& a, const auto& b) { return a.step < b.step; });
  return !limited_;
}

void ReplayRun::play(const Turn& turn) {
  const ScriptStep& step = life_.steps[turn.step];
  now_step_ = turn.step;
  const bool waits = election_->state() == ServerState::kLooking && !before_look_;
  if (waits && !turn.before_deadline) pass_time(turn.at);
  switch (step.kind) {
    case Kind::kLook:
      look(step, turn.at);
      break;
    case Kind::kReceive:
      receive(step, turn.at);
      break;
    case Kind::kSend:
      compare_sent(step);
      break;
    case Kind::kDecision:
      compare_decision(step);
      break;
    case Kind::kSettle:
      this->step(turn.at, election::EpochSettled{step.epoch});
      break;
    case Kind::kGap:
      break;
  }
}

void ReplayRun::pass_time(Duration until) {
  for (auto due = election_->deadline(); due && due->since_zero <= until;
       due = election_->deadline()) {
    step(due->since_zero, election::TimePassed{});
  }
}

void ReplayRun::look(const ScriptStep& step, Duration at) {
  own_ = step.own;
  if (before_look_ && life_.clock != ElectionRound(0)) {
    // It had looked before: an own vote takes the clock where it was.
    Standing before{
        life_.clock, own_, {{own_.peer_epoch, own_.last_zxid, script_.self}, {}, {}, 0}};
    stand(at, before);
  }
  before_look_ = false;
  const bool decided = election_->state() != ServerState::kLooking;
  previous_ = decided ? election_->current_vote().vote
                      : quorum::Vote{own_.peer_epoch, own_.last_zxid, script_.self};
  this->step(at, election::Look{own_});
  for (const Waiting& vote : std::exchange(waiting_, {})) {
    this->step(at, election::Received{vote.from, vote.payload});
  }
}

void ReplayRun::receive(const ScriptStep& step, Duration at) {
  if (trace_ != nullptr) {
    (*trace_)(at, "from " + to_string(step.peer) + ": " + wire::describe(event(step).vote));
  }
  // Java's receiver runs before lookForLeader: votes wait. Who has no vote is answered then, in
  // round 0, which our election leaves out.
  if (before_look_) {
    waiting_.push_back({step.peer, event(step).payload});
    return;
  }
  this->step(at, election::Received{step.peer, event(step).payload});
}

void ReplayRun::step(Duration at, const election::Input& input) {
  const bool timed = std::holds_alternative<election::TimePassed>(input);
  take(at, election_->step(Instant{at}, input), timed);
  // What goes to oneself comes back without a socket.
  for (int turn = 0; !to_self_.empty() && turn < kMaxTurns; ++turn) {
    const Bytes payload = std::move(to_self_.front());
    to_self_.erase(to_self_.begin());
    take(at, election_->step(Instant{at}, election::Received{script_.self, payload}), false);
  }
}

void ReplayRun::take(Duration at, const Effects& effects, bool timed) {
  bool restart = false;
  for (const election::Effect& effect : effects) {
    const auto* send = std::get_if<election::Send>(&effect);
    if (trace_ != nullptr && !std::holds_alternative<election::Heard>(effect)) {
      if (send == nullptr || send->to != script_.self) {
        (*trace_)(at, "  ours: " + election::describe(effect));
      }
    }
    if (send != nullptr) {
      if (send->to == script_.self) {
        to_self_.push_back(send->payload);
        continue;
      }
      auto& emissions = sent_[send->to];
      const bool answer = send->notification.state != ServerState::kLooking;
      emissions.push_back({at, now_step_, send->notification, answer, timed});
    } else if (const auto* adopt = std::get_if<election::AdoptConfig>(&effect)) {
      restart = restart || adopt->restart;
    }
  }
  if (restart) {
    to_self_.clear();
    step(at, election::Look{own_});
  }
}

void ReplayRun::learn_config(const Notification& word, Duration at) {
  if (!word.config || *word.config == config_text_) return;
  auto config = wire::parse_quorum_config(*word.config);
  if (!config) return;
  config_text_ = *word.config;
  take(at, election_->step(Instant{at}, election::ConfigChanged{*config, std::nullopt}), false);
}

std::string ReplayRun::standing_text() const {
  const quorum::CastVote vote = election_->current_vote();
  Notification word;
  word.state = vote.state;
  word.leader = vote.vote.leader;
  word.zxid = vote.vote.zxid;
  word.peer_epoch = vote.vote.peer_epoch;
  word.election_epoch = vote.round;
  return text_of(word);
}

void ReplayRun::differ(ItemKind kind, Sid to, std::string server, std::string ours, bool silence,
                       std::size_t at) {
  if (accepted_->contains(at)) return;
  if (trace_ != nullptr) (*trace_)(life_.steps[at].at, "  DIFFERS: " + server + "; ours: " + ours);
  result_.differences.push_back({kind, at, to, std::move(server), std::move(ours), silence});
  if (limits_ == nullptr) return;
  limited_ = limited_ || at <= limits_->past || result_.differences.size() >= limits_->most;
}

// A vote on the wire is one that our election put into that server's slot, and not an older one
// than was seen before. A new link may bring the last one again; and a server repeats what it
// thinks whenever it waited in vain.
void ReplayRun::compare_sent(const ScriptStep& step) {
  const Notification& word = event(step).vote;
  if (step.event == life_.standing_event && life_.standing) return;  // told where it stands
  const bool looks = word.state == ServerState::kLooking;
  const ItemKind kind = looks ? ItemKind::kProposal : ItemKind::kAnswer;
  ++result_.compared[static_cast<std::size_t>(kind)];
  learn_config(word, step.at);
  if (trace_ != nullptr) {
    (*trace_)(step.at, "to " + to_string(step.peer) + ": " + wire::describe(word));
  }
  const auto& emissions = sent_[step.peer];
  std::size_t& matched = matched_[step.peer];
  // 3.3 keeps up to a hundred votes for a server until a link comes up, and sends them all.
  const bool keeps_all = settings_.election.dialect.release < Release{3, 4, 0};
  const bool any = step.first_on_link || keeps_all;
  for (std::size_t i = emissions.size(); i > (any ? 0 : matched); --i) {
    if (!same_word(emissions[i - 1].word, word)) continue;
    const bool stale = i < emissions.size() && !any && emissions[i].at + kPatience < step.at &&
                       !same_word(emissions.back().word, word);
    if (stale) break;
    matched = std::max(matched, i - 1);
    return;
  }
  if (is_old_vote(word)) {
    differ(kind, step.peer, "told " + to_string(step.peer) + " " + text_of(word),
           "is " + standing_text(), false, now_step_);
    if (!result_.differences.empty() && result_.differences.back().step == now_step_) {
      result_.differences.back().old_vote = true;
    }
    return;
  }
  const quorum::CastVote vote = election_->current_vote();
  Notification standing{vote.state,  vote.vote.leader,     vote.vote.zxid,
                        vote.round,  vote.vote.peer_epoch, 0,
                        std::nullopt};
  if (same_word(standing, word)) return;
  // Before lookForLeader Java tells who has no vote its own, in round 0.
  if (looks && word.election_epoch == ElectionRound(0) && word.leader == script_.self &&
      life_.clock == ElectionRound(0) && !election_->verifier().is_voter(step.peer)) {
    return;
  }
  if (restarted_clock(step)) return;
  std::string ours = "is " + standing_text();
  if (!emissions.empty()) ours += ", and last told it " + text_of(emissions.back().word);
  if (accepted_->contains(now_step_)) {
    set_to(step);
  } else {
    differ(kind, step.peer, "told " + to_string(step.peer) + " " + text_of(word), std::move(ours),
           false, now_step_);
    set_to(step);
  }
}

// A reconfig that changes servers gives Java a new election object (restartLeaderElection), whose
// clock is 0 while the vote stays; who has no vote is answered with the clock.
bool ReplayRun::restarted_clock(const ScriptStep& step) const {
  const Notification& word = event(step).vote;
  const quorum::CastVote vote = election_->current_vote();
  return script_.reconfigured && word.state != ServerState::kLooking &&
         word.election_epoch == ElectionRound(0) && !election_->verifier().is_voter(step.peer) &&
         word.state == vote.state && word.leader == vote.vote.leader &&
         word.zxid == vote.vote.zxid && word.peer_epoch == vote.vote.peer_epoch;
}

void ReplayRun::compare_decision(const ScriptStep& step) {
  ++result_.compared[static_cast<std::size_t>(ItemKind::kDecision)];
  const quorum::CastVote vote = election_->current_vote();
  const Notification& word = event(step).vote;
  const bool same_leader = !step.leader || *step.leader == vote.vote.leader;
  const bool same_numbers = !step.by_vote || word.zxid == vote.vote.zxid;
  if (vote.state == step.state && same_leader && same_numbers) return;
  if (step.by_vote && is_old_vote(word)) return;  // said with the vote itself, which follows
  std::string server = "is " + std::string(wire::to_string(step.state));
  if (step.leader) server += ", leader " + to_string(*step.leader);
  if (step.by_vote) server = "is " + text_of(word);
  differ(ItemKind::kDecision, script_.self, std::move(server), "is " + standing_text(), false,
         now_step_);
  set_to(step);
}

bool ReplayRun::is_old_vote(const Notification& word) const {
  return word.state != ServerState::kLooking && word.election_epoch == election_->round() &&
         word.leader == previous_.leader && word.zxid == previous_.zxid &&
         election_->current_vote().vote != previous_;
}

// From here on the election stands where the server's own word says.
void ReplayRun::set_to(const ScriptStep& step) {
  const Notification& word = event(step).vote;
  Standing standing;
  standing.own = own_;
  if (step.kind == Kind::kDecision && !step.by_vote) {
    const quorum::CastVote vote = election_->current_vote();
    standing.round = election_->round();
    standing.vote = vote;
    standing.vote.state = step.state;
    if (step.leader) standing.vote.vote.leader = *step.leader;
  } else {
    standing.round = word.election_epoch;
    standing.vote = {{word.peer_epoch, word.zxid, word.leader}, word.election_epoch, word.state, 0};
  }
  before_look_ = false;
  stand(step.at, standing);
}

// Tells the election by votes alone: one of its own takes it into the round; the voters' word that
// there is a leader, or a vote for the candidate, does the rest. What comes out is nobody's.
void ReplayRun::stand(Duration at, const Standing& standing) {
  // A copy: emplace ends the election that holds it first.
  const wire::QuorumConfig config = election_ ? election_->verifier().config() : settings_.config;
  election_.emplace(settings_.election, config);
  election_->step(Instant{at}, election::Look{standing.own});
  Standing own = standing;
  own.vote.vote = election_->current_vote().vote;
  if (standing.round > ElectionRound(1)) hear(at, script_.self, own, ServerState::kLooking);
  if (standing.vote.state == ServerState::kLooking) {
    const Sid leader = standing.vote.vote.leader;
    if (leader != script_.self) hear(at, leader, standing, ServerState::kLooking);
    return;
  }
  for (const Sid voter : quorum::SidSet(election_->verifier().voters())) {
    if (voter == script_.self && voter != standing.vote.vote.leader) continue;
    if (election_->state() != ServerState::kLooking) return;
    hear(at, voter, standing,
         voter == standing.vote.vote.leader ? ServerState::kLeading : ServerState::kFollowing);
  }
  // The leader's own word may have to come first.
  for (const Sid voter : quorum::SidSet(election_->verifier().voters())) {
    if (election_->state() != ServerState::kLooking) return;
    if (voter == script_.self || voter == standing.vote.vote.leader) continue;
    hear(at, voter, standing, ServerState::kFollowing);
  }
}

void ReplayRun::hear(Duration at, Sid from, const Standing& standing, ServerState state) {
  const wire::Notification word{
      state,          standing.vote.vote.leader,     standing.vote.vote.zxid,
      standing.round, standing.vote.vote.peer_epoch, 0,
      std::nullopt};
  const Bytes payload = wire::encode(word, settings_.election.dialect.notification());
  election_->step(Instant{at}, election::Received{from, payload});
}

bool ReplayRun::link_stays_up(Sid peer, Duration from) const {
  const Duration until = from + kPatience;
  if (until > life_.end || until > settings_.capture_end) return false;
  for (const std::size_t i : script_.links) {
    const TapeLink& link = tape_.links[i];
    if (link.opened > from || link.closed < until) continue;
    for (const capture::Side side : {capture::Side::kDialler, capture::Side::kAcceptor}) {
      if (link.sid(side) != script_.self || link.sid(capture::other(side)) != peer) continue;
      // It spoke on this link at some time: the one that both ends kept.
      const auto spoke = spoke_on_.find(i);
      if (spoke != spoke_on_.end() && spoke->second <= from) return true;
    }
  }
  return false;
}

bool ReplayRun::heard(const Emission& emission, Sid to) const {
  const auto sends = sends_.find(to);
  if (sends == sends_.end()) return false;
  for (const std::size_t i : sends->second) {
    const ScriptStep& step = life_.steps[i];
    if (step.at + kMoment < emission.at || step.at > emission.at + kPatience) continue;
    const Notification& word = event(step).vote;
    if (same_word(word, emission.word)) return true;
    // An answer all the same; what is wrong with it was said where it was sent.
    if (emission.answer && word.state == emission.word.state) return true;
  }
  return false;
}

void ReplayRun::find_silences() {
  for (const auto& [to, emissions] : sent_) {
    for (std::size_t i = 0; i < emissions.size(); ++i) {
      const Emission& emission = emissions[i];
      if (emission.repeat || heard(emission, to)) continue;
      const bool replaced =
          i + 1 < emissions.size() && emissions[i + 1].at <= emission.at + kPatience;
      if (replaced || !link_stays_up(to, emission.at)) continue;
      differ(emission.answer ? ItemKind::kAnswer : ItemKind::kProposal, to,
             "told " + to_string(to) + " nothing", "tells it " + text_of(emission.word), true,
             emission.step);
    }
  }
}

}  // namespace zkprobe::analysis
