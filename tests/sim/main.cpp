// election_sim: elections of 3 to 9 machines under faults, by seed. README.md has the invariants.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <iostream>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/release.hpp"
#include "scenario.hpp"
#include "simulation.hpp"

namespace zkprobe::sim {
namespace {

struct Options {
  std::uint64_t seeds = 1000;
  std::uint64_t from = 1;
  std::optional<std::uint64_t> seed;
  bool trace = false;
  bool twice = false;
  unsigned jobs = 0;
  std::uint64_t stop_after = 5;
  std::string expect;
  std::string break_name;
  GeneratorOptions generator;
  std::string repeated;  // the options that a replay needs
};

struct Failure {
  std::string invariant;
  std::string text;
};

struct Result {
  std::map<std::uint64_t, Failure> failures;
  std::uint64_t done = 0;
  Counters counters;
};

std::optional<Failure> run_seed(std::uint64_t seed, const Options& options, Counters& counters) {
  const Scenario scenario = generate(seed, options.generator);
  if (options.trace) std::cout << describe(scenario);
  Simulation simulation(scenario, options.trace);
  std::optional<Failure> failure;
  try {
    simulation.run();
  } catch (const Violation& violation) {
    failure = Failure{violation.name, std::string(violation.what()) + "\n" + simulation.text()};
  }
  if (options.twice && !failure) {
    Simulation again(scenario, false);
    again.run();
    if (!(again.counters() == simulation.counters())) {
      failure = Failure{"runs-repeat", "runs-repeat: two runs of one seed differ\n"};
    }
  }
  counters.add(simulation.counters());
  return failure;
}

Result run_seeds(const Options& options) {
  Result result;
  std::mutex mutex;
  std::atomic<std::uint64_t> next{0};
  std::atomic<bool> stop{false};
  const auto work = [&] {
    Counters mine;
    while (!stop) {
      const std::uint64_t index = next++;
      if (index >= options.seeds) break;
      const std::uint64_t seed = options.from + index;
      const auto failure = run_seed(seed, options, mine);
      const std::lock_guard lock(mutex);
      if (failure) {
        result.failures.emplace(seed, *failure);
        if (result.failures.size() >= options.stop_after) stop = true;
        if (failure->invariant == options.expect) stop = true;
      }
      if (++result.done % 5'000 == 0) {
        std::cerr << result.done << " of " << options.seeds << " seeds, " << result.failures.size()
                  << " failures\n";
      }
    }
    const std::lock_guard lock(mutex);
    result.counters.add(mine);
  };
  std::vector<std::thread> threads;
  for (unsigned i = 1; i < options.jobs; ++i) threads.emplace_back(work);
  work();
  for (std::thread& thread : threads) thread.join();
  return result;
}

void print_times(const char* what, std::vector<Duration> times) {
  if (times.empty()) return;
  std::sort(times.begin(), times.end());
  const auto at = [&times](std::size_t percent) {
    return zkprobe::to_string(times[(times.size() - 1) * percent / 100]);
  };
  std::cout << what << ": " << times.size() << " times; half within " << at(50) << ", 90 % "
            << at(90) << ", 99 % " << at(99) << ", longest " << at(100) << "\n";
}

void print_summary(const Result& result) {
  Counters c = result.counters;
  for (const auto& [name, n] : c.events)
    std::printf("%10llu  %s\n", static_cast<unsigned long long>(n), name.c_str());
  std::fflush(stdout);
  const auto per = [&c](const char* what, const char* of) {
    const auto divisor = c.events[of];
    return divisor == 0 ? 0.0 : static_cast<double>(c.events[what]) / static_cast<double>(divisor);
  };
  std::printf("%10.2f  elections entered, for each decision\n",
              per("elections entered", "decisions"));
  std::printf("%10.2f  decisions, for each leader established\n",
              per("decisions", "leaders established"));
  std::fflush(stdout);
  print_times("from looking to deciding", c.time_to_decide);
  print_times("from healing to agreement", c.time_to_settle);
}

int report(const Options& options, const Result& result) {
  for (const auto& [seed, failure] : result.failures) {
    std::cout << "seed " << seed << " violates " << failure.text << "  replay: election_sim --seed "
              << seed << " --trace" << options.repeated << "\n";
  }
  if (!options.expect.empty()) {
    for (const auto& [seed, failure] : result.failures) {
      if (failure.invariant != options.expect) continue;
      std::cout << "noticed by " << options.expect << " within " << result.done << " seeds\n";
      return 0;
    }
    std::cout << options.expect << " noticed nothing in " << result.done << " seeds\n";
    return 1;
  }
  print_summary(result);
  std::cout << result.done << " seeds, " << result.failures.size() << " failures\n";
  return result.failures.empty() ? 0 : 1;
}

int run(int argc, char** argv) {
  Options options;
  std::vector<std::string> releases;
  int machines = 0;
  CLI::App app{
      "Runs elections of simulated servers under faults, and checks what must hold.\n"
      "Example: election_sim --seeds 2000\n"
      "         election_sim --seed 77 --trace"};
  app.add_option("--seeds", options.seeds, "How many seeds to run")->capture_default_str();
  app.add_option("--from", options.from, "The first seed")->capture_default_str();
  app.add_option("--seed", options.seed, "One seed alone");
  app.add_flag("--trace", options.trace, "Print every event");
  app.add_flag("--twice", options.twice, "Run each seed twice and compare");
  app.add_option("--machines", machines, "How many voters")->check(CLI::Range(1, 9));
  app.add_option("--releases", releases, "Releases to draw from, such as 3.4.14,3.9.6")
      ->delimiter(',');
  app.add_flag("--mixed-intervals", options.generator.mixed_intervals,
               "Let servers differ in their longest notification interval");
  app.add_option("--jobs", options.jobs, "Threads; the result does not depend on it");
  app.add_option("--stop-after", options.stop_after, "Failures to collect")->capture_default_str();
  app.add_option("--expect", options.expect, "Succeeds if this invariant is violated");
  app.add_option("--break", options.break_name, "Breaks something, to see that it is noticed")
      ->group("");
  CLI11_PARSE(app, argc, argv);
  if (machines > 0) {
    options.generator.machines = machines;
    options.repeated += " --machines " + std::to_string(machines);
  }
  for (std::size_t i = 0; i < releases.size(); ++i) {
    const auto release = parse_release(releases[i]);
    if (!release) {
      std::cerr << "--releases: expected a release such as 3.4.14, found " << releases[i] << "\n";
      return 2;
    }
    options.generator.releases.push_back(*release);
    options.repeated += (i == 0 ? " --releases " : ",") + releases[i];
  }
  if (options.generator.mixed_intervals) options.repeated += " --mixed-intervals";
  if (!options.break_name.empty()) {
    const auto found = std::find_if(
        kSabotages.begin(), kSabotages.end(),
        [&options](const SabotageInfo& info) { return info.name == options.break_name; });
    if (found == kSabotages.end()) {
      std::cerr << "--break: nothing is called " << options.break_name << "\n";
      return 2;
    }
    options.generator.sabotage = found->kind;
    options.repeated += " --break " + options.break_name;
    options.expect = found->invariant;
    options.stop_after = options.seeds;  // other invariants may notice it first
  }
  if (options.seed) {
    options.from = *options.seed;
    options.seeds = 1;
  }
  if (options.jobs == 0) options.jobs = std::max(1U, std::thread::hardware_concurrency());
  if (options.trace) options.jobs = 1;
  return report(options, run_seeds(options));
}

}  // namespace
}  // namespace zkprobe::sim

int main(int argc, char** argv) { return zkprobe::sim::run(argc, argv); }
