// zkprobe join: takes part in an ensemble.
#include <memory>

#include "address.hpp"
#include "join_member.hpp"
#include "join_observer.hpp"
#include "log.hpp"
#include "options.hpp"
#include "verbs.hpp"

#include <CLI/CLI.hpp>

namespace zkprobe::tool {
namespace {

struct JoinOptions {
  SharedOptions shared;
  JoinObserverOptions observer;
  JoinMemberOptions member;
};

constexpr const char* kNotes =
    "With ADDRESS: one election address is enough (3.5 and later): members and leader are learnt\n"
    "from the answers to a question for the vote (see 'zkprobe status --help'). zkprobe then\n"
    "attaches to the leader's learner port as an observer: it gets every transaction, takes part "
    "in\n"
    "no decision, keeps nothing and moves no epoch. When the leader goes it looks for the next "
    "one\n"
    "and asks it for what it missed. It leaves a leader that it cannot keep up with for 5 s, and\n"
    "comes back. Its id is one that no configuration names; the server logs it.\n"
    "--timeout bounds the time until a leader starts to synchronise. After that zkprobe goes on\n"
    "until --for, --until or SIGINT, and ends with a summary.\n"
    "\n"
    "With --config: zoo.cfg is read as a Java server of the emulated release reads it, "
    "dataDir/myid\n"
    "included; a seat that keeps its state rewrites it after a reconfig, as Java does, where\n"
    "reconfigEnabled=true. The seat's own election address is asked first: whoever answers there\n"
    "holds the seat, and zkprobe leaves it alone. An observer takes part in the\n"
    "election as one and follows the leader's data, and keeps it with --data-dir.\n"
    "A voter keeps ZooKeeper's own files in dataDir and dataLogDir, acknowledges what is on disk,\n"
    "and declines to lead: see README before you give it a seat. What the seat costs is printed\n"
    "(the other voters are asked 'srvr' on their client ports, whether they are zkprobe, too);\n"
    "where the other voters bear no failure alone, --accept-stall or --ensemble DIR is needed. An\n"
    "empty directory has no vote: it is filled first, unless the file 'initialize' in dataLogDir\n"
    "says that the ensemble is new. With --election-only nothing is followed and nothing written:\n"
    "candidates are supported, and the one that is elected is asked every tick. --electable lets\n"
    "such a voter be elected, in an ensemble of tests alone.\n"
    "A seat waits for --until as long as it takes, or for --timeout where that is given (exit 3).";

void add_member_options(CLI::App& verb, JoinMemberOptions& options) {
  CLI::Option* config =
      verb.add_option("--config", options.config_file, "The zoo.cfg that describes the seat")
          ->type_name("FILE");
  verb.add_option_function<std::int64_t>(
          "--myid", [&options](const std::int64_t& sid) { options.myid = Sid(sid); },
          "The seat, instead of the one in dataDir/myid")
      ->type_name("N")
      ->needs(config);
  verb.add_option_function<std::vector<std::string>>(
          "-D",
          [&options](const std::vector<std::string>& texts) {
            for (std::string text : texts) {
              if (text.starts_with("zookeeper.")) text.erase(0, 10);
              const std::size_t equals = text.find('=');
              if (equals == std::string::npos || equals == 0) {
                throw CLI::ValidationError("-D", "expected NAME=VALUE, found '" + text + "'");
              }
              options.properties[text.substr(0, equals)] = text.substr(equals + 1);
            }
          },
          "A system property, as a JVM is given it: -Dzookeeper.multiAddress.enabled=true")
      ->type_name("NAME=VALUE")
      ->needs(config);
  CLI::Option* election_only =
      verb.add_flag("--election-only", options.election_only,
                    "A voter that takes part in elections and follows no data")
          ->needs(config);
  CLI::Option* ensemble =
      verb.add_option("--ensemble", options.ensemble_dir,
                      "The folder of scripts/zk-ensemble or 'zkprobe ensemble --dir' that runs the "
                      "other servers")
          ->type_name("DIR");
  verb.add_flag("--accept-stall", options.accept_stall,
                "Take a voter's seat although the other voters bear no failure by themselves")
      ->needs(config);
  verb.add_option("--zkprobe-seats", options.zkprobe_seats,
                  "Other voters that are zkprobe, besides those that say so on their client port: "
                  "what the seat costs counts them")
      ->type_name("N,...")
      ->delimiter(',')
      ->needs(config);
  verb.add_flag("--electable", options.electable, "May become the leader, which then serves nobody")
      ->needs(election_only)
      ->needs(ensemble);
  verb.add_flag("--quiet", options.quiet, "No line for each packet and transaction")->needs(config);
  verb.add_flag("--print-config", options.print_config, "Print what was read, and end")
      ->needs(config);
}

}  // namespace

void add_join_verb(CLI::App& app, Context& context) {
  auto options = std::make_shared<JoinOptions>();
  CLI::App* verb =
      add_verb(app, context,
               {"join",
                "Take part in an ensemble, and print what happens",
                {"zkprobe join zk1:3888", "zkprobe join --json --for 30s zk1,zk2,zk3",
                 "zkprobe join --tree --until synced zk1", "zkprobe join --digests zk1",
                 "zkprobe join --config /etc/zookeeper/zoo.cfg --myid 4 --until synced",
                 "zkprobe join --config zoo.cfg --accept-stall",
                 "zkprobe join --config zoo.cfg --election-only --until elected",
                 "zkprobe join --config zoo.cfg --election-only --electable --ensemble /tmp/e"},
                kNotes});
  CLI::Option* addresses =
      add_addresses(*verb, &options->observer.addresses,
                    "Servers' election ports: host[:port], [IPv6]:port, a comma list; port 3888 if "
                    "none is named");
  add_member_options(*verb, options->member);
  CLI::Option* config = verb->get_option("--config");
  config->excludes(addresses);
  verb->add_option_function<std::int64_t>(
          "--sid", [options](const std::int64_t& sid) { options->observer.sid = Sid(sid); },
          "The id to join as; one that a configuration names is refused")
      ->type_name("N")
      ->needs(addresses);
  verb->add_flag("--tree", options->observer.tree,
                 "List the nodes of the snapshot that the leader sends")
      ->needs(addresses);
  verb->add_flag("--digests", options->observer.digests,
                 "Keep the tree in memory and compare its digest with the leader's after each "
                 "transaction (3.6+)")
      ->needs(addresses);
  add_shared_options(*verb, options->shared);
  verb->add_option("--data-dir", options->member.data_dir,
                   "An observer's: keep ZooKeeper's own files there, and resume from them")
      ->type_name("DIR");
  add_run_limits(*verb, options->shared);
  add_emulate_option(*verb, options->shared,
                     "Join as this release does; otherwise as the newest one");
  verb->callback([options, verb, config, &context] {
    options->observer.shared = options->shared;
    options->member.shared = options->shared;
    if (options->shared.until && verb->count("--timeout") > 0) {
      options->member.until_within = options->shared.timeout;
    }
    options->observer.data_dir = options->member.data_dir;
    if (!options->observer.addresses.empty()) {
      context.run = [options] { return join_observer(options->observer); };
      return;
    }
    if (config->count() == 0) {
      throw CLI::ParseError("expected an ADDRESS or --config FILE", CLI::ExitCodes::RequiredError);
    }
    // What the connections log stands among the events too.
    if (verb->count("--log-level") == 0) set_log_level("error");
    context.run = [options] { return join_member(options->member); };
  });
}

}  // namespace zkprobe::tool
