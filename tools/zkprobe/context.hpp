// What the verbs and main share: exit codes, and how a verb hands over what it will run.
#pragma once

#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace zkprobe::tool {

// The same for every verb.
enum class ExitCode : int {
  kHolds = 0,        // it holds, or it is done
  kDoesNotHold = 1,  // it was reached and does not hold
  kUsage = 2,        // wrong command line or configuration
  kUnreachable = 3,  // unreachable, or timed out; the machine has no descriptors or memory left
  kDefect = 70,      // what should never happen (EX_SOFTWARE of sysexits)
};

// Ends the program with exit code 2 and this one line. For configuration and usage only: it names
// what was wrong, where, and what was expected.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct Context {
  // Set by the chosen verb while the command line is read; main runs it afterwards.
  std::function<ExitCode()> run;
  // One example for each verb, for `zkprobe --help`.
  std::vector<std::string> examples;
};

struct VerbText {
  std::string name;
  std::string summary;                // one line
  std::vector<std::string> examples;  // whole command lines; the first one stands in the main help
  std::string notes;                  // paragraphs after the options; may be empty
};

// Adds a subcommand with its help. The caller adds options, and a callback that sets context.run.
CLI::App* add_verb(CLI::App& app, Context& context, const VerbText& text);

}  // namespace zkprobe::tool
