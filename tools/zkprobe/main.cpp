// zkprobe: reads the command line and runs the verb that it names.
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>
#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <exception>
#include <new>
#include <string>
#include <system_error>
#include <utility>

#include "log.hpp"
#include "net/asio.hpp"
#include "output.hpp"
#include "verbs.hpp"

namespace zkprobe::tool {
namespace {

int fail(ExitCode code, const std::string& text) {
  std::fprintf(stderr, "zkprobe: %s\n", printable(text).c_str());
  return static_cast<int>(code);
}

std::string verb_names(const CLI::App& app) {
  std::string names;
  for (const CLI::App* verb : app.get_subcommands({})) {
    if (!names.empty()) names += ", ";
    names += verb->get_name();
  }
  return names;
}

// One line for what CLI11 found wrong. Its own text for a wrong verb speaks of subcommands.
std::string usage_text(const CLI::App& app, const CLI::ParseError& error) {
  const bool verb_found = !app.get_subcommands().empty();
  if (verb_found) {
    return app.get_subcommands().front()->get_name() + ": " + error.what() + " (see 'zkprobe " +
           app.get_subcommands().front()->get_name() + " --help')";
  }
  const std::vector<std::string> rest = app.remaining();
  if (rest.empty()) return "a verb is missing: expected one of " + verb_names(app);
  if (rest.front().starts_with('-')) {
    return "unknown option '" + rest.front() + "': expected a verb first, one of " +
           verb_names(app);
  }
  return "unknown verb '" + rest.front() + "': expected one of " + verb_names(app);
}

// A file or socket that is opened later must not become the output of a program that was started
// without one: `zkprobe capture >&-` would send its text into the interface.
void hold_standard_descriptors() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(fd, F_GETFD) != -1) continue;
    // Reading from the one and writing to the other stays an error.
    const int mode = fd == STDIN_FILENO ? O_WRONLY : fd == STDOUT_FILENO ? O_RDONLY : O_RDWR;
    if (::open("/dev/null", mode) != fd) ::_exit(static_cast<int>(ExitCode::kUnreachable));
  }
}

// Whether standard output took all that was printed. A reader who left has seen what he wanted.
bool output_is_whole() {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return true;
  pollfd reader{STDOUT_FILENO, POLLOUT, 0};
  return ::poll(&reader, 1, 0) == 1 && (reader.revents & (POLLERR | POLLHUP)) != 0;
}

int finish(ExitCode code) {
  if (output_is_whole()) return static_cast<int>(code);
  return fail(with_output(code, true),
              "standard output could not be written: what was printed is not whole");
}

int run(int argc, char** argv) {
  CLI::App app{
      "Speaks ZooKeeper's quorum protocols: asks servers for their vote, joins ensembles,\n"
      "and is an ensemble itself."};
  app.name("zkprobe");
  for (const auto& [word, ours] : {std::pair{"SUBCOMMAND", "VERB"},
                                   {"Positionals", "Arguments"},
                                   {"REQUIRED", "(required)"},
                                   {"Needs", "needs"},
                                   {"Excludes", "not with"}}) {
    app.get_formatter()->label(word, ours);
  }
  app.set_version_flag("--version", "zkprobe " ZKPROBE_VERSION, "Print the version and end");
  app.set_help_flag("-h,--help", "Print this text and end");
  app.require_subcommand(1);
  Context context;
  add_status_verb(app, context);
  add_audit_verb(app, context);
  add_check_verb(app, context);
  add_ensemble_verb(app, context);
  add_join_verb(app, context);
  add_tree_verb(app, context);
  add_decode_verb(app, context);
  add_capture_verb(app, context);
  add_report_verb(app, context);
  add_replay_verb(app, context);

  std::string footer = "Examples:";
  for (const std::string& example : context.examples) footer += "\n  " + example;
  footer += "\n\n" + exit_codes_text() + "\n\n'zkprobe VERB --help' tells about one verb.";
  app.footer(footer);

  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& help) {
    app.exit(help);
    return finish(ExitCode::kHolds);
  } catch (const CLI::ParseError& error) {
    return fail(ExitCode::kUsage, usage_text(app, error));
  }
  return finish(context.run());
}

}  // namespace
}  // namespace zkprobe::tool

int main(int argc, char** argv) {
  zkprobe::tool::hold_standard_descriptors();
  using zkprobe::tool::ExitCode;
  std::signal(SIGPIPE, SIG_IGN);  // a closed pipe is an error code, not the end
  std::signal(SIGXFSZ, SIG_IGN);  // and so is a file that may not grow (ulimit -f)
  zkprobe::tool::set_up_log();
  try {
    return zkprobe::tool::run(argc, argv);
  } catch (const zkprobe::tool::UsageError& error) {
    return zkprobe::tool::fail(ExitCode::kUsage, error.what());
  } catch (const std::system_error& error) {
    return zkprobe::tool::fail(ExitCode::kUnreachable, error.what());
  } catch (const boost::system::system_error& error) {
    return zkprobe::tool::fail(ExitCode::kUnreachable, error.what());
  } catch (const std::bad_alloc&) {
    return zkprobe::tool::fail(ExitCode::kUnreachable, "out of memory");
  } catch (const std::exception& error) {
    return zkprobe::tool::fail(ExitCode::kDefect,
                               std::string("a defect in zkprobe: ") + error.what());
  }
}
