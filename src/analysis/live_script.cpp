#include "analysis/live_script.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "analysis/replay_members.hpp"

namespace zkprobe::analysis {

using wire::NotificationForm;
using wire::ServerState;

namespace {

struct Stretch {
  Duration begin{0};
  Duration end = Duration::max();
};

std::optional<Sid> busiest(const Tape& tape, Sid peer) {
  std::map<Sid, std::size_t> counts;
  std::map<Sid, std::size_t> told;
  for (const TapeEvent& event : tape.events) {
    if (event.kind != TapeEvent::Kind::kVote) continue;
    const auto src = tape.src(event);
    const auto dst = tape.dst(event);
    if (!src || !dst) continue;
    if (src == peer) ++told[*dst];
    if (dst == peer) ++counts[*src];
  }
  std::optional<Sid> found;
  for (const auto& [sid, count] : counts) {
    if (!told.contains(sid)) continue;
    if (!found || count + told[sid] > counts[*found] + told[*found]) found = sid;
  }
  return found;
}

class LiveWriter {
 public:
  LiveWriter(const Tape& tape, Sid peer, Sid counterpart)
      : tape_(tape), mine_(script_of(tape, peer)), theirs_(script_of(tape, counterpart)) {
    script_.peer = peer;
    script_.counterpart = counterpart;
    script_.asker = mine_.asker;
  }

  tl::expected<LiveScript, std::string> write(std::size_t election) {
    std::vector<Stretch> playable;
    for (const Stretch& stretch : stretches()) {
      if (has_votes(stretch)) playable.push_back(stretch);
    }
    script_.election = election;
    script_.elections = playable.size();
    if (playable.empty()) {
      return tl::unexpected("no votes of server " + to_string(script_.peer) + " to server " +
                            to_string(script_.counterpart) + " in the capture");
    }
    if (election > playable.size()) {
      return tl::unexpected("election " + std::to_string(election) + " of " +
                            std::to_string(playable.size()) + " that server " +
                            to_string(script_.peer) + " held with server " +
                            to_string(script_.counterpart));
    }
    fill(playable[election - 1]);
    if (script_.words.empty()) {
      return tl::unexpected("server " + to_string(script_.counterpart) +
                            " says nothing to server " + to_string(script_.peer) +
                            " in that election");
    }
    return std::move(script_);
  }

 private:
  bool between(const TapeEvent& event, Sid from, Sid to) const {
    return event.kind == TapeEvent::Kind::kVote && tape_.src(event) == from &&
           tape_.dst(event) == to;
  }
  bool of_peer(const TapeEvent& event) const {
    return between(event, script_.peer, script_.counterpart);
  }
  bool of_counterpart(const TapeEvent& event) const {
    return between(event, script_.counterpart, script_.peer);
  }

  // From each beginning of the peer's election to the next; a life's first one from its beginning.
  std::vector<Stretch> stretches() const {
    std::vector<Duration> begins;
    for (const Life& life : mine_.lives) {
      begins.push_back(life.begin);
      bool first = !life.standing;
      for (const ScriptStep& step : life.steps) {
        if (step.kind != ScriptStep::Kind::kLook) continue;
        if (!first) begins.push_back(step.at);
        first = false;
      }
    }
    std::vector<Stretch> out;
    for (std::size_t i = 0; i < begins.size(); ++i) {
      out.push_back({begins[i], i + 1 < begins.size() ? begins[i + 1] : Duration::max()});
    }
    return out;
  }

  bool has_votes(const Stretch& stretch) const {
    return std::any_of(tape_.events.begin(), tape_.events.end(), [&](const TapeEvent& event) {
      return of_peer(event) && event.at >= stretch.begin && event.at < stretch.end;
    });
  }

  void fill(Stretch stretch) {
    std::optional<Duration> zero;
    std::optional<std::uint32_t> link;
    bool established = false;
    for (const TapeEvent& event : tape_.events) {
      const bool mine = of_peer(event);
      if (event.at < stretch.begin || event.at >= stretch.end) continue;
      if (!mine && !of_counterpart(event)) continue;
      if (!mine && event.vote.state != ServerState::kLooking) established = true;
      // The counterpart begins anew: the rest would go another way.
      const std::size_t most = std::max(script_.votes.size(), script_.words.size());
      if (most >= LiveScript::kMaxWords) break;
      if (!mine && established && event.vote.state == ServerState::kLooking) break;
      if (!zero) zero = event.at;
      LiveWord word{event.at - *zero, event.packet, event.vote, event.form, false};
      if (mine) {
        word.new_link = link != event.link;
        link = event.link;
        script_.votes.push_back(std::move(word));
      } else if (script_.words.empty() || !repeats(script_.words.back(), word)) {
        script_.words.push_back(std::move(word));
      }
      if (!mine && !first_word_) first_word_ = &event;
    }
    zero_ = zero.value_or(Duration(0));
    if (!first_word_) return;
    greeting();
    standing();
    members();
    decision(stretch.end);
  }

  static bool repeats(const LiveWord& before, const LiveWord& now) {
    return same_word(before.vote, now.vote) && before.form == now.form &&
           before.vote.config == now.vote.config;
  }

  void greeting() {
    script_.greeting = script_.votes.front().form == NotificationForm::kConfig
                           ? wire::GreetingForm::kV1
                           : wire::GreetingForm::kBareSid;
    for (const TapeEvent& event : tape_.events) {
      if (event.kind != TapeEvent::Kind::kGreeting || tape_.src(event) != script_.peer) continue;
      script_.greeting = event.greeting;
      if (tape_.dst(event) == script_.counterpart) return;
    }
  }

  // Its own proposal, as it stood before the peer came; else what it had decided on.
  void standing() {
    const wire::Notification& word = first_word_->vote;
    script_.standing = {word.state, word.leader, word.zxid, word.election_epoch, word.peer_epoch};
    if (word.state != ServerState::kLooking) return;
    const ScriptStep* look = nullptr;
    for (const Life& life : theirs_.lives) {
      for (const ScriptStep& step : life.steps) {
        if (step.kind == ScriptStep::Kind::kLook && step.at <= first_word_->at) look = &step;
      }
    }
    script_.standing.leader = script_.counterpart;
    if (look == nullptr) return;
    if (!look->own_is_guess) {
      script_.standing.zxid = look->own.last_zxid;
      script_.standing.epoch = look->own.peer_epoch;
    }
    // The round in which it offered itself, if it did where the capture shows it.
    for (std::size_t i = 0; i < tape_.events.size(); ++i) {
      const TapeEvent& event = tape_.events[i];
      if (event.kind != TapeEvent::Kind::kVote || tape_.src(event) != script_.counterpart) continue;
      if (event.at < look->at || event.vote.leader != script_.counterpart) continue;
      if (event.vote.state != ServerState::kLooking) continue;
      script_.standing.round = std::min(script_.standing.round, event.vote.election_epoch);
      return;
    }
  }

  void members() {
    script_.release = theirs_.release.to.value_or(kNewestRelease);
    if (auto config = analysis::config_of(*first_word_)) {
      script_.config = *std::move(config);
      script_.config_on_wire = true;
      return;
    }
    std::vector<Script> scripts;
    for (const Sid sid : servers_of(tape_)) scripts.push_back(script_of(tape_, sid));
    script_.config = seen_members(tape_, scripts);
  }

  void decision(Duration end) {
    if (script_.standing.state != ServerState::kLooking) return;
    for (const Life& life : theirs_.lives) {
      for (const ScriptStep& step : life.steps) {
        if (step.kind != ScriptStep::Kind::kDecision || step.at < first_word_->at) continue;
        if (step.at >= end || script_.decision) continue;
        script_.decision =
            LiveDecision{step.at - zero_, tape_.events[step.event].packet, step.state, step.leader};
      }
    }
  }

  const Tape& tape_;
  const Script mine_;
  const Script theirs_;
  LiveScript script_;
  const TapeEvent* first_word_ = nullptr;
  Duration zero_{0};
};

}  // namespace

tl::expected<LiveScript, std::string> live_script(const Tape& tape, const LiveChoice& choice) {
  const auto counterpart = choice.counterpart ? choice.counterpart : busiest(tape, choice.peer);
  if (!counterpart) {
    return tl::unexpected("no votes between server " + to_string(choice.peer) +
                          " and another server in the capture");
  }
  if (*counterpart == choice.peer) {
    return tl::unexpected("server " + to_string(choice.peer) + " has no votes for itself");
  }
  return LiveWriter(tape, choice.peer, *counterpart).write(choice.election);
}

}  // namespace zkprobe::analysis
