#include "conformance/directive_words.hpp"

#include <algorithm>
#include <functional>
#include <limits>

#include "base/bytes.hpp"
#include "wire/notification.hpp"
#include "wire/quorum_packet.hpp"
#include "wire/txn.hpp"

namespace zkprobe::conformance {
namespace {

using Words = std::vector<std::string>;

// A kind of value: what a reader is told, and whether a text is one.
struct Kind {
  std::string what;
  std::function<bool(const std::string&)> fits;
};
using Takes = std::map<std::string, const Kind*>;

bool is_number(const std::string& text) { return to_number(text).has_value(); }

bool in_range(const std::string& text, std::int64_t least, std::int64_t most) {
  const auto value = to_number(text);
  return value && *value >= least && *value <= most;
}

bool is_int(const std::string& text) {
  return in_range(text, std::numeric_limits<std::int32_t>::min(),
                  std::numeric_limits<std::int32_t>::max());
}

bool one_of(const std::string& text, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

bool is_id(const std::string& text) {
  return one_of(text, {"stranger", "stranger2", "low", "own"}) || is_number(text);
}

bool is_zxid(const std::string& text) { return to_zxid_number(text).has_value(); }

// Or what was read: seen, synced, synced+N.
bool is_packet_zxid(const std::string& text) {
  for (const std::string word : {"seen", "synced"}) {
    if (text == word) return true;
    if (text.starts_with(word + "+")) return is_number(text.substr(word.size() + 1));
  }
  return is_zxid(text);
}

bool is_state(const std::string& text) {
  return one_of(text, {"LOOKING", "FOLLOWING", "LEADING", "OBSERVING"}) || is_number(text);
}

bool is_hex(const std::string& text) { return hex_decode(text).has_value(); }

bool is_packet_type(const std::string& text) {
  for (std::int32_t type = 1; type <= 19; ++type) {
    const auto name = wire::to_string(static_cast<wire::PacketType>(type));
    if (name == text && name != "UNKNOWN") return true;
  }
  return false;
}

// DIFF|SNAP
bool are_packet_types(const std::string& text) {
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find('|', begin), text.size());
    if (!is_packet_type(text.substr(begin, end - begin))) return false;
    begin = end + 1;
  }
  return true;
}

bool is_txn_type(const std::string& text) {
  for (std::int32_t type = -11; type <= 21; ++type) {
    const auto name = wire::to_string(static_cast<wire::TxnType>(type));
    if (name == text && name != "unknown") return true;
  }
  return false;
}

const Kind kNumber{"a number (decimal, 0x... or min)", is_number};
const Kind kInt{"a number of 32 bits", is_int};
const Kind kCount{"a number from 0 to " + std::to_string(kMostBytes),
                  [](const std::string& text) { return in_range(text, 0, kMostBytes); }};
const Kind kId{"an id: stranger, stranger2, low, own or a number", is_id};
const Kind kZxid{"a zxid: a number or EPOCH:COUNTER", is_zxid};
const Kind kPacketZxid{"a zxid: a number, EPOCH:COUNTER, seen, synced or synced+N", is_packet_zxid};
const Kind kState{"LOOKING, FOLLOWING, LEADING, OBSERVING or a number", is_state};
const Kind kForm{"form 28, 36, 40 or v2", [](const std::string& text) {
                   return one_of(text, {"28", "36", "40", "v2"});
                 }};
const Kind kRound{"a round: a number or seen",
                  [](const std::string& text) { return text == "seen" || is_number(text); }};
const Kind kHex{"bytes as hex", is_hex};
const Kind kData{"none, some or bytes as hex", [](const std::string& text) {
                   return one_of(text, {"none", "some"}) || is_hex(text);
                 }};
const Kind kWait{"a duration such as 400ms",
                 [](const std::string& text) { return parse_wait(text).has_value(); }};
const Kind kInfoVersion{"a number of 32 bits or none",
                        [](const std::string& text) { return text == "none" || is_int(text); }};
const Kind kInfoConfig{"a number or none",
                       [](const std::string& text) { return text == "none" || is_number(text); }};
const Kind kTxn{"the type of a transaction such as createSession", is_txn_type};
const Kind kAny{"a text", [](const std::string&) { return true; }};
const Kind kName{
    "a name", [](const std::string& text) {
      return !text.empty() && !is_number(text) && !one_of(text, {"leader", "follower", "own"});
    }};
const Kind kGreeting{"bare, v1, v2 or a number", [](const std::string& text) {
                       return one_of(text, {"bare", "v1", "v2"}) || is_number(text);
                     }};
const Kind kPacketTypes{"the types of the packet, such as DIFF|SNAP", are_packet_types};
const Kind kPacketType{"the type of a packet", [](const std::string& text) {
                         return is_packet_type(text) || is_int(text);
                       }};

[[noreturn]] void expected(const std::string& what, const std::string& found) {
  mistake("expected " + what + ", found '" + found + "'");
}

void check_value(const Kind& kind, const std::string& prefix, const std::string& value) {
  if (!kind.fits(value)) expected(kind.what, prefix + value);
}

void check_options(const std::string& verb, const Options& options, const Takes& takes) {
  for (const auto& [key, value] : options) {
    const auto known = takes.find(key);
    if (known == takes.end()) {
      std::string all;
      for (const auto& [name, kind] : takes) all += (all.empty() ? "" : ", ") + name + "=";
      expected((all.empty() ? "no option" : all) + " behind " + verb, key + "=");
    }
    check_value(*known->second, key + "=", value);
  }
}

// From `least` to as many words as there are kinds.
void check_plain(const Words& words, std::size_t least, const std::vector<const Kind*>& kinds) {
  if (words.size() < least) expected(kinds[words.size()]->what, "nothing");
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i >= kinds.size()) expected("nothing more", words[i]);
    check_value(*kinds[i], "", words[i]);
  }
}

const Takes kVote = {
    {"leader", &kNumber}, {"zxid", &kZxid}, {"round", &kNumber}, {"epoch", &kNumber},
    {"state", &kState},   {"form", &kForm}, {"within", &kWait},
};

// By the word behind `expect`.
const std::map<std::string, Takes>& expectations() {
  static const std::map<std::string, Takes> all = [] {
    Takes answer = kVote;
    answer["of"] = &kAny;  // whether there is such a member: see scenario_links.hpp
    const Takes within = {{"within", &kWait}};
    const Takes lasting = {{"for", &kWait}};
    return std::map<std::string, Takes>{{"vote", kVote},
                                        {"answer", answer},
                                        {"closed", within},
                                        {"open", lasting},
                                        {"silence", lasting},
                                        {"nocall", lasting},
                                        {"call", {{"id", &kId}, {"within", &kWait}}},
                                        {"packet",
                                         {{"zxid", &kPacketZxid},
                                          {"epoch", &kNumber},
                                          {"version", &kNumber},
                                          {"data", &kData},
                                          {"txn", &kTxn},
                                          {"within", &kWait}}},
                                        {"snapshot", within},
                                        {"learner", within},
                                        {"leader", within}};
  }();
  return all;
}

// send TYPE
void check_send(const Words& words, const Options& options) {
  check_plain(words, 1, {&kPacketType});
  Takes takes = {{"zxid", &kPacketZxid}, {"data", &kHex}};
  const std::string& type = words[0];
  if (one_of(type, {"FOLLOWERINFO", "OBSERVERINFO"})) {
    takes.insert(
        {{"id", &kId}, {"epoch", &kNumber}, {"version", &kInfoVersion}, {"config", &kInfoConfig}});
  } else if (type == "LEADERINFO") {
    takes.insert({{"epoch", &kNumber}, {"version", &kInt}});
  } else if (type == "ACKEPOCH") {
    takes.insert({{"epoch", &kInt}});
  } else if (one_of(type, {"ACK", "NEWLEADER"})) {
    takes.insert({{"epoch", &kNumber}});
  } else if (type == "REQUEST") {
    takes.insert({{"session", &kNumber}, {"cxid", &kInt}, {"type", &kInt}, {"body", &kHex}});
  } else if (one_of(type, {"PROPOSAL", "INFORM"})) {
    takes.insert({{"session", &kNumber}});
  }
  check_options("send " + type, options, takes);
}

// bytes HEX [times=N], frame LENGTH [HEX] [fill=N]
void check_bytes(const Directive& directive) {
  const Words& words = directive.words;
  if (directive.verb == "frame") {
    check_plain(words, 1, {&kInt, &kHex});
    return check_options("frame", directive.options, {{"fill", &kCount}});
  }
  check_plain(words, 1, {&kHex});
  check_options("bytes", directive.options, {{"times", &kCount}});
  const std::int64_t times = *to_number(option(directive.options, "times", "1"));
  if (times * static_cast<std::int64_t>(words[0].size() / 2) > kMostBytes) {
    expected("at most " + std::to_string(kMostBytes) + " bytes",
             "times=" + option(directive.options, "times", "1"));
  }
}

void check_greet(const Directive& directive) {
  check_plain(directive.words, 1, {&kGreeting});
  Takes takes = {{"id", &kId}, {"cut", &kCount}};
  if (directive.words[0] != "bare") takes.insert({{"address", &kAny}, {"length", &kInt}});
  check_options("greet " + directive.words[0], directive.options, takes);
}

void check_vote(const Directive& directive) {
  check_plain(directive.words, 0, {&kState});
  check_options("vote", directive.options,
                {{"leader", &kId},
                 {"zxid", &kZxid},
                 {"round", &kRound},
                 {"epoch", &kNumber},
                 {"form", &kForm}});
}

// dial [learner], listen [learner of=ID]
void check_place(const Directive& directive) {
  const bool learner = directive.words == Words{"learner"};
  const std::string found = directive.words.empty() ? "nothing" : directive.words.back();
  if (directive.verb == "dial") {
    if (!directive.words.empty() && !learner) expected("dial or dial learner", found);
    return check_options("dial", directive.options, {});
  }
  if (!directive.words.empty() && (!learner || !directive.options.contains("of"))) {
    expected("listen or listen learner of=ID", found);
  }
  check_options("listen", directive.options, learner ? Takes{{"of", &kId}} : Takes{});
}

}  // namespace

void check_expectation(const Words& words, const Options& options) {
  if (words.empty() || !expectations().contains(words[0])) {
    expected(
        "vote, open, closed, silence, call, nocall, answer, packet, snapshot, learner or leader",
        words.empty() ? "nothing" : words[0]);
  }
  if (words[0] == "packet") {
    check_plain({words.begin() + 1, words.end()}, 1, {&kPacketTypes});
  } else if (words.size() > 1) {
    expected("options behind " + words[0], words.back());
  }
  check_options("expect " + words[0], options, expectations().at(words[0]));
}

void check_words(const Directive& directive) {
  const std::string& verb = directive.verb;
  const Words& words = directive.words;
  if (verb == "expect") return check_expectation(words, directive.options);
  if (verb == "greet") return check_greet(directive);
  if (verb == "vote") return check_vote(directive);
  if (verb == "bytes" || verb == "frame") return check_bytes(directive);
  if (verb == "dial" || verb == "listen") return check_place(directive);
  if (verb == "send") return check_send(words, directive.options);
  if (is_deed(verb)) {
    if (words.size() != 1) expected("whom", words.empty() ? "nothing" : words.back());
    return check_options(verb, directive.options, {{"as", &kName}});
  }
  if (verb == "pause" || verb == "drain") {
    check_plain(words, 1, {&kWait});
  } else if (verb == "pings") {
    if (words.size() != 1 || !one_of(words[0], {"answered", "unanswered"})) {
      expected("answered or unanswered", words.empty() ? "nothing" : words.back());
    }
  } else if (!words.empty()) {  // rest, close, snapshot
    expected("nothing behind " + verb, words[0]);
  }
  check_options(verb, directive.options, {});
}

}  // namespace zkprobe::conformance
