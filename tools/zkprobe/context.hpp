// What the verbs and main share: exit codes, and how a verb hands over what it will run.
#pragma once

#include <array>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace zkprobe::tool {

// The same for every verb. What each means stands in kExitCodes alone.
enum class ExitCode : int {
  kHolds = 0,
  kDoesNotHold = 1,
  kUsage = 2,
  kUnreachable = 3,
  kDefect = 70,  // EX_SOFTWARE of sysexits
};

struct ExitCodeText {
  ExitCode code;
  std::string_view means;
};
// `zkprobe --help` prints these; README.md has the same table (tests/tools/context_test.cpp).
inline constexpr std::array kExitCodes{
    ExitCodeText{ExitCode::kHolds, "it holds, or it is done"},
    ExitCodeText{ExitCode::kDoesNotHold, "it was reached and does not hold"},
    ExitCodeText{ExitCode::kUsage, "wrong usage or configuration"},
    ExitCodeText{ExitCode::kUnreachable,
                 "unreachable or timed out, or the machine has no descriptors or memory left"},
    ExitCodeText{ExitCode::kDefect, "a defect in zkprobe"},
};
// One line for each.
std::string exit_codes_text();

// Of a run whose output is not whole: what held does not.
constexpr ExitCode with_output(ExitCode code, bool lost) {
  return lost && code == ExitCode::kHolds ? ExitCode::kDoesNotHold : code;
}

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
