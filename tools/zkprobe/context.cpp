#include "context.hpp"

#include <CLI/CLI.hpp>

namespace zkprobe::tool {

std::string exit_codes_text() {
  std::string text = "Exit codes:";
  for (const auto& [code, means] : kExitCodes) {
    const std::string number = std::to_string(static_cast<int>(code));
    text += "\n  " + number + std::string(4 - number.size(), ' ') + std::string(means);
  }
  return text;
}

CLI::App* add_verb(CLI::App& app, Context& context, const VerbText& text) {
  CLI::App* verb = app.add_subcommand(text.name, text.summary);
  verb->group("Verbs");
  std::string footer = text.examples.size() == 1 ? "Example:" : "Examples:";
  for (const std::string& example : text.examples) footer += "\n  " + example;
  if (!text.notes.empty()) footer += "\n\n" + text.notes;
  verb->footer(footer);
  if (!text.examples.empty()) context.examples.push_back(text.examples.front());
  return verb;
}

}  // namespace zkprobe::tool
