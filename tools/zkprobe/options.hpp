// Options that several verbs share, and the forms that their values take.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/release.hpp"
#include "base/time.hpp"
#include "wire/notification.hpp"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace zkprobe::tool {

// "500ms", "5s", "2m", "1h": a whole number and a unit. Nothing for anything else, or where it is
// more than a year.
std::optional<Duration> parse_duration(std::string_view text);

// An option that takes a duration of at least `least`. *target keeps its value as the default.
CLI::Option* add_duration(CLI::App& verb, const std::string& name, Duration* target,
                          const std::string& description, Duration least = Duration(1000));

// --emulate: a release, or nothing for auto.
using Emulate = std::optional<Release>;

// --until: a state of the server, or a milestone.
struct Until {
  enum class What { kState, kSynced, kElected };
  What what = What::kState;
  wire::ServerState state = wire::ServerState::kLooking;  // for kState

  bool operator==(const Until&) const = default;
};
// "LEADING" and the other states in either case, "synced", "elected".
std::optional<Until> parse_until(std::string_view text);
// "--until LEADING", "--until synced", "--until elected".
std::string until_text(const Until& until);

struct SharedOptions {
  bool json = false;
  Emulate emulate;  // nothing: auto
  Duration timeout{5'000'000};
  std::optional<Duration> run_for;  // --for
  std::optional<Until> until;       // --until
};

// --json, --timeout, --log-level.
void add_shared_options(CLI::App& verb, SharedOptions& options);
// --emulate, with what it means for this verb.
void add_emulate_option(CLI::App& verb, SharedOptions& options, const std::string& description);
// --for and --until.
void add_run_limits(CLI::App& verb, SharedOptions& options);

}  // namespace zkprobe::tool
