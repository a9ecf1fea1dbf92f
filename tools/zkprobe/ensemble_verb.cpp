// zkprobe ensemble: an embedded ensemble of zkprobe peers.
#include <sstream>

#include "ensemble_run.hpp"
#include "log.hpp"
#include "verbs.hpp"

#include <CLI/CLI.hpp>

namespace zkprobe::tool {
namespace {

constexpr const char* kNotes =
    "The peers elect over real sockets on 127.0.0.1 and keep their role: followers ask their "
    "leader\n"
    "every tick, a leader leads while a quorum asks. No data is kept. 'zkprobe status' may ask "
    "them.\n"
    "\n"
    "Commands, one a line, from the keyboard or a script:\n"
    "  wait elected | wait 2s | kill ID | kill leader | start ID | at 5s COMMAND | status | quit\n"
    "\n"
    "A script that has ended ends the ensemble, unless --until or --for says when. Exit code 0: a\n"
    "leader led all running members at the end; 1: none did, or a command could not be done;\n"
    "3: --until or 'wait elected' was not reached within --timeout.";

std::vector<Emulate> parse_emulation(const std::string& text) {
  std::vector<Emulate> list;
  std::istringstream pieces(text);
  for (std::string piece; std::getline(pieces, piece, ',');) {
    if (piece == "auto") {
      list.push_back(std::nullopt);
      continue;
    }
    const auto release = parse_release(piece);
    if (!release) {
      throw CLI::ValidationError(
          "--emulate",
          "expected auto or releases such as 3.3, 3.4.6 or 3.9.4, found '" + piece + "'");
    }
    list.push_back(release);
  }
  return list;
}

}  // namespace

void add_ensemble_verb(CLI::App& app, Context& context) {
  auto options = std::make_shared<EnsembleOptions>();
  options->shared.timeout = std::chrono::seconds(30);
  CLI::App* verb =
      add_verb(app, context,
               {"ensemble",
                "An embedded ensemble of zkprobe peers, in one process",
                {"zkprobe ensemble --voters 3 --until elected",
                 "zkprobe ensemble --voters 5 --observers 1 --dir /tmp/e",
                 "zkprobe ensemble --voters 3 --script kill-leader.txt --json",
                 "zkprobe ensemble --voters 3 --emulate 3.4.14,3.5,3.9 --base-port 40000"},
                kNotes});
  verb->add_option("--voters", options->voters, "How many vote: ids 1 to N")
      ->required()
      ->check(CLI::Range(1, 150))
      ->type_name("N");
  verb->add_option("--observers", options->observers, "How many observe: the ids after them")
      ->check(CLI::Range(0, 49))
      ->type_name("M");
  verb->add_option_function<std::string>(
          "--emulate",
          [options](const std::string& text) { options->emulate = parse_emulation(text); },
          "What each member sends and how it reads; the last one repeats")
      ->type_name("RELEASE[,RELEASE...]")
      ->default_str("auto");
  verb->add_option("--base-port", options->base_port,
                   "Election ports from here on, then as many that the configuration names as "
                   "quorum ports (default: free ones)")
      ->check(CLI::Range(1, 65535 - 400))
      ->type_name("PORT");
  verb->add_option("--dir", options->dir,
                   "Write ensemble.json there, so that other tools know these processes")
      ->type_name("DIR");
  verb->add_option("--script", options->script, "Commands to run, one a line")->type_name("FILE");
  verb->add_option_function<std::vector<std::string>>(
          "--events",
          [options](const std::vector<std::string>& names) {
            options->events.insert(names.begin(), names.end());
          },
          "Which records --json prints (default: all)")
      ->delimiter(',')
      ->check(
          CLI::IsMember(std::vector<std::string>(kEnsembleEvents.begin(), kEnsembleEvents.end())))
      ->type_name("EVENT[,EVENT...]");
  add_duration(
      *verb, "--tick", &options->tick,
      "tickTime; syncLimit is 5 of them and one more for every 4 voters, initLimit twice that",
      std::chrono::milliseconds(10));
  add_run_limits(*verb, options->shared);
  add_shared_options(*verb, options->shared);
  verb->get_option("--timeout")
      ->description(
          "How long --until, once the script has ended, and each 'wait elected' may take");
  verb->callback([options, verb, &context] {
    if (!options->events.empty() && !options->shared.json) {
      throw CLI::ValidationError("--events", "chooses records: expected --json with it");
    }
    // What the connections log stands in the story too.
    if (verb->count("--log-level") == 0) set_log_level("error");
    context.run = [options] { return EnsembleRun(*options).run(); };
  });
}

}  // namespace zkprobe::tool
