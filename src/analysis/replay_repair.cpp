#include "analysis/replay_repair.hpp"

#include <algorithm>
#include <set>

namespace zkprobe::analysis {

using Kind = Adjustment::Kind;

namespace {

Duration distance(Duration a, Duration b) { return a > b ? a - b : b - a; }

// What may have happened in another order around a difference, the most likely first.
std::vector<Adjustment> candidates(const Tape& tape, const Life& life, const Difference& at) {
  std::vector<Adjustment> out;
  const auto& steps = life.steps;
  const Duration when = steps[at.step].at;
  std::vector<Adjustment> later;
  std::vector<Adjustment> never;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const ScriptStep& step = steps[i];
    if (distance(step.at, when) > kReach && step.kind != ScriptStep::Kind::kLook) continue;
    if (step.kind == ScriptStep::Kind::kSettle) {
      for (std::size_t k = 0; k < steps.size(); ++k) {
        if (k == i || distance(steps[k].at, step.at) > kReach) continue;
        later.push_back({k < i ? Kind::kLookAt : Kind::kLater, i, k});
      }
    } else if (step.kind == ScriptStep::Kind::kReceive) {
      out.push_back({Kind::kBeforeDeadline, i, 0});
      for (std::size_t k = i + 1; k < steps.size() && steps[k].at - step.at <= kReach; ++k) {
        if (k + 1 < steps.size() && steps[k + 1].kind == ScriptStep::Kind::kReceive &&
            steps[k].kind != ScriptStep::Kind::kSend && k > i + 8) {
          continue;
        }
        later.push_back({Kind::kLater, i, k});
      }
      // Votes of several links: those before it waited.
      for (std::size_t k = i; k-- > 0;) {
        const ScriptStep::Kind kind = steps[k].kind;
        if (kind != ScriptStep::Kind::kReceive || step.at - steps[k].at > kReach) break;
        later.push_back({Kind::kLookAt, i, k});
      }
      const TapeLink& link = tape.links[tape.events[step.event].link];
      if (link.closed != Duration::max() && link.closed - step.at <= std::chrono::seconds(1)) {
        never.push_back({Kind::kNever, i, 0});
      }
    } else if (step.kind == ScriptStep::Kind::kLook && i <= at.step + 8) {
      for (std::size_t k = step.earliest; k < steps.size() && k <= at.step + 8; ++k) {
        if (k != i && k != i + 1) later.push_back({Kind::kLookAt, i, k});
      }
    }
  }
  // Small movements are likelier than large ones.
  std::stable_sort(later.begin(), later.end(), [](const Adjustment& a, const Adjustment& b) {
    const auto span = [](const Adjustment& x) {
      return x.after > x.step ? x.after - x.step : x.step - x.after;
    };
    return span(a) < span(b);
  });
  out.insert(out.end(), never.begin(), never.end());
  out.insert(out.end(), later.begin(), later.end());
  if (out.size() > kMaxTries) out.resize(kMaxTries);
  return out;
}

const Difference* first_open(const RunResult& result, const std::set<std::size_t>& accepted) {
  for (const Difference& difference : result.differences) {
    if (!accepted.contains(difference.step)) return &difference;
  }
  return nullptr;
}

}  // namespace

std::vector<Adjustment> Repaired::adjustments() const {
  std::vector<Adjustment> all;
  for (const Repair& repair : repairs) all.push_back(repair.adjustment);
  return all;
}

namespace {

// One life, until every difference has an explanation or is known to have none.
class Repairer {
 public:
  Repairer(ReplayRun& run, const Tape& tape, const Life& life, std::uint64_t work)
      : run_(run), tape_(tape), life_(life), work_(work) {}

  Repaired repair() {
    current_ = run_.run({}, accepted_);
    out_.first = current_;
    begun_ = run_.work();
    while (const Difference* open = first_open(current_, accepted_)) {
      Difference difference = *open;
      if (difference.old_vote) {
        accept(std::move(difference));
        continue;
      }
      if (explain(difference)) continue;
      accept(std::move(difference));
      std::erase_if(current_.differences,
                    [&](const Difference& d) { return accepted_.contains(d.step); });
    }
    return std::move(out_);
  }
  std::uint64_t spent() const { return run_.work() - begun_ + looked_at_; }

 private:
  void accept(Difference difference) {
    accepted_.insert(difference.step);
    out_.left.push_back(std::move(difference));
  }

  // Tries one movement after the other, and keeps the one that leaves the fewest differences.
  bool explain(Difference& difference) {
    difference.untried = spent() >= work_;
    if (difference.untried) return false;
    std::optional<Adjustment> best;
    RunResult best_result;
    const std::vector<Adjustment> all = candidates(tape_, life_, difference);
    looked_at_ += life_.steps.size() / kCheap;
    for (const Adjustment& candidate : all) {
      std::vector<Adjustment> tried = out_.adjustments();
      if (moved(tried, candidate)) continue;
      difference.untried = spent() >= work_;
      if (difference.untried) break;
      tried.push_back(candidate);
      const std::size_t before =
          best ? best_result.differences.size() : current_.differences.size();
      auto result = run_.attempt(tried, accepted_, {difference.step, before});
      if (!result) continue;
      best = candidate;
      best_result = *std::move(result);
      if (best_result.differences.empty()) break;
    }
    if (!best) return false;
    out_.repairs.push_back({*best, difference});
    current_ = std::move(best_result);
    return true;
  }

  static bool moved(const std::vector<Adjustment>& already, const Adjustment& candidate) {
    return std::any_of(already.begin(), already.end(), [&](const Adjustment& a) {
      return a.step == candidate.step &&
             (a.kind == candidate.kind ||
              (a.kind != Kind::kBeforeDeadline && candidate.kind != Kind::kBeforeDeadline));
    });
  }

  static constexpr std::size_t kCheap = 16;  // steps that are looked at for one that is played

  ReplayRun& run_;
  const Tape& tape_;
  const Life& life_;
  const std::uint64_t work_;
  std::uint64_t begun_ = 0;
  std::uint64_t looked_at_ = 0;
  std::set<std::size_t> accepted_;
  RunResult current_;
  Repaired out_;
};

}  // namespace

Repaired repair(ReplayRun& run, const Tape& tape, const Life& life, std::uint64_t& work) {
  Repairer repairer(run, tape, life, std::min(work, kWorkOfLife));
  Repaired out = repairer.repair();
  work -= std::min(work, repairer.spent());
  return out;
}

}  // namespace zkprobe::analysis
