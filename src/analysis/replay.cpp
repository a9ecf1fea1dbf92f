#include "analysis/replay.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "analysis/replay_members.hpp"
#include "wire/describe.hpp"

namespace zkprobe::analysis {

using wire::ServerState;

namespace {

// Where the bytes allow several rules: the newest first, then those that differ from it.
std::vector<Release> candidates(const capture::ReleaseRange& range) {
  std::vector<Release> out{range.to.value_or(kNewestRelease)};
  for (const Release release : {Release{3, 6, 0}, Release{3, 5, 10}, Release{3, 5, 4},
                                Release{3, 4, 12}, Release{3, 4, 3}}) {
    if (range.contains(release) && release != out.front()) out.push_back(release);
  }
  return out;
}

class ServerReplayer {
 public:
  ServerReplayer(const Tape& tape, const Script& script, const ReplayOptions& options,
                 const wire::QuorumConfig& seen, std::uint64_t& work)
      : tape_(tape), script_(script), options_(options), seen_(seen), work_(work) {}

  ServerReplay replay() {
    ServerReplay best;
    bool first = true;
    std::vector<Release> releases = candidates(script_.release);
    if (options_.release) releases = {*options_.release};
    for (const Release release : releases) {
      ServerReplay tried = play(release, {});
      const bool better = first || cost(tried) < cost(best);
      if (better) best = std::move(tried);
      first = false;
      if (cost(best).first == 0) break;
    }
    if (options_.trace) play(best.played, options_.trace);
    return best;
  }

 private:
  using Trace = decltype(ReplayOptions::trace);

  static std::pair<std::size_t, std::size_t> cost(const ServerReplay& result) {
    std::size_t differ = 0;
    std::size_t explained = 0;
    for (const ReplayTally& tally : result.tally) {
      differ += tally.differ;
      explained += tally.explained;
    }
    return {differ, explained};
  }

  // The configuration that the server holds when a life begins: the one in its first own vote.
  wire::QuorumConfig config(const Life& life, ServerReplay& result) const {
    for (const ScriptStep& step : life.steps) {
      if (step.kind != ScriptStep::Kind::kSend) continue;
      if (auto config = config_of(tape_.events[step.event])) {
        result.config_on_wire = true;
        return *std::move(config);
      }
    }
    if (options_.config) return *options_.config;
    for (const TapeEvent& event : tape_.events) {
      if (auto config = config_of(event)) return *std::move(config);
    }
    return seen_;
  }

  ServerReplay play(Release release, const Trace& trace) const {
    ServerReplay result;
    result.self = script_.self;
    result.release = script_.release;
    result.played = release;
    result.observer = script_.observer;
    result.lives = script_.lives.size();
    result.unknown_sender = script_.unknown_sender;
    for (std::size_t i = 0; i < script_.lives.size(); ++i) {
      const Life& life = script_.lives[i];
      RunSettings settings;
      settings.election.self = script_.self;
      settings.election.dialect.release = release;
      settings.election.learner_type =
          script_.observer ? wire::LearnerType::kObserver : wire::LearnerType::kParticipant;
      settings.election.reconfig_enabled = script_.reconfigured;
      settings.config = config(life, result);
      settings.capture_end = tape_.events.empty() ? Duration(0) : tape_.events.back().at;
      result.config = wire::describe(settings.config);
      ReplayRun run(tape_, script_, life, settings);
      const Repaired repaired = repair(run, tape_, life, work_);
      if (trace) {
        std::set<std::size_t> accepted;
        const auto line = [&](Duration at, const std::string& text) {
          trace(script_.self, at, text);
        };
        line(life.begin, i == 0 ? "the capture begins" : "the server starts anew");
        run.run(repaired.adjustments(), accepted, line);
      }
      add(life, i == 0, repaired, result);
    }
    return result;
  }

  void add(const Life& life, bool first_life, const Repaired& repaired,
           ServerReplay& result) const {
    for (std::size_t kind = 0; kind < 3; ++kind) {
      result.tally[kind].compared += repaired.first.compared[kind];
    }
    for (const Repair& repair : repaired.repairs) {
      const bool unread = repair.adjustment.kind == Adjustment::Kind::kNever;
      push(life, repair.difference, unread ? Cause::kClosedLink : Cause::kTiming,
           explain(life, repair), result);
    }
    for (const Difference& difference : repaired.left) {
      const Cause cause = cause_of(life, first_life, difference);
      if (difference.old_vote) {
        push(life, difference, Cause::kTiming,
             "the server had set its new state and not yet its new vote (setPeerState comes before "
             "setCurrentVote): what it told is its vote from before",
             result);
        continue;
      }
      if (difference.untried) ++result.untried;
      const bool unsure = difference.untried && cause == Cause::kReal;
      push(life, difference, cause,
           unsure ? "not every order of the events of that moment was tried" : explain(cause),
           result);
    }
    for (std::size_t kind = 0; kind < 3; ++kind) {
      ReplayTally& tally = result.tally[kind];
      const std::size_t other = tally.explained + tally.differ;
      tally.compared = std::max(tally.compared, other);
      tally.agree = tally.compared - other;
    }
    outcomes(life, result);
    std::stable_sort(result.differences.begin(), result.differences.end(),
                     [](const auto& a, const auto& b) { return a.at < b.at; });
  }

  void push(const Life& life, const Difference& difference, Cause cause, std::string explanation,
            ServerReplay& result) const {
    const ScriptStep& step = life.steps[difference.step];
    ReplayTally& tally = result.tally[static_cast<std::size_t>(difference.kind)];
    ++(cause == Cause::kReal ? tally.differ : tally.explained);
    // A silence is no message of the capture, so it was not counted among them.
    if (difference.silence) ++tally.compared;
    result.differences.push_back({difference.kind, cause, step.at, tape_.events[step.event].packet,
                                  difference.to, difference.server, difference.ours,
                                  std::move(explanation)});
  }

  void outcomes(const Life& life, ServerReplay& result) const {
    for (const ScriptStep& step : life.steps) {
      if (step.kind != ScriptStep::Kind::kDecision) continue;
      ReplayOutcome outcome{step.at, step.state, step.leader, {}, {}};
      if (step.by_vote) {
        const wire::Notification& vote = tape_.events[step.event].vote;
        outcome.round = vote.election_epoch;
        if (script_.release.from >= Release{3, 4, 0}) outcome.epoch = vote.peer_epoch;
      }
      result.outcomes.push_back(outcome);
    }
  }

  std::string message(const ScriptStep& step) const {
    return "the vote of " + to_string(step.peer) + " in packet " +
           std::to_string(tape_.events[step.event].packet);
  }

  std::string explain(const Life& life, const Repair& repair) const {
    const ScriptStep& step = life.steps[repair.adjustment.step];
    const ScriptStep& after = life.steps[repair.adjustment.after];
    if (step.kind == ScriptStep::Kind::kSettle) {
      return "it agrees if the server's vote spoke for the new epoch " +
             zkprobe::to_string(after.at >= step.at ? after.at - step.at : step.at - after.at) +
             (after.at >= step.at ? " later" : " earlier") + " than the learner link tells";
    }
    switch (repair.adjustment.kind) {
      case Adjustment::Kind::kLater:
        return "it agrees if the server took " + message(step) + " only " +
               zkprobe::to_string(after.at - step.at) +
               " after it had arrived, behind what it did meanwhile";
      case Adjustment::Kind::kBeforeDeadline:
        return "it agrees if the server took " + message(step) +
               " still before its wait ended: at the end of a wait the order is not on the wire";
      case Adjustment::Kind::kNever:
        return "it agrees if the server never read " + message(step) + ": its link was closed " +
               zkprobe::to_string(tape_.links[tape_.events[step.event].link].closed - step.at) +
               " later";
      case Adjustment::Kind::kLookAt:
        if (step.kind == ScriptStep::Kind::kReceive) {
          return "it agrees if the server took " + message(step) +
                 " before votes of other links that had come up to " +
                 zkprobe::to_string(step.at - after.at) + " earlier";
        }
        return "it agrees if the server began to look for a leader " +
               std::string(after.at >= step.at
                               ? zkprobe::to_string(after.at - step.at) + " later"
                               : zkprobe::to_string(step.at - after.at) + " earlier") +
               ": when it did so is not on the wire";
    }
    return "";
  }

  Cause cause_of(const Life& life, bool first_life, const Difference& difference) const {
    bool gap = false;
    std::size_t looks = 0;
    for (std::size_t i = 0; i <= difference.step && i < life.steps.size(); ++i) {
      gap = gap || life.steps[i].kind == ScriptStep::Kind::kGap;
      if (life.steps[i].kind == ScriptStep::Kind::kLook) ++looks;
    }
    if (gap) return Cause::kLoss;
    const std::size_t known = life.standing ? 0 : 1;
    if (first_life && !life.from_start && looks <= known) return Cause::kBeforeCapture;
    return Cause::kReal;
  }

  static std::string explain(Cause cause) {
    switch (cause) {
      case Cause::kLoss:
        return "the capture lacks bytes from or to this server before it";
      case Cause::kBeforeCapture:
        return "the server was there before the capture began and had heard more than it shows";
      case Cause::kReal:
        return "no order of the events of that moment explains it";
      case Cause::kTiming:
      case Cause::kClosedLink:
        break;
    }
    return "";
  }

  const Tape& tape_;
  const Script& script_;
  const ReplayOptions& options_;
  const wire::QuorumConfig& seen_;
  std::uint64_t& work_;  // that is left for explanations
};

}  // namespace

std::string_view to_string(Cause cause) {
  switch (cause) {
    case Cause::kTiming:
      return "timing";
    case Cause::kClosedLink:
      return "closed link";
    case Cause::kBeforeCapture:
      return "before the capture";
    case Cause::kLoss:
      return "loss";
    case Cause::kReal:
      return "real";
  }
  return "?";
}

bool ServerReplay::agrees() const {
  return std::none_of(differences.begin(), differences.end(),
                      [](const auto& difference) { return difference.cause == Cause::kReal; });
}

std::vector<ServerReplay> replay(const Tape& tape, const ReplayOptions& options) {
  std::vector<Script> scripts;
  for (const Sid sid : servers_of(tape)) scripts.push_back(script_of(tape, sid));
  const wire::QuorumConfig seen = seen_members(tape, scripts);
  std::vector<ServerReplay> results;
  std::uint64_t work = options.work;
  for (const Script& script : scripts) {
    const auto& only = options.servers;
    if (!only.empty() && std::find(only.begin(), only.end(), script.self) == only.end()) continue;
    if (script.asker) {
      ServerReplay asker;
      asker.self = script.self;
      asker.release = script.release;
      asker.asker = true;
      asker.questions = script.sent;
      results.push_back(std::move(asker));
      continue;
    }
    results.push_back(ServerReplayer(tape, script, options, seen, work).replay());
  }
  return results;
}

}  // namespace zkprobe::analysis
