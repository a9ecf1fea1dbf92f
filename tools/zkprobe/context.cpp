#include "context.hpp"

#include <CLI/CLI.hpp>

namespace zkprobe::tool {

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
