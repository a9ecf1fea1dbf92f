// zkprobe join: takes part in an ensemble.
#include <memory>

#include "address.hpp"
#include "join_observer.hpp"
#include "options.hpp"
#include "verbs.hpp"

namespace zkprobe::tool {
namespace {

constexpr const char* kNotes =
    "One election address is enough (3.5 and later): members and leader are learnt from the\n"
    "answers to a question for the vote (see 'zkprobe status --help'). zkprobe then attaches to\n"
    "the leader's learner port as an observer: it gets every transaction, takes part in no\n"
    "decision, keeps nothing and moves no epoch. When the leader goes it looks for the next one and\n"
    "asks it for what it missed. It leaves a leader that it cannot keep up with for 5 s, and comes\n"
    "back. Its id is one that no configuration names; the server logs it.\n"
    "--timeout bounds the time until a leader starts to synchronise. After that zkprobe goes on\n"
    "until --for, --until or SIGINT, and ends with a summary.";

}  // namespace

void add_join_verb(CLI::App& app, Context& context) {
  auto options = std::make_shared<JoinObserverOptions>();
  CLI::App* verb = add_verb(app, context,
                            {"join",
                             "Follow an ensemble as an observer, and print what happens",
                             {"zkprobe join zk1:3888",
                              "zkprobe join --json --for 30s zk1,zk2,zk3",
                              "zkprobe join --tree --until synced zk1"},
                             kNotes});
  add_addresses(*verb, &options->addresses,
                "Servers' election ports: host[:port], [IPv6]:port, a comma list; port 3888 if "
                "none is named")
      ->required();
  verb->add_option_function<std::int64_t>(
          "--sid", [options](const std::int64_t& sid) { options->sid = Sid(sid); },
          "The id to join as; one that a configuration names is refused")
      ->type_name("N");
  verb->add_flag("--tree", options->tree, "List the nodes of the snapshot that the leader sends");
  add_shared_options(*verb, options->shared);
  add_run_limits(*verb, options->shared);
  add_emulate_option(*verb, options->shared,
                     "Join as this release does; otherwise as the newest one");
  verb->callback([options, &context] {
    context.run = [options] { return join_observer(*options); };
  });
}

}  // namespace zkprobe::tool
