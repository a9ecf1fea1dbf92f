// zkprobe audit ADDRESS...: from one address to a judgement of the whole ensemble.
#include <cstdio>
#include <fstream>
#include <iterator>

#include "address.hpp"
#include "audit_record.hpp"
#include "audit_run.hpp"
#include "audit_view.hpp"
#include "verbs.hpp"

#include <CLI/CLI.hpp>

namespace zkprobe::tool {
namespace {

constexpr std::size_t kMaxMergeFile = 64U << 20;

std::vector<audit::View> read_views(const std::vector<std::string>& names) {
  std::vector<audit::View> views;
  for (const std::string& name : names) {
    std::ifstream file(name, std::ios::binary);
    std::string text;
    char buffer[65536];
    while (file.read(buffer, sizeof buffer) || file.gcount() > 0) {
      text.append(buffer, static_cast<std::size_t>(file.gcount()));
      if (text.size() > kMaxMergeFile) {
        throw UsageError("audit: " + name +
                         ": more than 64 MiB, expected a run of 'zkprobe audit "
                         "--json'");
      }
    }
    if (!file.eof()) throw UsageError("audit: " + name + ": cannot be read");
    auto read = read_audit_views(name, text);
    if (!read) throw UsageError("audit: " + read.error());
    std::move(read->begin(), read->end(), std::back_inserter(views));
  }
  return views;
}

ExitCode exit_code(const audit::Roster& roster, const audit::Findings& findings) {
  switch (audit::health_of(roster, findings)) {
    case audit::Health::kHealthy:
      return ExitCode::kHolds;
    case audit::Health::kFindings:
      return ExitCode::kDoesNotHold;
    case audit::Health::kNobody:
      break;
  }
  return ExitCode::kUnreachable;
}

void print(const std::vector<Json>& records, std::string& out) {
  for (const Json& record : records) out += to_line(record);
}

ExitCode run_audit(const AuditOptions& options) {
  if (options.addresses.empty() && options.merge.empty()) {
    throw UsageError("audit: expected ADDRESS or --merge FILE (see 'zkprobe audit --help')");
  }
  if (options.addresses.empty() && (options.directions || !options.here.empty())) {
    throw UsageError(std::string("audit: ") + (options.directions ? "--directions" : "--here") +
                     ": expected ADDRESS, the runs of --merge are stored");
  }
  if (options.listen) {
    if (const auto why = net::why_not_called_at(*options.listen)) {
      throw UsageError("audit: --listen: expected an address of this host with a free port, " +
                       *why);
    }
  }
  std::vector<audit::View> views = read_views(options.merge);
  if (!options.addresses.empty()) views.push_back(AuditRun(options).run());
  const audit::Roster roster(views);
  const audit::Findings findings = audit::judge(roster);
  std::string out;
  if (options.shared.json) {
    for (const audit::View& view : views) print(audit_view_records(view), out);
    print(audit_server_records(roster), out);
    print(audit_finding_records(roster, findings), out);
  } else {
    out = audit_text(roster, findings, Style::of_standard_output());
  }
  std::fwrite(out.data(), 1, out.size(), stdout);
  std::fflush(stdout);
  return exit_code(roster, findings);
}

constexpr const char* kNotes =
    "Asks ADDRESS, then every address that the configuration in an answer names, and so on (256 at "
    "the\n"
    "most; servers of 3.4 and before name nobody: give all their addresses). Findings are "
    "problems\n"
    "and notes, each with an id, what proves it and what to do; what is normal does not count.\n"
    "Exit codes: 0 healthy, 1 findings, 2 usage, 3 nobody answered.\n"
    "What it leaves behind: what a question leaves, see 'zkprobe status --help'.\n"
    "--directions is for a host from which members' ports may be reached: each server of 3.5 and\n"
    "later is greeted with an id below all (-9223372036854741611) and asked to dial this host "
    "back,\n"
    "and its learner port is connected to and closed. It leaves lines in the servers' logs, a "
    "leader\n"
    "logs an EOFException, and each keeps an empty queue for that id until it restarts.\n"
    "One host cannot see the way between two others: run it with --json on each of them, and "
    "--merge\n"
    "the files. --here names the host in the matrix, where its own name does not.";

}  // namespace

void add_audit_verb(CLI::App& app, Context& context) {
  auto options = std::make_shared<AuditOptions>();
  CLI::App* verb =
      add_verb(app, context,
               {"audit",
                "Judge a whole ensemble, from one address",
                {"zkprobe audit zk1:3888", "zkprobe audit zk1 --json || mail-the-operator",
                 "zkprobe audit zk1 --directions --json > $(hostname).audit",
                 "zkprobe audit --merge zk1.audit zk2.audit zk3.audit"},
                kNotes});
  add_addresses(*verb, &options->addresses,
                "Servers' election ports, one is enough: host[:port], [IPv6]:port, a comma list; "
                "port 3888 if none is named");
  CLI::Option* directions = verb->add_flag("--directions", options->directions,
                                           "Also ask each server to dial this host back");
  verb->add_option_function<std::string>(
          "--listen",
          [options](const std::string& text) {
            const auto address = parse_address(text);
            if (!address) throw CLI::ValidationError("--listen", address.error());
            options->listen = *address;
          },
          "HOST:PORT where servers reach this host, if its own address is not it")
      ->needs(directions);
  verb->add_option("--here", options->here, "What this host is called in the matrix");
  verb->add_option("--merge", options->merge,
                   "Judge stored runs (--json) of several hosts together")
      ->expected(1, 1024);
  add_shared_options(*verb, options->shared);
  add_emulate_option(*verb, options->shared,
                     "Read the answers as this release does; the question is always the same");
  verb->callback([options, &context] { context.run = [options] { return run_audit(*options); }; });
}

}  // namespace zkprobe::tool
