// zkprobe tree DIR|ADDRESS: the data tree of a server's directory or of a live ensemble.
#include <sys/stat.h>

#include <cstdio>
#include <memory>
#include <random>

#include "address.hpp"
#include "options.hpp"
#include "output.hpp"
#include "peer/loaded_tree.hpp"
#include "store/directory_reader.hpp"
#include "store/posix_file_system.hpp"
#include "tree_observer.hpp"
#include "tree_view.hpp"
#include "verbs.hpp"

#include <CLI/CLI.hpp>

namespace zkprobe::tool {
namespace {

struct TreeOptions {
  SharedOptions shared;
  TreeViewOptions view;
  std::string target;
  std::optional<std::string> log_directory;
};

constexpr int kReadsOfALiveDirectory = 3;

ExitCode fail(ExitCode code, const std::string& error) {
  std::fprintf(stderr, "zkprobe: tree: %s\n", printable(error).c_str());
  return code;
}

bool is_directory(const std::string& target) {
  struct stat status {};
  return ::stat(target.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

// `code`: what is known before the tree is shown.
ExitCode show(const replica::DataTree& tree, const TreeViewOptions& options, ExitCode code) {
  if (tree.find(options.path) == replica::kNoNode) {
    return fail(ExitCode::kDoesNotHold,
                options.path + ": no such node at zxid " + to_hex(tree.last_zxid()));
  }
  print_tree(tree, options, [](const std::string& text) {
    return std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  });
  std::fflush(stdout);
  return code;
}

ExitCode tree_of_directory(const TreeOptions& options) {
  store::PosixFileSystem files;
  const auto paths = store::find_directories(files, options.target, options.log_directory);
  if (!paths) throw UsageError("tree: " + printable(peer::to_string(paths.error())));
  const replica::DataTree::Settings settings{options.shared.emulate.value_or(kNewestRelease),
                                             std::random_device{}()};
  store::LoadOptions load;
  load.trust_empty = true;
  peer::LoadedTree loaded(settings);
  auto read = store::read_directory(files, *paths, load, loaded);
  // A server that runs may be in the middle of an entry: what is damaged stays so.
  for (int again = 0; !read && again < kReadsOfALiveDirectory; ++again) {
    loaded = peer::LoadedTree(settings);
    read = store::read_directory(files, *paths, load, loaded);
  }
  if (!read) return fail(ExitCode::kDoesNotHold, peer::to_string(read.error()));
  if (loaded.error()) return fail(ExitCode::kDoesNotHold, *loaded.error());
  for (const std::string& note : read->notes) fail(ExitCode::kHolds, note);
  if (!loaded.first_difference()) return show(loaded.tree(), options.view, ExitCode::kHolds);
  fail(ExitCode::kDoesNotHold,
       std::to_string(loaded.differences()) +
           " digests differ, the first: " + describe(*loaded.first_difference()));
  return show(loaded.tree(), options.view, ExitCode::kDoesNotHold);
}

ExitCode tree_of_ensemble(const TreeOptions& options) {
  const auto addresses = parse_address_list(options.target);
  if (!addresses) {
    throw UsageError("tree: no directory and no address: " + printable(addresses.error()));
  }
  const ObservedTreeResult observed = observe_tree(*addresses, options.shared);
  if (!observed.tree) return fail(observed.code, observed.error);
  return show(*observed.tree, options.view, ExitCode::kHolds);
}

constexpr const char* kNotes =
    "DIR is a dataDir or its version-2: the newest snapshot is read and the log applied over it, "
    "as\n"
    "a server does when it starts; nothing is written. Of a server that runs it shows what its "
    "log\n"
    "holds at that moment, committed or not. Digests in the files are compared on the way: exit 1\n"
    "says that one differs.\n"
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
                             "List the data tree of a server's directory, or of a live ensemble",
                             {"zkprobe tree zk1:3888", "zkprobe tree --digest /var/lib/zookeeper",
                              "zkprobe tree --json --path /app zk1,zk2,zk3 > tree.jsonl"},
                             kNotes});
  verb->add_option(
          "target", options->target,
          "A server's data directory; or election ports: host[:port], [IPv6]:port, a comma "
          "list, port 3888 if none is named")
      ->type_name("DIR|ADDRESS")
      ->required();
  verb->add_option_function<std::string>(
          "--log-dir", [options](const std::string& text) { options->log_directory = text; },
          "The dataLogDir, where it is not DIR")
      ->type_name("DIR");
  verb->add_option("--path", options->view.path, "This node and what is below it")
      ->type_name("PATH");
  verb->add_flag("--digest", options->view.digest, "Print zxid and digest alone");
  add_shared_options(*verb, options->shared);
  add_emulate_option(*verb, options->shared,
                     "Attach and read as this release does; otherwise as the newest one");
  verb->callback([options, &context] {
    options->view.json = options->shared.json;
    const bool directory =
        is_directory(options->target) || options->target.find('/') != std::string::npos;
    if (directory) {
      context.run = [options] { return tree_of_directory(*options); };
    } else {
      context.run = [options] { return tree_of_ensemble(*options); };
    }
  });
}

}  // namespace zkprobe::tool
