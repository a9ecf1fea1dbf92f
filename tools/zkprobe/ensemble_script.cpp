#include "ensemble_script.hpp"

#include <sstream>

#include "options.hpp"
#include "wire/java_text.hpp"

namespace zkprobe::tool {
namespace {

using Parsed = tl::expected<std::optional<Command>, std::string>;

constexpr const char* kCommands =
    "wait elected, wait TIME, kill ID|leader, start ID, at TIME COMMAND, status or quit";

Parsed refuse(const std::string& expected, const std::string& found) {
  return tl::unexpected("expected " + expected + ", found '" + found + "'");
}

Parsed parse_words(const std::vector<std::string>& words, std::size_t first) {
  const std::string& verb = words[first];
  const std::size_t rest = words.size() - first - 1;
  const std::string argument = rest > 0 ? words[first + 1] : "";
  Command command;
  if (verb == "at" && rest > 1) {
    const auto earliest = parse_duration(argument);
    if (!earliest) return refuse("a time such as 500ms or 2s", argument);
    auto inner = parse_words(words, first + 2);
    if (inner && *inner) (*inner)->earliest = *earliest;
    return inner;
  }
  if ((verb == "status" || verb == "print") && rest == 0) {
    command.kind = Command::Kind::kStatus;
  } else if (verb == "quit" && rest == 0) {
    command.kind = Command::Kind::kQuit;
  } else if (verb == "wait" && rest == 1) {
    const auto time = parse_duration(argument);
    if (!time && argument != "elected") return refuse("elected or a time", argument);
    command.kind = time ? Command::Kind::kWait : Command::Kind::kWaitElected;
    command.time = time.value_or(Duration(0));
  } else if ((verb == "kill" || verb == "start") && rest == 1) {
    command.kind = verb == "kill" ? Command::Kind::kKill : Command::Kind::kStart;
    const auto sid = wire::java_long(argument);
    if (sid) command.sid = Sid(*sid);
    const bool leader = argument == "leader" && command.kind == Command::Kind::kKill;
    if (!sid && !leader) return refuse("a server's id", argument);
  } else {
    std::string line;
    for (std::size_t i = first; i < words.size(); ++i) line += (line.empty() ? "" : " ") + words[i];
    return refuse(kCommands, line);
  }
  return command;
}

}  // namespace

Parsed parse_command(std::string_view line) {
  std::istringstream text{std::string(line.substr(0, line.find('#')))};
  std::vector<std::string> words;
  for (std::string word; text >> word;) words.push_back(word);
  if (words.empty()) return std::nullopt;
  return parse_words(words, 0);
}

tl::expected<std::vector<Command>, std::string> parse_script(const std::string& file,
                                                             const std::string& text) {
  std::vector<Command> commands;
  std::istringstream lines(text);
  int number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    const auto command = parse_command(line);
    if (!command) {
      return tl::unexpected(file + ":" + std::to_string(number) + ": " + command.error());
    }
    if (*command) commands.push_back(**command);
  }
  if (commands.empty()) {
    return tl::unexpected(file + ": no command in it, expected one of " + kCommands);
  }
  return commands;
}

}  // namespace zkprobe::tool
