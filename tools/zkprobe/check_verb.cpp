// zkprobe check ADDRESS...: plays the scenarios that fit against running servers.
#include <algorithm>
#include <cstdio>
#include <functional>
#include <utility>

#include "address.hpp"
#include "check_run.hpp"
#include "conformance/catalogue.hpp"
#include "options.hpp"
#include "verbs.hpp"

#include <CLI/CLI.hpp>

namespace zkprobe::tool {
namespace {

using conformance::Class;
using conformance::ReleaseRange;
using conformance::Scenario;

// The catalogue, or the files that the user names in its place.
std::vector<Scenario> all_of(const CheckOptions& options) {
  if (options.files.empty()) return conformance::catalogue();
  std::vector<Scenario> scenarios;
  for (const std::string& file : options.files) {
    auto scenario = conformance::parse_scenario(file, read_check_file(file));
    if (!scenario) throw UsageError("check: " + scenario.error());
    scenarios.push_back(*std::move(scenario));
  }
  return scenarios;
}

// What this scenario needs and the user has not given. Nothing: it can be played.
std::optional<std::string> why_not(const Scenario& one, const CheckOptions& options) {
  if (options.list || !options.ensemble.empty()) return std::nullopt;
  if (one.danger == Class::kDestructive) {
    return one.id + " is destructive: expected --ensemble DIR";
  }
  if (one.danger == Class::kIntrusive && !options.intrusive) {
    return one.id + " is intrusive: expected --intrusive";
  }
  return std::nullopt;
}

// A scenario by a pattern of --only, or all of the files: a pattern none of whose scenarios can be
// played is told, and ends it where nothing else is left.
void tell_what_cannot_be_played(const std::vector<Scenario>& all, const CheckOptions& options,
                                bool nothing_left) {
  std::vector<std::string> complaints;
  const auto complain = [&](const std::function<bool(const Scenario&)>& meant,
                            const std::string& none) {
    std::string why = none;
    for (const Scenario& one : all) {
      if (!meant(one)) continue;
      const auto needs = why_not(one, options);
      if (!needs) return;
      if (why == none) why = *needs;
    }
    if (std::find(complaints.begin(), complaints.end(), why) == complaints.end()) {
      complaints.push_back(why);
    }
  };
  for (const std::string& pattern : options.only) {
    complain([&pattern](const Scenario& one) { return conformance::matches(pattern, one.id); },
             "no check fits --only " + pattern);
  }
  if (options.only.empty() && !options.files.empty()) {
    for (const Scenario& file : all) {
      complain([&file](const Scenario& one) { return &one == &file; }, "");
    }
  }
  if (nothing_left && complaints.empty()) complaints.push_back("there is nothing to check");
  if (nothing_left) throw UsageError("check: " + complaints.front());
  for (const std::string& why : complaints) {
    std::fprintf(stderr, "zkprobe: check: %s\n", why.c_str());
  }
}

std::vector<Scenario> chosen(const CheckOptions& options) {
  const std::vector<Scenario> all = all_of(options);
  std::vector<Scenario> scenarios;
  for (const Scenario& one : all) {
    bool wanted = options.only.empty();
    for (const std::string& pattern : options.only) {
      wanted = wanted || conformance::matches(pattern, one.id);
    }
    if (wanted && !why_not(one, options)) scenarios.push_back(one);
  }
  if (!options.list) tell_what_cannot_be_played(all, options, scenarios.empty());
  // What ends servers comes last, and what begins with all of them before what leaves one alone.
  std::stable_sort(scenarios.begin(), scenarios.end(), [](const Scenario& a, const Scenario& b) {
    const auto rank = [](const Scenario& one) {
      return std::pair(one.danger == Class::kDestructive,
                       one.begins == conformance::Beginning::kAlone);
    };
    return rank(a) < rank(b);
  });
  return scenarios;
}

int list(const std::vector<Scenario>& scenarios, const CheckOptions& options) {
  std::string out;
  Table table;
  table.add_row({{"CHECK", Colour::kFaint},
                 {"CLASS", Colour::kFaint},
                 {"RELEASES", Colour::kFaint},
                 {"COVERS", Colour::kFaint},
                 {"WHAT HOLDS", Colour::kFaint}});
  for (const Scenario& one : scenarios) {
    table.add_row({{one.id},
                   {std::string(to_string(one.danger))},
                   {to_string(one.releases)},
                   {one.covers},
                   {one.title}});
    Json record;
    record["id"] = one.id;
    record["title"] = one.title;
    record["class"] = std::string(to_string(one.danger));
    record["releases"] = to_string(one.releases);
    record["needs"] = Json::array();
    for (const conformance::Need need : one.needs) {
      record["needs"].push_back(std::string(to_string(need)));
    }
    record["covers"] = one.covers;
    record["why"] = one.why;
    if (options.shared.json) out += to_line(record);
  }
  if (!options.shared.json) out = table.render(Style::of_standard_output());
  std::fwrite(out.data(), 1, out.size(), stdout);
  return 0;
}

ExitCode run_check(const CheckOptions& options) {
  if (options.list) {
    list(chosen(options), options);
    return ExitCode::kHolds;
  }
  if (options.addresses.empty()) {
    throw UsageError("check: expected ADDRESS or --list (see 'zkprobe check --help')");
  }
  const CheckTargetOptions& target = options.target;
  if (options.addresses.size() > 1 &&
      (target.client || target.learner || target.release || target.sid)) {
    throw UsageError(
        "check: --client, --learner, --release and --sid are of one server: expected one ADDRESS, "
        "found " +
        std::to_string(options.addresses.size()));
  }
  return CheckRun(options, chosen(options)).run();
}

constexpr const char* kNotes =
    "Safe checks leave what a question leaves ('zkprobe status --help') and lines about links that "
    "were\n"
    "refused. --intrusive is for a staging server: it is made to wait for a silent link, to dial "
    "back,\n"
    "and to keep a socket. Destructive checks need --ensemble DIR, a folder that scripts/"
    "zk-ensemble or\n"
    "'zkprobe ensemble' wrote: they end members and start them again, and play members 2 and 3 of "
    "an\n"
    "ensemble whose server 1 runs alone; in a folder of scripts/zk-ensemble it is brought there, "
    "without\n"
    "its data.\n"
    "A known defect of a release is neither pass nor fail. The release is told from the wire, and "
    "exactly\n"
    "from 'srvr' of the client port that the configuration or --client names.\n"
    "Exit codes: 0 nothing failed, 1 a check failed, 2 usage, 3 no server answered.";

}  // namespace

void add_check_verb(CLI::App& app, Context& context) {
  auto options = std::make_shared<CheckOptions>();
  CLI::App* verb = add_verb(
      app, context,
      {"check",
       "Check how servers behave on the wire, release by release",
       {"zkprobe check zk1:3888", "zkprobe check --list",
        "zkprobe check --intrusive --only 'greeting_*' --junit checks.xml staging1:3888",
        "zkprobe check --json zk1 > before.json; zkprobe check --baseline before.json zk1"},
       kNotes});
  add_addresses(*verb, &options->addresses,
                "Servers' election ports: host[:port], [IPv6]:port, a comma list; port 3888 if "
                "none is named");
  verb->add_flag("--list", options->list, "Print the checks with class, releases and what holds");
  verb->add_option("--only", options->only, "Those whose name fits; '*' stands for anything")
      ->allow_extra_args(false);
  verb->add_option("--scenario", options->files, "Play this file in place of the catalogue")
      ->allow_extra_args(false);
  verb->add_flag("--intrusive", options->intrusive, "Also what a staging server can bear");
  verb->add_option("--ensemble", options->ensemble,
                   "Also what needs an ensemble of its own: the folder of scripts/zk-ensemble");
  verb->add_option("--junit", options->junit, "Write the results as JUnit XML");
  verb->add_option("--transcript", options->transcript,
                   "Write every message as a record, for scripts/compare-transcripts");
  verb->add_option("--baseline", options->baseline,
                   "Show only what changed since a stored run (--json)");
  verb->add_option_function<std::string>(
      "--client",
      [options](const std::string& text) {
        const auto address = parse_address(text, 2181);
        if (!address) throw CLI::ValidationError("--client", address.error());
        options->target.client = *address;
      },
      "A client port that tells the release (srvr)");
  verb->add_option_function<std::string>(
      "--learner",
      [options](const std::string& text) {
        const auto address = parse_address(text, 2888);
        if (!address) throw CLI::ValidationError("--learner", address.error());
        options->target.learner = *address;
      },
      "The leader's learner port, where its answer does not tell it (3.4 and before)");
  verb->add_option_function<std::string>(
      "--release",
      [options](const std::string& text) {
        const auto release = parse_release(text);
        if (!release) throw CLI::ValidationError("--release", "expected a release such as 3.9.6");
        options->target.release = ReleaseRange{*release, *release};
      },
      "The server's release, where neither the wire nor srvr tells it");
  verb->add_option_function<std::int64_t>(
      "--sid", [options](std::int64_t sid) { options->target.sid = sid; },
      "The server's id, where its answer does not tell it (3.4 and before)");
  add_shared_options(*verb, options->shared);
  verb->callback([options, &context] { context.run = [options] { return run_check(*options); }; });
}

}  // namespace zkprobe::tool
