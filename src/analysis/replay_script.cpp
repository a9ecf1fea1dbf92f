#include "analysis/replay_script.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "analysis/replay_names.hpp"
#include "quorum/vote.hpp"

namespace zkprobe::analysis {

using capture::Protocol;
using capture::Side;
using election::LogPosition;
using wire::Notification;
using wire::PacketType;
using wire::ServerState;
using Kind = ScriptStep::Kind;

namespace {

quorum::Vote vote_of(const Notification& word) { return {word.peer_epoch, word.zxid, word.leader}; }

class ScriptWriter {
 public:
  ScriptWriter(const Tape& tape, Sid self) : tape_(tape) { script_.self = self; }

  Script write() {
    collect();
    script_.asker = askers_of(tape_).contains(script_.self);
    if (script_.asker) script_.observer = false;
    number_generations();
    split();
    for (Life& life : script_.lives) direct(life);
    return std::move(script_);
  }

 private:
  const TapeEvent& event(const ScriptStep& step) const { return tape_.events[step.event]; }
  const Notification& word(const ScriptStep& step) const { return event(step).vote; }
  bool is_election(const TapeEvent& e) const {
    return tape_.links[e.link].protocol == Protocol::kElection;
  }

  // Everything from and to this server.
  void collect() {
    script_.reconfigured = tape_.reconfigured;
    capture::ReleaseEvidence evidence;
    std::set<std::uint32_t> spoke;
    for (std::uint32_t i = 0; i < tape_.links.size(); ++i) {
      const TapeLink& link = tape_.links[i];
      for (const Side side : {Side::kDialler, Side::kAcceptor}) {
        if (link.sid(side) != script_.self) continue;
        evidence.add(link.release[static_cast<std::size_t>(side)].range());
        if (link.protocol == Protocol::kElection) script_.links.push_back(i);
      }
    }
    script_.release = evidence.range();
    for (std::size_t i = 0; i < tape_.events.size(); ++i) {
      const TapeEvent& e = tape_.events[i];
      const auto src = tape_.src(e);
      const auto dst = tape_.dst(e);
      const bool mine = src == script_.self;
      if (!mine && dst != script_.self) continue;
      ScriptStep step;
      step.event = i;
      step.at = e.at;
      step.kind = mine ? Kind::kSend : Kind::kReceive;
      if (e.kind == TapeEvent::Kind::kGap) step.kind = Kind::kGap;
      if (e.kind == TapeEvent::Kind::kLearner) step.kind = Kind::kSettle;
      if (e.kind == TapeEvent::Kind::kGreeting) step.kind = Kind::kLook;
      if (e.kind == TapeEvent::Kind::kVote && !mine && !src) {
        ++script_.unknown_sender;
        continue;
      }
      if (const auto other = mine ? dst : src) step.peer = *other;
      if (step.kind == Kind::kSend) {
        step.first_on_link = spoke.insert(e.link).second;
        ++script_.sent;
        observe_type(e.vote);
      }
      all_.push_back(step);
    }
  }

  void observe_type(const Notification& vote) {
    if (vote.state == ServerState::kObserving) script_.observer = true;
    if (vote.state == ServerState::kLooking && vote.zxid == Zxid::min()) script_.observer = true;
  }

  // Links that began when all earlier ones had ended begin a new generation: what a restart of the
  // process leaves.
  void number_generations() {
    std::vector<std::size_t> order = script_.links;
    std::stable_sort(order.begin(), order.end(), [this](std::size_t a, std::size_t b) {
      return tape_.links[a].opened < tape_.links[b].opened;
    });
    Duration open_until{0};
    unsigned generation = 0;
    for (const std::size_t i : order) {
      if (open_until <= tape_.links[i].opened) ++generation;
      open_until = std::max(open_until, tape_.links[i].closed);
      generation_[static_cast<std::uint32_t>(i)] = generation;
    }
  }

  unsigned generation(const ScriptStep& step) const {
    const auto found = generation_.find(event(step).link);
    return found == generation_.end() ? 0 : found->second;
  }

  // Where the process began anew: the clock went back, or a proposal is worse than before.
  void split() {
    std::size_t begin = 0;
    Told told;
    for (std::size_t i = 0; i < all_.size(); ++i) {
      const ScriptStep& step = all_[i];
      if (step.kind != Kind::kSend) continue;
      if (restarted(step, told)) {
        const std::size_t at = first_of_generation(begin, i);
        cut(begin, at);
        begin = at;
        told = Told();
      }
      note(step, told);
    }
    cut(begin, all_.size());
  }

  struct Told {  // what this life has said so far
    std::vector<Notification> words;
    std::optional<Notification> last;  // repeats apart
    unsigned generation = 0;
  };

  static bool said_before(const std::vector<Notification>& words, const Notification& word) {
    return std::any_of(words.begin(), words.end(),
                       [&](const Notification& other) { return same_word(other, word); });
  }

  bool restarted(const ScriptStep& step, const Told& told) const {
    const Notification& now = word(step);
    if (!told.last || now.state != ServerState::kLooking) return false;
    const bool new_links = generation(step) > told.generation;
    if (!new_links && step.first_on_link && said_before(told.words, now)) return false;
    const Notification& last = *told.last;
    if (now.election_epoch < last.election_epoch) return new_links || !step.first_on_link;
    if (now.election_epoch != last.election_epoch || !new_links) return false;
    // Within a round a server neither decides and looks again, nor offers a worse candidate, nor
    // changes what it offers itself.
    if (last.state != ServerState::kLooking || vote_of(now) < vote_of(last)) return true;
    return now.leader == script_.self &&
           std::any_of(told.words.begin(), told.words.end(), [&](const Notification& word) {
             return word.leader == now.leader && vote_of(word) != vote_of(now) &&
                    word.election_epoch == now.election_epoch;
           });
  }

  void note(const ScriptStep& step, Told& told) const {
    const Notification& now = word(step);
    const bool repeat = step.first_on_link && said_before(told.words, now);
    if (!repeat || !told.last) told.last = now;
    if (!said_before(told.words, now)) told.words.push_back(now);
    told.generation = std::max(told.generation, generation(step));
  }

  std::size_t first_of_generation(std::size_t begin, std::size_t at) const {
    const unsigned wanted = generation(all_[at]);
    for (std::size_t i = begin; i < at; ++i) {
      if (is_election(event(all_[i])) && generation(all_[i]) >= wanted) return i;
    }
    return at;
  }

  void cut(std::size_t begin, std::size_t end) {
    if (begin == end) return;
    Life life;
    life.begin = all_[begin].at;
    if (end < all_.size()) life.end = all_[end].at;
    life.from_start = !script_.lives.empty();
    for (std::size_t i = begin; i < end; ++i) {
      // A greeting of its own on a stream whose SYN was seen, before any vote: it starts.
      const ScriptStep& step = all_[i];
      if (step.kind == Kind::kSend) break;
      if (step.kind == Kind::kLook && tape_.src(event(step)) == script_.self &&
          tape_.links[event(step).link].from_start) {
        life.from_start = true;
      }
    }
    life.steps.assign(all_.begin() + static_cast<std::ptrdiff_t>(begin),
                      all_.begin() + static_cast<std::ptrdiff_t>(end));
    script_.lives.push_back(std::move(life));
  }

  // ---- one life: its elections

  struct Direction {
    std::vector<ScriptStep> steps;
    bool looking = true;
    std::size_t decided_at = 0;  // behind the last sign that it serves, in `steps`
    std::optional<Notification> last;
    std::vector<Notification> words;
    bool led = false;     // it said UPTODATE in this election
    PeerEpoch new_epoch;  // of NEWLEADER
  };

  void direct(Life& life) {
    Direction to;
    look_.reset();
    begin_life(life, to);
    for (std::size_t i = 0; i < life.steps.size(); ++i) {
      const ScriptStep& step = life.steps[i];
      const TapeEvent& e = event(step);
      const bool mine = tape_.src(e) == script_.self;
      // It dials when it has something to say: when it begins to look.
      if (look_ && mine && e.kind != TapeEvent::Kind::kGap) {
        look_->at = step.at;
        to.steps.push_back(*look_);
        to.decided_at = to.steps.size();
        look_.reset();
      }
      if (e.kind == TapeEvent::Kind::kGreeting) continue;
      if (step.kind == Kind::kSend) before_send(life, i, to);
      if (step.kind == Kind::kSettle) {
        learner(step, to);
        continue;
      }
      to.steps.push_back(step);
    }
    life.steps = std::move(to.steps);
  }

  void begin_life(Life& life, Direction& to) {
    const auto first = std::find_if(life.steps.begin(), life.steps.end(),
                                    [](const auto& step) { return step.kind == Kind::kSend; });
    if (first == life.steps.end()) return;
    const Notification& vote = word(*first);
    const auto index = static_cast<std::size_t>(first - life.steps.begin());
    const bool looks = vote.state == ServerState::kLooking;
    if (looks || life.from_start) {
      life.clock = life.from_start
                       ? ElectionRound(0)
                       : ElectionRound(std::max<std::int64_t>(vote.election_epoch.value, 1) - 1);
      look_.emplace(look(life, index, life.steps[index]));
      return;
    }
    to.looking = false;
    life.standing_event = first->event;
    life.standing = Standing{vote.election_epoch,
                             {vote.zxid, vote.peer_epoch},
                             {vote_of(vote), vote.election_epoch, vote.state, 0}};
  }

  ScriptStep look(const Life& life, std::size_t from, const ScriptStep& when) const {
    ScriptStep step;
    step.kind = Kind::kLook;
    step.event = life.steps[from].event;
    step.at = when.at;
    step.peer = script_.self;
    own_position(life, from, step);
    return step;
  }

  // What it offers: its own first vote tells; else its ACKEPOCH; else it is below what it supports.
  void own_position(const Life& life, std::size_t from, ScriptStep& look) const {
    std::optional<Notification> first;
    for (std::size_t i = from; i < life.steps.size(); ++i) {
      const ScriptStep& step = life.steps[i];
      const TapeEvent& e = event(step);
      if (step.kind == Kind::kSend) {
        const Notification& vote = word(step);
        if (vote.state != ServerState::kLooking) {
          if (first) break;
          continue;
        }
        if (first && vote.election_epoch > first->election_epoch) break;
        if (!first) first = vote;
        // Long.MIN_VALUE is what an observer says in place of its own.
        const bool own = vote.leader == script_.self || vote.leader == Sid::min();
        if (own && vote.zxid != Zxid::min()) {
          look.own = {vote.zxid, vote.peer_epoch};
          return;
        }
      } else if (e.kind == TapeEvent::Kind::kLearner && e.current_epoch &&
                 tape_.src(e) == script_.self) {
        look.own = {e.zxid, PeerEpoch(*e.current_epoch)};
        look.own_is_guess = true;
        return;
      }
    }
    look.own_is_guess = true;
    if (!first || first->zxid == Zxid::min()) return;
    const bool larger = script_.self > first->leader;
    look.own = {larger ? Zxid::min() : first->zxid, first->peer_epoch};
  }

  void before_send(const Life& life, std::size_t i, Direction& to) {
    const ScriptStep& step = life.steps[i];
    const Notification& vote = word(step);
    const bool known = said_before(to.words, vote);
    if (!known) to.words.push_back(vote);
    const bool looks = vote.state == ServerState::kLooking;
    if (known && (looks || step.first_on_link)) return;
    // An answer that waited in another slot while the next election began.
    if (known && to.last && vote.election_epoch < to.last->election_epoch) return;
    if (!looks) {
      if (to.looking) decide(step, vote.state, vote.leader, true, to);
      to.decided_at = to.steps.size() + 1;
    } else if (!to.looking || begins_unseen(vote, to)) {
      insert_look(life, i, to);
    }
    to.last = vote;
  }

  // It goes on in a higher round that nobody brought: an election ended and nothing told so.
  bool begins_unseen(const Notification& vote, const Direction& to) const {
    if (!to.last || vote.election_epoch <= to.last->election_epoch) return false;
    return std::none_of(to.steps.begin(), to.steps.end(), [&](const ScriptStep& step) {
      return step.kind == Kind::kReceive && word(step).election_epoch >= vote.election_epoch;
    });
  }

  // At the first vote of the new round, which it did not answer as one who serves; else where its
  // own vote shows it.
  void insert_look(const Life& life, std::size_t i, Direction& to) {
    std::size_t at = to.steps.size();
    for (std::size_t k = to.decided_at; k < to.steps.size(); ++k) {
      if (to.steps[k].kind != Kind::kReceive) continue;
      const Notification& vote = word(to.steps[k]);
      if (vote.state != ServerState::kLooking) continue;
      if (vote.election_epoch < word(life.steps[i]).election_epoch) continue;
      at = k;
      break;
    }
    ScriptStep step = look(life, i, at < to.steps.size() ? to.steps[at] : life.steps[i]);
    step.earliest = to.decided_at;
    to.steps.insert(to.steps.begin() + static_cast<std::ptrdiff_t>(at), step);
    to.looking = true;
    to.led = false;
    to.decided_at = at + 1;
  }

  void decide(const ScriptStep& from, ServerState state, std::optional<Sid> leader, bool by_vote,
              Direction& to) {
    ScriptStep step = from;
    step.kind = Kind::kDecision;
    step.state = state;
    step.leader = leader;
    step.by_vote = by_vote;
    to.steps.push_back(step);
    to.looking = false;
    to.decided_at = to.steps.size();
  }

  // FOLLOWERINFO, OBSERVERINFO: it follows. LEADERINFO: it leads. UPTODATE: the vote speaks for the
  // new epoch (Learner.syncWithLeader, Leader.startZkServer).
  void learner(const ScriptStep& step, Direction& to) {
    const TapeEvent& e = event(step);
    const bool mine = tape_.src(e) == script_.self;
    const PacketType type = e.packet_type;
    if (mine && (type == PacketType::kFollowerInfo || type == PacketType::kObserverInfo)) {
      const bool observes = type == PacketType::kObserverInfo;
      script_.observer = script_.observer || observes;
      const auto state = observes ? ServerState::kObserving : ServerState::kFollowing;
      if (to.looking) decide(step, state, tape_.dst(e), false, to);
      to.decided_at = to.steps.size();
    } else if (type == PacketType::kLeaderInfo || type == PacketType::kNewLeader) {
      // 3.3 has no LEADERINFO.
      if (mine && to.looking) decide(step, ServerState::kLeading, script_.self, false, to);
      to.new_epoch = epoch_of(e.zxid);
    } else if (type == PacketType::kUpToDate && !(mine && to.led)) {
      to.led = mine;
      ScriptStep settle = step;
      settle.kind = Kind::kSettle;
      settle.epoch = to.new_epoch;
      to.steps.push_back(settle);
    }
  }

  const Tape& tape_;
  Script script_;
  std::vector<ScriptStep> all_;
  std::map<std::uint32_t, unsigned> generation_;
  std::optional<ScriptStep> look_;  // the first one of a life, until its place is found
};

}  // namespace

bool same_word(const Notification& a, const Notification& b) {
  // 3.3 writes no epoch: its reader takes one from the zxid. Long.MIN_VALUE has several then.
  const bool no_epoch = a.zxid == Zxid::min();
  return a.state == b.state && a.leader == b.leader && a.zxid == b.zxid &&
         a.election_epoch == b.election_epoch && (no_epoch || a.peer_epoch == b.peer_epoch);
}

std::vector<Sid> servers_of(const Tape& tape) {
  std::set<Sid> found;
  for (const TapeEvent& event : tape.events) {
    if (event.kind != TapeEvent::Kind::kVote) continue;
    if (const auto sid = tape.src(event)) found.insert(*sid);
  }
  return {found.begin(), found.end()};
}

Script script_of(const Tape& tape, Sid self) { return ScriptWriter(tape, self).write(); }

}  // namespace zkprobe::analysis
