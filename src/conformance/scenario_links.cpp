#include "conformance/scenario_links.hpp"

#include "conformance/values.hpp"

namespace zkprobe::conformance {
namespace {

// What a peer may have at a line: more than one of them where lines are for some releases alone.
struct Peer {
  bool votes = false;     // a link of an election port
  bool packets = false;   // a link of a learner port
  bool listens = false;   // for the server's call
  bool learners = false;  // in place of a member's learner port
  bool has_rest = false;  // of a greeting that was cut
};

[[noreturn]] void expected(const std::string& before, const std::string& found) {
  mistake("expected " + before + " before it, found '" + found + "'");
}

// An id, `leader`, `follower`, `own`, or a name that `as` gave.
void check_who(const std::string& word, const std::set<std::string>& named) {
  if (word == "leader" || word == "follower" || word == "own" || named.contains(word)) return;
  if (to_number(word)) return;
  mistake("expected an id, leader, follower, own or a name that 'as' gave, found '" + word + "'");
}

void check_use(const Peer& peer, const std::string& verb, const Directive& at,
               const std::string& text) {
  static const std::set<std::string> kLink = {"greet", "vote",   "bytes", "frame",  "close",
                                              "drain", "closed", "open",  "silence"};
  static const std::set<std::string> kPackets = {"send", "pings", "snapshot", "packet"};
  const std::string dial = "'" + at.peer + " dial";
  if (kLink.contains(verb) && !peer.votes && !peer.packets) expected(dial + "'", text);
  if (verb == "rest" && !peer.has_rest) expected("'" + at.peer + " greet ... cut=N'", text);
  if (kPackets.contains(verb) && !peer.packets) expected(dial + " learner'", text);
  if ((verb == "call" || verb == "nocall") && !peer.listens) {
    expected("'" + at.peer + " listen' or 'address=listener'", text);
  }
  if (verb == "learner" && !peer.learners) {
    expected("'" + at.peer + " listen learner of=ID'", text);
  }
}

void check_expected(const Peer& peer, const std::vector<std::string>& words,
                    const std::map<std::string, std::string>& options, const Directive& at,
                    const std::set<std::string>& named) {
  const std::string& what = words.front();
  if (what == "vote" && !peer.votes) expected("'" + at.peer + " dial'", at.text);
  check_use(peer, what == "vote" ? "open" : what, at, at.text);
  if (options.contains("of")) check_who(options.at("of"), named);
}

// What the line leaves behind. `always`: it is played to every release.
void take(Peer& peer, const Directive& one) {
  const bool always = !one.only;
  const bool learner = one.words == std::vector<std::string>{"learner"};
  if (one.verb == "listen") (learner ? peer.learners : peer.listens) = true;
  if (one.verb == "greet") {
    peer.has_rest = peer.has_rest || one.options.contains("cut");
    peer.listens = peer.listens || option(one.options, "address", "") == "listener";
  }
  const bool called = one.verb == "expect" && (one.words[0] == "call" || one.words[0] == "learner");
  const bool linked = one.verb == "dial" || called;
  if (!linked && one.verb != "close") return;
  if (always) peer.votes = peer.packets = false;
  if (linked) (learner ? peer.packets : peer.votes) = true;
}

}  // namespace

void check_links(const Scenario& scenario, int& line) {
  std::map<std::string, Peer> peers;
  std::set<std::string> named;
  for (const Directive& one : scenario.directives) {
    line = one.line;
    Peer& peer = peers[one.peer];
    if (one.verb == "expect") {
      check_expected(peer, one.words, one.options, one, named);
      for (const Directive::Defect& defect : one.defects) {
        check_expected(peer, defect.words, defect.options, one, named);
      }
    } else if (is_deed(one.verb)) {
      check_who(one.words[0], named);
      if (one.options.contains("as")) named.insert(one.options.at("as"));
    } else {
      check_use(peer, one.verb, one, one.text);
    }
    take(peer, one);
  }
}

}  // namespace zkprobe::conformance
