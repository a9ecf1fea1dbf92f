#include "analysis/live_referee.hpp"

#include <algorithm>

#include "election/election.hpp"

namespace zkprobe::analysis {

using election::Election;
using wire::Notification;
using wire::ServerState;

namespace {

constexpr int kMaxTurns = 64;  // of votes to oneself within one step
// A wait that is under way when the last vote came still ends.
constexpr Duration kAfterwards = std::chrono::seconds(1);
// No configuration names it (one below QuorumPeer.OBSERVER_ID).
constexpr Sid kStranger{0x7ffffffffffffffe};

class Alone {
 public:
  Alone(const LiveScript& script, Sid peer)
      : script_(script), peer_(peer), election_(settings(), script.config) {}

  AloneWords run() {
    begin();
    for (const LiveWord& vote : script_.votes) {
      pass_time(vote.at);
      hear(vote.at, peer_, wire::encode(vote.vote, vote.form));
    }
    const Duration last = script_.votes.empty() ? Duration(0) : script_.votes.back().at;
    pass_time(last + kAfterwards);
    return std::move(out_);
  }

 private:
  election::Settings settings() const {
    election::Settings settings;
    settings.self = script_.counterpart;
    settings.dialect.release = script_.release;
    const wire::QuorumServer* self = script_.config.find(script_.counterpart);
    if (self != nullptr) settings.learner_type = self->type;
    return settings;
  }

  // It looks; a vote of its own takes it into the round.
  void begin() {
    const LiveStanding& stands = script_.standing;
    step(Duration(0), election::Look{{stands.zxid, stands.epoch}});
    if (stands.round <= election_.round()) return;
    Notification own{ServerState::kLooking, stands.leader, stands.zxid,
                     stands.round,          stands.epoch,  0,
                     std::nullopt};
    out_.words.clear();
    hear(Duration(0), script_.counterpart, wire::encode(own, settings().dialect.notification()));
  }

  void pass_time(Duration until) {
    for (auto due = election_.deadline(); due && due->since_zero <= until;
         due = election_.deadline()) {
      step(due->since_zero, election::TimePassed{});
    }
  }

  void hear(Duration at, Sid from, Bytes payload) {
    step(at, election::Received{from, std::move(payload)});
  }

  void step(Duration at, const election::Input& input) {
    take(at, election_.step(Instant{at}, input));
    for (int turn = 0; !to_self_.empty() && turn < kMaxTurns; ++turn) {
      const Bytes payload = std::move(to_self_.front());
      to_self_.erase(to_self_.begin());
      take(at, election_.step(Instant{at}, election::Received{script_.counterpart, payload}));
    }
  }

  void take(Duration at, const election::Effects& effects) {
    for (const election::Effect& effect : effects) {
      if (const auto* send = std::get_if<election::Send>(&effect)) {
        if (send->to == script_.counterpart) to_self_.push_back(send->payload);
        // A member is told what changes; to a stranger everything is an answer.
        if (send->to == peer_ || send->to == script_.peer) say(send->notification);
      } else if (const auto* decided = std::get_if<election::Decided>(&effect)) {
        out_.decision = LiveDecision{at, 0, decided->state, decided->vote.vote.leader};
      }
    }
  }

  void say(const Notification& word) {
    if (out_.words.empty() || !same_word(out_.words.back(), word)) out_.words.push_back(word);
  }

  const LiveScript& script_;
  const Sid peer_;
  Election election_;
  std::vector<Bytes> to_self_;
  AloneWords out_;
};

}  // namespace

bool AloneWords::has(const Notification& word) const {
  return std::any_of(words.begin(), words.end(),
                     [&word](const Notification& other) { return same_word(other, word); });
}

AloneWords words_alone(const LiveScript& script, bool counted) {
  if (script.standing.state != ServerState::kLooking) {
    const LiveStanding& stands = script.standing;
    const Notification word{stands.state, stands.leader, stands.zxid, stands.round, stands.epoch, 0,
                            std::nullopt};
    return {{word}, std::nullopt, counted};
  }
  const bool member = script.config.find(script.peer) != nullptr;
  AloneWords out = Alone(script, counted || !member ? script.peer : kStranger).run();
  out.counted = counted;
  return out;
}

}  // namespace zkprobe::analysis
