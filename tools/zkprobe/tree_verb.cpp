// zkprobe tree ADDRESS: the data tree of a live ensemble.
#include <cstdio>
#include <memory>

#include "address.hpp"
#include "options.hpp"
#include "output.hpp"
#include "tree_observer.hpp"
#include "tree_view.hpp"
#include "verbs.hpp"

#include <CLI/CLI.hpp>

namespace zkprobe::tool {
namespace {

struct TreeOptions {
  SharedOptions shared;
  TreeViewOptions view;
  std::vector<wire::HostPort> addresses;
};

ExitCode fail(ExitCode code, const std::string& error) {
  std::fprintf(stderr, "zkprobe: tree: %s\n", printable(error).c_str());
  return code;
}

ExitCode show(const replica::DataTree& tree, const TreeViewOptions& options) {
  if (tree.find(options.path) == replica::kNoNode) {
    return fail(ExitCode::kDoesNotHold,
                options.path + ": no such node at zxid " + to_hex(tree.last_zxid()));
  }
  print_tree(tree, options, [](const std::string& text) {
    return std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  });
  std::fflush(stdout);
  return ExitCode::kHolds;
}

ExitCode tree_of_ensemble(const TreeOptions& options) {
  const ObservedTreeResult observed = observe_tree(options.addresses, options.shared);
  if (!observed.tree) return fail(observed.code, observed.error);
  return show(*observed.tree, options.view);
}

constexpr const char* kNotes =
    "ADDRESS is a server's election port (3.5 and later). zkprobe attaches to the leader as an\n"
    "observer, as 'zkprobe join' does, waits for UPTODATE and leaves.\n"
    "Nodes come by path, with --json one a line and the totals last, so that diff compares two\n"
    "trees; the numbers that each server gives to its lists of ACLs are left out. The digest is\n"
    "that of 3.6 and later (version 2): the sum over all nodes, but those below /zookeeper/, of a\n"
    "checksum over path, data and stat. With --path it is that of the subtree, so that two trees\n"
    "that differ can be searched for the place.";

}  // namespace

void add_tree_verb(CLI::App& app, Context& context) {
  auto options = std::make_shared<TreeOptions>();
  CLI::App* verb = add_verb(app, context,
                            {"tree",
                             "List the data tree of a live ensemble",
                             {"zkprobe tree zk1:3888", "zkprobe tree --digest zk1",
                              "zkprobe tree --json --path /app zk1,zk2,zk3 > tree.jsonl"},
                             kNotes});
  add_addresses(*verb, &options->addresses,
                "Servers' election ports: host[:port], [IPv6]:port, a comma list; port 3888 if "
                "none is named")
      ->required();
  verb->add_option("--path", options->view.path, "This node and what is below it")
      ->type_name("PATH");
  verb->add_flag("--digest", options->view.digest, "Print zxid and digest alone");
  add_shared_options(*verb, options->shared);
  add_emulate_option(*verb, options->shared,
                     "Attach as this release does; otherwise as the newest one");
  verb->callback([options, &context] {
    options->view.json = options->shared.json;
    context.run = [options] { return tree_of_ensemble(*options); };
  });
}

}  // namespace zkprobe::tool
