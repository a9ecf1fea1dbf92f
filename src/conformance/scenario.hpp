// A scenario: what scripted peers do to one server, and what must come of it, by release. The
// language stands in fixtures/scenario/README.md.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "base/bytes.hpp"
#include "base/release.hpp"
#include "base/time.hpp"

namespace zkprobe::conformance {

// Releases from `first` to `last`, both included: "3.4.6-3.9.6", "3.5-", "-3.4.5", "3.5.0", "3.5".
// A line without its patch means all of it.
struct ReleaseRange {
  Release first{0, 0, 0};
  Release last{99, 99, 99};

  bool operator==(const ReleaseRange&) const = default;
};
std::optional<ReleaseRange> parse_range(std::string_view text);
std::string to_string(const ReleaseRange& range);

// What is known of a release that may not be known exactly.
enum class Applies { kYes, kNo, kUnknown };
Applies applies(const ReleaseRange& range, const ReleaseRange& server);

// Who may be asked this.
enum class Class {
  kSafe,        // a production server
  kIntrusive,   // a staging server: it holds the server up, or makes it dial
  kDestructive  // an ensemble of its own: releases are known that do not survive it
};
std::string_view to_string(Class value);

// What a server must offer for a scenario to be played: where it does not, the scenario is not
// applicable.
enum class Need {
  kLearnerPort,  // it leads now, and its learner port can be dialled
  kCandidacy,    // it may be elected
  kLeadership,   // once elected it leads: learners are served
  kFollowing,    // once another is elected it follows: it dials that one's learner port
  kMembers       // the processes of its ensemble may be ended and started
};
std::string_view to_string(Need need);  // "learner-port", ..., as in the file

// How the ensemble stands when a scenario begins. Where its processes may be touched it is brought
// there; elsewhere whoever plays the scenario has seen to it.
enum class Beginning {
  kAsIs,
  kAlone,    // the server under test runs alone, and is fresh
  kTogether  // all members run
};

// One line: `PEER VERB words... key=value...`.
struct Directive {
  int line = 0;
  std::string text;  // as it stands in the file
  std::string peer;
  std::string verb;
  std::vector<std::string> words;
  std::map<std::string, std::string> options;
  std::optional<ReleaseRange> only;  // [RANGE] before it
  // What releases with a known defect show instead; `expect` alone.
  struct Defect {
    ReleaseRange releases;
    std::string issue;  // "ZOOKEEPER-2189", or words
    std::vector<std::string> words;
    std::map<std::string, std::string> options;
  };
  std::vector<Defect> defects;

  bool operator==(const Directive&) const;
};

struct Scenario {
  std::string id;  // the file's name without ".txt"
  std::string title;
  Class danger = Class::kSafe;
  std::string covers;  // "P03, check 1"
  std::string why;     // the comment on top: one paragraph
  ReleaseRange releases;
  std::set<Need> needs;
  Beginning begins = Beginning::kAsIs;
  std::vector<Directive> directives;

  // Whether the outcome depends on the release at all.
  bool depends_on_release() const;
};

// Whether a verb does something to members: kill, start, silence, wake, blackhole.
bool is_deed(const std::string& verb);

// A mistake is one line: "NAME:12: expected ..., found ...".
tl::expected<Scenario, std::string> parse_scenario(const std::string& name,
                                                   const std::string& text);

// "500ms", "5s".
std::optional<Duration> parse_wait(std::string_view text);

}  // namespace zkprobe::conformance
