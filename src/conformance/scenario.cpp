#include "conformance/scenario.hpp"

#include <algorithm>
#include <charconv>
#include <set>
#include <stdexcept>

#include "conformance/directive_words.hpp"
#include "conformance/scenario_links.hpp"

namespace zkprobe::conformance {
namespace {

constexpr std::size_t kMaxDirectives = 1000;

[[noreturn]] void expected(const std::string& what, const std::string& found) {
  mistake("expected " + what + ", found '" + found + "'");
}

std::vector<std::string> words_of(const std::string& line) {
  std::vector<std::string> words;
  std::size_t at = 0;
  while ((at = line.find_first_not_of(" \t\r", at)) != std::string::npos) {
    const std::size_t end = std::min(line.find_first_of(" \t\r", at), line.size());
    words.push_back(line.substr(at, end - at));
    at = end;
  }
  return words;
}

std::string after_first_word(const std::string& line) {
  const std::size_t end = line.find_first_of(" \t");
  if (end == std::string::npos) return "";
  const std::size_t next = line.find_first_not_of(" \t", end);
  return next == std::string::npos ? "" : line.substr(next);
}

// "3.5.10", or "3.5" with `patch` for the one that is missing.
std::optional<Release> release_of(std::string_view text, int patch) {
  int numbers[3] = {0, 0, patch};
  int count = 0;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (count < 3) {
    const auto [next, error] = std::from_chars(at, end, numbers[count]);
    if (error != std::errc() || numbers[count] < 0) return std::nullopt;
    ++count;
    at = next;
    if (at == end) break;
    if (*at++ != '.') return std::nullopt;
  }
  if (at != end || count < 2) return std::nullopt;
  return Release{numbers[0], numbers[1], numbers[2]};
}

const std::set<std::string> kVerbs = {"dial",  "greet",   "rest",   "vote",     "frame",
                                      "bytes", "close",   "listen", "pause",    "expect",
                                      "drain", "send",    "pings",  "snapshot", "kill",
                                      "start", "silence", "wake",   "blackhole"};
const std::set<std::string> kDeeds = {"kill", "start", "silence", "wake", "blackhole"};

void take_words(const std::vector<std::string>& words, std::size_t from,
                std::vector<std::string>& plain, std::map<std::string, std::string>& options) {
  for (std::size_t i = from; i < words.size(); ++i) {
    const std::size_t equals = words[i].find('=');
    if (equals == std::string::npos) {
      plain.push_back(words[i]);
    } else if (equals == 0 ||
               !options.emplace(words[i].substr(0, equals), words[i].substr(equals + 1)).second) {
      expected("each option once", words[i]);
    }
  }
}

std::optional<ReleaseRange> bracketed(const std::string& word) {
  if (!word.starts_with('[')) return std::nullopt;
  const auto range = word.ends_with(']')
                         ? parse_range(std::string_view(word).substr(1, word.size() - 2))
                         : std::nullopt;
  if (!range) expected("a range of releases such as [3.4.6-3.9.6]", word);
  return range;
}

Directive directive_of(const std::vector<std::string>& words) {
  Directive directive;
  std::size_t at = 0;
  directive.only = bracketed(words[0]);
  if (directive.only) ++at;
  if (words.size() < at + 2) expected("PEER VERB", words.back());
  directive.peer = words[at];
  directive.verb = words[at + 1];
  if (!kVerbs.contains(directive.verb)) {
    std::string all;
    for (const std::string& verb : kVerbs) all += (all.empty() ? "" : ", ") + verb;
    expected("one of " + all, directive.verb);
  }
  take_words(words, at + 2, directive.words, directive.options);
  check_words(directive);
  return directive;
}

// defect [RANGE] ISSUE PEER expect ...
void add_defect(Scenario& scenario, const std::vector<std::string>& words) {
  if (words.size() < 6) expected("defect [RANGE] ISSUE PEER expect ...", words.back());
  Directive::Defect defect;
  const auto range = bracketed(words[1]);
  if (!range) expected("a range of releases such as [3.4.6-3.9.6]", words[1]);
  defect.releases = *range;
  defect.issue = words[2];
  if (scenario.directives.empty() || scenario.directives.back().verb != "expect" ||
      scenario.directives.back().peer != words[3] || words[4] != "expect") {
    expected("a defect behind what the same peer expects", words[3] + " " + words[4]);
  }
  take_words(words, 5, defect.words, defect.options);
  check_expectation(defect.words, defect.options);
  scenario.directives.back().defects.push_back(std::move(defect));
}

std::set<Need> needs_of(const std::vector<std::string>& words) {
  std::set<Need> needs;
  for (std::size_t i = 1; i < words.size(); ++i) {
    bool known = false;
    for (const Need need : {Need::kLearnerPort, Need::kCandidacy, Need::kLeadership,
                            Need::kFollowing, Need::kMembers}) {
      if (to_string(need) != words[i]) continue;
      needs.insert(need);
      known = true;
    }
    if (!known) {
      expected("learner-port, candidacy, leadership, following or members", words[i]);
    }
  }
  if (needs.empty()) expected("what is needed", "nothing");
  return needs;
}

// A scenario that uses what it does not say that it needs would fail where it is not applicable.
void check_needs(const Scenario& scenario, int& line) {
  const auto wants = [&scenario](std::initializer_list<Need> any, const std::string& what) {
    for (const Need need : any) {
      if (scenario.needs.contains(need)) return;
    }
    expected("'needs " + std::string(to_string(*any.begin())) + "'", what);
  };
  const bool destructive = scenario.danger == Class::kDestructive;
  if (scenario.begins != Beginning::kAsIs && !destructive) {
    expected("'class destructive'", "'begins', which ends servers");
  }
  for (const Directive& one : scenario.directives) {
    line = one.line;
    const bool leader = one.verb == "expect" && one.words[0] == "leader";
    if (leader || kDeeds.contains(one.verb)) wants({Need::kMembers}, one.text);
    if (kDeeds.contains(one.verb) && !destructive) expected("'class destructive'", one.text);
    if (one.words != std::vector<std::string>{"learner"}) continue;
    if (one.verb == "dial") wants({Need::kLearnerPort, Need::kLeadership}, one.text);
    if (one.verb == "listen") wants({Need::kFollowing}, one.text);
  }
}

Beginning beginning_of(const std::string& word) {
  if (word == "alone") return Beginning::kAlone;
  if (word == "together") return Beginning::kTogether;
  expected("alone or together", word);
}

Class class_of(const std::string& word) {
  for (const Class one : {Class::kSafe, Class::kIntrusive, Class::kDestructive}) {
    if (to_string(one) == word) return one;
  }
  expected("safe, intrusive or destructive", word);
}

void take_line(Scenario& scenario, const std::string& line, int number, bool& has_class) {
  const std::vector<std::string> words = words_of(line);
  const std::string rest = after_first_word(line);
  if (words[0] == "title") {
    scenario.title = rest;
  } else if (words[0] == "class") {
    scenario.danger = class_of(rest);
    has_class = true;
  } else if (words[0] == "covers") {
    scenario.covers = rest;
  } else if (words[0] == "needs") {
    scenario.needs = needs_of(words);
  } else if (words[0] == "begins") {
    scenario.begins = beginning_of(rest);
  } else if (words[0] == "releases") {
    const auto range = parse_range(rest);
    if (!range) expected("a range of releases", rest);
    scenario.releases = *range;
  } else if (words[0] == "defect") {
    add_defect(scenario, words);
  } else {
    if (scenario.directives.size() == kMaxDirectives) expected("at most 1000 directives", line);
    scenario.directives.push_back(directive_of(words));
    scenario.directives.back().line = number;
    scenario.directives.back().text = line;
  }
}

}  // namespace

std::optional<ReleaseRange> parse_range(std::string_view text) {
  ReleaseRange range;
  const std::size_t dash = text.find('-');
  const std::string_view first = text.substr(0, dash);
  const std::string_view last = dash == std::string_view::npos ? text : text.substr(dash + 1);
  if (first.empty() && last.empty()) return std::nullopt;
  if (!first.empty()) {
    const auto release = release_of(first, 0);
    if (!release) return std::nullopt;
    range.first = *release;
  }
  if (!last.empty()) {
    const auto release = release_of(last, 99);
    if (!release) return std::nullopt;
    range.last = *release;
  }
  if (range.last < range.first) return std::nullopt;
  return range;
}

std::string to_string(const ReleaseRange& range) {
  const auto text = [](Release release) {
    const std::string line = std::to_string(release.major) + "." + std::to_string(release.minor);
    return release.patch == 99 ? line : line + "." + std::to_string(release.patch);
  };
  if (range == ReleaseRange{}) return "all";
  if (range.first == range.last) return text(range.first);
  const std::string first = range.first.major == 0 ? "" : text(range.first);
  const std::string last = range.last.major == 99 ? "" : text(range.last);
  return first + "-" + last;
}

Applies applies(const ReleaseRange& range, const ReleaseRange& server) {
  if (range.first <= server.first && server.last <= range.last) return Applies::kYes;
  if (server.last < range.first || range.last < server.first) return Applies::kNo;
  return Applies::kUnknown;
}

std::string_view to_string(Class value) {
  switch (value) {
    case Class::kSafe:
      return "safe";
    case Class::kIntrusive:
      return "intrusive";
    case Class::kDestructive:
      break;
  }
  return "destructive";
}

std::string_view to_string(Need need) {
  switch (need) {
    case Need::kLearnerPort:
      return "learner-port";
    case Need::kCandidacy:
      return "candidacy";
    case Need::kLeadership:
      return "leadership";
    case Need::kFollowing:
      return "following";
    case Need::kMembers:
      break;
  }
  return "members";
}

bool Directive::operator==(const Directive& other) const {
  return line == other.line && text == other.text && peer == other.peer && verb == other.verb &&
         words == other.words && options == other.options && only == other.only;
}

bool is_deed(const std::string& verb) { return kDeeds.contains(verb); }

bool Scenario::depends_on_release() const {
  return releases != ReleaseRange{} ||
         std::any_of(directives.begin(), directives.end(), [](const Directive& one) {
           return one.only.has_value() || !one.defects.empty();
         });
}

tl::expected<Scenario, std::string> parse_scenario(const std::string& name,
                                                   const std::string& text) {
  Scenario scenario;
  scenario.id = name.substr(name.rfind('/') + 1);
  if (scenario.id.ends_with(".txt")) scenario.id.resize(scenario.id.size() - 4);
  std::size_t begin = 0;
  int number = 0;
  bool has_class = false;
  try {
    while (begin < text.size()) {
      const std::size_t end = std::min(text.find('\n', begin), text.size());
      const std::string line = text.substr(begin, end - begin);
      begin = end + 1;
      ++number;
      const std::size_t first = line.find_first_not_of(" \t\r");
      if (first == std::string::npos) continue;
      if (line[first] == '#') {
        if (!scenario.directives.empty()) continue;
        const std::size_t words = line.find_first_not_of("# \t", first);
        if (words == std::string::npos) continue;
        scenario.why += (scenario.why.empty() ? "" : " ") + line.substr(words);
        continue;
      }
      take_line(scenario, line.substr(first), number, has_class);
    }
    if (scenario.title.empty()) expected("a title", "none");
    if (scenario.directives.empty()) expected("directives", "none");
    // Whom it may be played to is never guessed.
    if (!has_class) expected("'class safe', 'class intrusive' or 'class destructive'", "none");
    check_links(scenario, number);
    check_needs(scenario, number);
  } catch (const std::invalid_argument& error) {
    return tl::unexpected(name + ":" + std::to_string(number) + ": " + error.what());
  }
  return scenario;
}

std::optional<Duration> parse_wait(std::string_view text) {
  std::int64_t count = 0;
  const auto [next, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc() || count < 0 || count > 600'000) return std::nullopt;
  const std::string_view unit(next, static_cast<std::size_t>(text.data() + text.size() - next));
  if (unit == "ms") return std::chrono::milliseconds(count);
  if (unit == "s" && count <= 600) return std::chrono::seconds(count);
  return std::nullopt;
}

}  // namespace zkprobe::conformance
