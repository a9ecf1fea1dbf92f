// zkprobe check ADDRESS...: plays the scenarios that fit against running servers.
#include <cstdio>
#include <fstream>

#include "address.hpp"
#include "check_report.hpp"
#include "conformance/catalogue.hpp"
#include "conformance/recognise.hpp"
#include "conformance/tcp_endpoint.hpp"
#include "ensemble_folder.hpp"
#include "options.hpp"
#include "verbs.hpp"

#include <CLI/CLI.hpp>

namespace zkprobe::tool {
namespace {

using conformance::Class;
using conformance::ReleaseRange;
using conformance::Scenario;
using conformance::Verdict;

struct CheckOptions {
  SharedOptions shared;
  std::vector<wire::HostPort> addresses;
  bool list = false;
  bool intrusive = false;
  std::vector<std::string> only;
  std::string junit, baseline, ensemble;
  std::optional<wire::HostPort> client;
  std::optional<ReleaseRange> release;
  std::optional<std::int64_t> sid;
};

std::string read_all(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file.good() && !file.eof()) throw UsageError("check: " + path + ": cannot be read");
  if (text.empty()) throw UsageError("check: " + path + ": cannot be read, or is empty");
  return text;
}

std::vector<Scenario> chosen(const CheckOptions& options) {
  std::vector<Scenario> scenarios;
  for (Scenario& one : conformance::catalogue()) {
    bool wanted = options.only.empty();
    for (const std::string& pattern : options.only) {
      wanted = wanted || conformance::matches(pattern, one.id);
    }
    if (one.danger == Class::kIntrusive && !options.intrusive && options.ensemble.empty() &&
        !options.list) {
      wanted = false;
    }
    if (one.danger == Class::kDestructive && options.ensemble.empty() && !options.list) {
      wanted = false;
    }
    if (wanted) scenarios.push_back(std::move(one));
  }
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
    record["covers"] = one.covers;
    record["why"] = one.why;
    if (options.shared.json) out += to_line(record);
  }
  if (!options.shared.json) out = table.render(Style::of_standard_output());
  std::fwrite(out.data(), 1, out.size(), stdout);
  return 0;
}

class Check {
 public:
  explicit Check(const CheckOptions& options)
      : options_(options), style_(Style::of_standard_output()), scenarios_(chosen(options)) {
    if (!options.baseline.empty()) {
      baseline_ = read_baseline(read_all(options.baseline));
      if (!baseline_) {
        throw UsageError("check: " + options.baseline +
                         ": expected the records of 'zkprobe check --json'");
      }
    }
  }

  ExitCode run() {
    if (scenarios_.empty()) throw UsageError("check: no check of the catalogue fits --only");
    for (const wire::HostPort& address : options_.addresses) server(address);
    if (options_.shared.json) {
      print(to_line(check_totals(all_)));
    } else if (!all_.empty()) {
      print("\n" + check_summary(all_));
    }
    if (!options_.junit.empty()) {
      std::ofstream file(options_.junit, std::ios::binary);
      file << check_junit(all_);
      if (!file.flush()) throw UsageError("check: " + options_.junit + ": cannot be written");
    }
    if (all_.empty()) return ExitCode::kUnreachable;
    return unreachable_ || worse_ ? ExitCode::kDoesNotHold : ExitCode::kHolds;
  }

 private:
  static void print(const std::string& text) {
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
  }

  void server(const wire::HostPort& address) {
    conformance::TcpEndpoint endpoint(address);
    const auto found = conformance::recognise(endpoint);
    const std::string name = wire::to_string(address);
    if (!found) {
      std::fprintf(stderr, "zkprobe: check: %s: %s%s\n", name.c_str(), found.error().c_str(),
                   endpoint.failure().empty() ? "" : (" (" + endpoint.failure() + ")").c_str());
      unreachable_ = true;
      return;
    }
    const conformance::Target target = target_of(address, *found);
    const std::string release = to_string(target.release);
    if (!options_.shared.json) {
      print(name + ": release " + release + "\n");
      if (target.release.first != target.release.last) {
        print(
            "the release is not known exactly (name a client port with --client, or --release): "
            "what depends on it is skipped\n");
      }
    }
    for (const Scenario& scenario : scenarios_) {
      if (scenario.danger == Class::kDestructive) guard(address, found->config);
      Checked one{name, release, scenario, conformance::Runner(endpoint, target).run(scenario)};
      tell(one);
      all_.push_back(std::move(one));
    }
  }

  void tell(const Checked& one) {
    const bool failed = one.result.verdict == Verdict::kFail;
    if (!baseline_) {
      worse_ = worse_ || failed;
    } else {
      const auto before = baseline_->find(baseline_key(one));
      const std::string now(to_string(one.result.verdict));
      const bool same = before != baseline_->end() && before->second == now;
      if (same) return;
      worse_ = worse_ || failed;
      if (!options_.shared.json) {
        print("was " + (before == baseline_->end() ? "not run" : before->second) + ", now:\n");
      }
    }
    print(options_.shared.json ? to_line(check_record(one)) : check_text(one, style_));
  }

  conformance::Target target_of(const wire::HostPort& address,
                                const conformance::Recognised& found) const {
    conformance::Target target;
    target.release = found.release;
    std::optional<wire::HostPort> client = options_.client;
    if (found.config) {
      for (const wire::QuorumServer& server : found.config->servers) {
        for (const wire::ServerAddress& one : server.addresses) {
          if (one.election_port != address.port) continue;
          if (one.host != address.host && !wire::is_wildcard({one.host, 1})) continue;
          target.sid = server.sid;
          if (!client && server.client) client = wire::HostPort{address.host, server.client->port};
        }
      }
    }
    if (options_.sid) target.sid = Sid(*options_.sid);
    if (options_.release) {
      target.release = *options_.release;
    } else if (client) {
      if (const auto release = ask_srvr(*client)) target.release = {*release, *release};
    }
    return target;
  }

  static std::optional<Release> ask_srvr(const wire::HostPort& client) {
    constexpr Duration kPatience = std::chrono::seconds(3);
    conformance::TcpEndpoint port(client);
    const auto link = port.dial(kPatience);
    if (!link) return std::nullopt;
    port.write(*link, as_bytes("srvr"));
    Bytes text;
    while (text.size() < 65'536) {
      const auto event = port.wait(*link, kPatience);
      if (event.what != conformance::Endpoint::Event::What::kBytes) break;
      text.insert(text.end(), event.bytes.begin(), event.bytes.end());
    }
    return conformance::release_in_srvr(to_text(text));
  }

  // What can end a server is done to servers of the folder alone.
  void guard(const wire::HostPort& address, const std::optional<wire::QuorumConfig>& config) const {
    const auto folder = read_ensemble_folder(options_.ensemble);
    if (!folder) throw UsageError("check: " + folder.error());
    wire::QuorumConfig members;
    if (config) members = *config;
    bool recorded = false;
    for (const FolderServer& server : folder->servers) {
      for (const wire::HostPort& one : server.addresses) recorded = recorded || one == address;
    }
    if (!recorded) {
      throw UsageError("check: " + wire::to_string(address) + " is no server of " +
                       options_.ensemble + ": expected one for destructive checks");
    }
    // Only the server under test has to run; the others' seats may be free.
    members.servers.erase(std::remove_if(members.servers.begin(), members.servers.end(),
                                         [&address](const wire::QuorumServer& server) {
                                           return server.addresses[0].election_port != address.port;
                                         }),
                          members.servers.end());
    if (const auto why = why_not_ours(*folder, members, Sid::min())) {
      throw UsageError("check: destructive checks are refused: " + *why);
    }
  }

  const CheckOptions& options_;
  const Style style_;
  const std::vector<Scenario> scenarios_;
  std::optional<std::map<std::string, std::string>> baseline_;
  std::vector<Checked> all_;
  bool unreachable_ = false;
  bool worse_ = false;
};

ExitCode run_check(const CheckOptions& options) {
  if (options.list) {
    list(chosen(options), options);
    return ExitCode::kHolds;
  }
  if (options.addresses.empty()) {
    throw UsageError("check: expected ADDRESS or --list (see 'zkprobe check --help')");
  }
  return Check(options).run();
}

constexpr const char* kNotes =
    "Safe checks leave what a question leaves ('zkprobe status --help') and lines about links that "
    "were\n"
    "refused. --intrusive is for a staging server: it is made to wait for a silent link, to dial "
    "back,\n"
    "and to keep a socket. Destructive checks need --ensemble DIR, a folder that scripts/"
    "zk-ensemble or\n"
    "'zkprobe ensemble' wrote: they play members of an ensemble of three whose server 1 runs "
    "alone.\n"
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
  verb->add_flag("--intrusive", options->intrusive, "Also what a staging server can bear");
  verb->add_option("--ensemble", options->ensemble,
                   "Also what needs an ensemble of its own: the folder of scripts/zk-ensemble");
  verb->add_option("--junit", options->junit, "Write the results as JUnit XML");
  verb->add_option("--baseline", options->baseline,
                   "Show only what changed since a stored run (--json)");
  verb->add_option_function<std::string>(
      "--client",
      [options](const std::string& text) {
        const auto address = parse_address(text, 2181);
        if (!address) throw CLI::ValidationError("--client", address.error());
        options->client = *address;
      },
      "A client port that tells the release (srvr)");
  verb->add_option_function<std::string>(
      "--release",
      [options](const std::string& text) {
        const auto release = parse_release(text);
        if (!release) throw CLI::ValidationError("--release", "expected a release such as 3.9.6");
        options->release = ReleaseRange{*release, *release};
      },
      "The servers' release, where neither the wire nor srvr tells it");
  verb->add_option_function<std::int64_t>(
      "--sid", [options](std::int64_t sid) { options->sid = sid; },
      "The server's id, where its answer does not tell it (3.4 and before)");
  add_shared_options(*verb, options->shared);
  verb->callback([options, &context] { context.run = [options] { return run_check(*options); }; });
}

}  // namespace zkprobe::tool
