#include "options.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>
#include <charconv>
#include <vector>

#include "log.hpp"

namespace zkprobe::tool {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t microseconds;
};
constexpr Unit kUnits[] = {
    {"ms", 1'000}, {"s", 1'000'000}, {"m", 60'000'000}, {"h", 3'600'000'000}};
constexpr std::int64_t kLongest = 366LL * 24 * 3'600'000'000;

std::string duration_text(Duration duration) {
  const std::int64_t count = duration.count();
  for (const Unit& unit : {kUnits[3], kUnits[2], kUnits[1]}) {
    if (count >= unit.microseconds && count % unit.microseconds == 0) {
      return std::to_string(count / unit.microseconds) + std::string(unit.name);
    }
  }
  return std::to_string(count / 1'000) + "ms";
}

std::string upper(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return result;
}

Duration checked_duration(const std::string& name, const std::string& text, Duration least) {
  const std::optional<Duration> parsed = parse_duration(text);
  if (!parsed || *parsed < least) {
    throw CLI::ValidationError(name, "expected a duration of at least " + duration_text(least) +
                                         " such as 500ms, 5s or 2m, found '" + text + "'");
  }
  return *parsed;
}

}  // namespace

std::optional<Duration> parse_duration(std::string_view text) {
  std::int64_t count = 0;
  const char* const end = text.data() + text.size();
  const auto [next, error] = std::from_chars(text.data(), end, count);
  if (error != std::errc() || count < 0) return std::nullopt;
  const std::string_view name(next, static_cast<std::size_t>(end - next));
  for (const Unit& unit : kUnits) {
    if (unit.name != name) continue;
    if (count > kLongest / unit.microseconds) return std::nullopt;
    return Duration(count * unit.microseconds);
  }
  return std::nullopt;
}

CLI::Option* add_duration(CLI::App& verb, const std::string& name, Duration* target,
                          const std::string& description, Duration least) {
  CLI::Option* option = verb.add_option_function<std::string>(
      name,
      [name, target, least](const std::string& text) {
        *target = checked_duration(name, text, least);
      },
      description);
  return option->type_name("DURATION")->default_str(duration_text(*target));
}

std::optional<Until> parse_until(std::string_view text) {
  using wire::ServerState;
  if (text == "synced") return Until{Until::What::kSynced, ServerState::kLooking};
  if (text == "elected") return Until{Until::What::kElected, ServerState::kLooking};
  const std::string name = upper(text);
  if (name == "LOOKING") return Until{Until::What::kState, ServerState::kLooking};
  if (name == "FOLLOWING") return Until{Until::What::kState, ServerState::kFollowing};
  if (name == "LEADING") return Until{Until::What::kState, ServerState::kLeading};
  if (name == "OBSERVING") return Until{Until::What::kState, ServerState::kObserving};
  return std::nullopt;
}

std::string until_text(const Until& until) {
  if (until.what == Until::What::kSynced) return "--until synced";
  if (until.what == Until::What::kElected) return "--until elected";
  return "--until " + std::string(wire::to_string(until.state));
}

void add_shared_options(CLI::App& verb, SharedOptions& options) {
  verb.add_flag("--json", options.json, "One JSON object per line instead of text");
  add_duration(verb, "--timeout", &options.timeout, "How long a server may take to answer");
  verb.add_option_function<std::string>(
          "--log-level",
          [](const std::string& text) {
            if (!set_log_level(text)) {
              throw CLI::ValidationError(
                  "--log-level",
                  "expected one of debug, info, warn, error, off, found '" + text + "'");
            }
          },
          "What goes to standard error: debug, info, warn, error, off")
      ->type_name("LEVEL")
      ->default_str("warn");
}

void add_emulate_option(CLI::App& verb, SharedOptions& options, const std::string& description) {
  verb.add_option_function<std::string>(
          "--emulate",
          [&options](const std::string& text) {
            if (text == "auto") {
              options.emulate.reset();
              return;
            }
            options.emulate = parse_release(text);
            if (!options.emulate) {
              throw CLI::ValidationError(
                  "--emulate",
                  "expected auto or a release such as 3.3, 3.4.6, 3.5 or 3.9.4, found '" + text +
                      "'");
            }
          },
          description)
      ->type_name("RELEASE")
      ->default_str("auto");
}

void add_run_limits(CLI::App& verb, SharedOptions& options) {
  verb.add_option_function<std::string>(
          "--for",
          [&options](const std::string& text) {
            options.run_for = checked_duration("--for", text, Duration(1000));
          },
          "End after this time")
      ->type_name("DURATION");
  verb.add_option_function<std::string>(
          "--until",
          [&options](const std::string& text) {
            options.until = parse_until(text);
            if (!options.until) {
              throw CLI::ValidationError(
                  "--until",
                  "expected LOOKING, FOLLOWING, LEADING, OBSERVING, synced or elected, found '" +
                      text + "'");
            }
          },
          "End when this is reached: a state (LEADING ...), synced, or elected")
      ->type_name("STATE|synced|elected");
}

}  // namespace zkprobe::tool
