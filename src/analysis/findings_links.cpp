#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "analysis/findings.hpp"
#include "wire/java_text.hpp"

namespace zkprobe::analysis {
namespace {

using Pair = std::pair<Sid, Sid>;

// A dial-back that has not come by then is missing. A healthy one takes a millisecond.
constexpr std::chrono::seconds kDialBack{2};

std::string server(Sid sid) { return "server " + to_string(sid); }
std::string named(Sid sid) { return "Server " + to_string(sid); }

std::string form_of(wire::GreetingForm form) {
  switch (form) {
    case wire::GreetingForm::kBareSid:
      return "a bare id";
    case wire::GreetingForm::kV1:
      return "version -65536";
    case wire::GreetingForm::kV2:
      return "version -65535 (multiAddress.enabled)";
  }
  return "";
}

class LinkRules {
 public:
  explicit LinkRules(const Story& story) : story_(story) {
    for (const Link& link : story.links) {
      const StreamRecord& stream = of(link);
      const auto a = stream.sid(Side::kDialler);
      const auto b = stream.sid(Side::kAcceptor);
      if (a && b && link.fate == Fate::kKept) kept_[std::minmax(*a, *b)].push_back(&stream);
      // The lower id closed it after the greeting: a dial back all the same.
      const bool dialled =
          link.fate == Fate::kClosedAfterGreeting || link.fate == Fate::kRefusedGreeting;
      if (a && b && *a > *b && dialled) dialled_back_[{*b, *a}].push_back(&stream);
      if (stream.info.answered) answered_.insert(capture::to_string(stream.info.acceptor));
      const bool ours = stream.protocol == capture::Protocol::kElection ||
                        stream.protocol == capture::Protocol::kLearner;
      if (ours) ports_.insert(capture::to_string(stream.info.acceptor));
    }
  }

  std::vector<Finding> all() {
    challenges();
    refused();
    own_id();
    wildcard();
    not_answered();
    wordless(Fate::kSilent);
    wordless(Fate::kHitAndRun);
    foreign();
    return std::move(found_);
  }

 private:
  const StreamRecord& of(const Link& link) const { return story_.recording.streams[link.stream]; }
  const Record& greeting_of(const StreamRecord& stream) const {
    return story_.recording.records[*stream.greeting];
  }
  Evidence greets(const StreamRecord& stream) const {
    return proof(story_.recording, *stream.greeting);
  }
  static CaptureTime end_of(const StreamRecord& stream) {
    return stream.info.ended_by ? stream.info.ended.time : stream.closed.time;
  }

  // The pair has a link that stood then, or soon came.
  bool linked(const Pair& pair, CaptureTime then) const {
    const auto links = kept_.find(pair);
    if (links == kept_.end()) return false;
    return std::any_of(links->second.begin(), links->second.end(), [&](const StreamRecord* one) {
      const bool lives = one->is_open() || end_of(*one) > then;
      return lives && one->info.opened.time <= then + kDialBack;
    });
  }
  // The higher id dialled then or soon after, whatever came of it.
  bool dialled_back(const Pair& pair, CaptureTime then) const {
    const auto dials = dialled_back_.find(pair);
    if (dials == dialled_back_.end()) return false;
    return std::any_of(dials->second.begin(), dials->second.end(), [&](const StreamRecord* one) {
      return one->info.opened.time >= then && one->info.opened.time <= then + kDialBack;
    });
  }
  // The server had a connection that outlived the time for a dial back: it did not just end.
  bool alive(Sid sid, CaptureTime then) const {
    const CaptureTime until = then + kDialBack;
    return std::any_of(story_.recording.streams.begin(), story_.recording.streams.end(),
                       [&](const StreamRecord& one) {
                         const bool its = one.sids[0] == sid || one.sids[1] == sid;
                         return its && one.info.answered && one.info.opened.time <= until &&
                                (one.is_open() || end_of(one) > until);
                       });
  }
  bool ever_linked(const Pair& pair) const { return kept_.contains(pair); }

  void challenges() {
    Finding normal;
    normal.id = "lost_challenge";
    normal.severity = Severity::kNormal;
    normal.count = 0;
    std::map<Pair, Finding> missing;
    for (const Link& link : story_.links) {
      if (link.fate != Fate::kLostChallenge) continue;
      const StreamRecord& stream = of(link);
      const Sid low = *stream.sid(Side::kDialler);
      const Sid high = *stream.sid(Side::kAcceptor);
      const CaptureTime opened = stream.info.opened.time;
      // Both close at once. An acceptor that does not has not read the greeting: it hangs.
      const bool lost = !stream.is_open() && stream.closed.time - opened < kDialBack;
      const CaptureTime then = lost ? stream.closed.time : opened;
      const bool early = story_.recording.last - then < kDialBack;
      const Server* const asker = story_.roster.find(low);
      const bool stranger = asker == nullptr || !asker->member || low == kObserverId;
      if (stranger) continue;
      const bool back = linked({low, high}, then) || dialled_back({low, high}, opened);
      if (back || early || (lost && !alive(high, then))) {
        ++normal.count;
        normal.prove(greets(stream));
      } else if (lost) {
        Finding& finding = missing[{low, high}];
        finding.count = finding.evidence.empty() ? 1 : finding.count + 1;
        finding.prove(greets(stream));
        answer(finding, low, high, then);
      }
    }
    if (normal.count > 0) {
      normal.title =
          normal.count == 1
              ? "A lost challenge: a connection from a lower id was closed, as it should be"
              : "Lost challenges: " + std::to_string(normal.count) +
                    " connections from a lower id were closed, as they should be";
      normal.detail =
          "Between two servers the one with the larger id dials. When the lower id dials first, "
          "the link is closed after the greeting and the larger id dials back. In the log: \"Have "
          "smaller server identifier, so dropping the connection\".";
      found_.push_back(std::move(normal));
    }
    for (auto& [pair, finding] : missing) missing_dial_back(pair, std::move(finding));
  }

  // What the larger id did about it.
  void answer(Finding& finding, Sid low, Sid high, CaptureTime then) const {
    if (finding.evidence.size() >= Finding::kMaxEvidence) return;
    for (const Link& link : story_.links) {
      const StreamRecord& stream = of(link);
      if (link.fate != Fate::kNotAnswered || stream.sid(Side::kAcceptor) != low) continue;
      const CaptureTime wait = stream.info.opened.time - then;
      if (wait < CaptureTime(0) || wait > kDialBack) continue;
      const auto dialler = stream.sid(Side::kDialler);
      if (dialler && *dialler != high) continue;
      finding.prove(proof(stream, stream.info.opened,
                          name_of(stream, Side::kDialler) + " dials " +
                              capture::to_string(stream.info.acceptor) + " and is not answered"));
    }
  }

  void missing_dial_back(const Pair& pair, Finding finding) {
    const auto [low, high] = pair;
    finding.id = "missing_dial_back";
    finding.severity = ever_linked(pair) ? Severity::kNote : Severity::kProblem;
    finding.servers = {low, high};
    finding.title = named(high) + " does not dial back to " + server(low);
    const bool tried = std::any_of(finding.evidence.begin(), finding.evidence.end(), [](auto& one) {
      return one.what.find("is not answered") != std::string::npos;
    });
    finding.detail =
        named(low) + " dialled " + server(high) +
        " and lost the challenge, as the lower id must. " +
        (tried ? "The dial back was tried, and nobody answered there."
               : "No dial back from " + server(high) + " followed within 2 s.") +
        (ever_linked(pair) ? " The two had a link at another time of the capture."
                           : " The two never had a link: no vote passes between them.");
    finding.advice = "On the host of " + server(high) + ", try to reach the election port of " +
                     server(low) + " at the address in its configuration and at the one that " +
                     server(low) +
                     " announces: firewall, NAT, stale proxy or tunnel, wrong server." +
                     to_string(low) + " line.";
    found_.push_back(std::move(finding));
  }

  void refused() {
    std::map<std::pair<Sid, int>, Finding> groups;
    for (const Link& link : story_.links) {
      if (link.fate != Fate::kRefusedGreeting) continue;
      const StreamRecord& stream = of(link);
      const Sid dialler = stream.sid(Side::kDialler).value_or(Sid());
      const Sid acceptor = *stream.sid(Side::kAcceptor);
      const Server* const refuser = story_.roster.find(acceptor);
      if (refuser == nullptr || !refuser->member) continue;  // a probe that listens
      const wire::GreetingForm form = greeting_of(stream).greeting;
      Finding& finding = groups[{acceptor, static_cast<int>(form)}];
      finding.count = finding.evidence.empty() ? 1 : finding.count + 1;
      finding.prove(greets(stream));
      if (stream.info.ended_by) {
        finding.prove(proof(stream, stream.info.ended,
                            name_of(stream, *stream.info.ended_by) + " closes the connection"));
      }
      for (const Sid sid : {acceptor, dialler}) {
        const auto known = std::find(finding.servers.begin(), finding.servers.end(), sid);
        if (known == finding.servers.end()) finding.servers.push_back(sid);
      }
      if (!ever_linked(std::minmax(acceptor, dialler))) finding.severity = Severity::kProblem;
    }
    for (auto& [key, finding] : groups) {
      const auto form = static_cast<wire::GreetingForm>(key.second);
      const Server* const server_of = story_.roster.find(key.first);
      const bool old = server_of != nullptr && refuses(server_of->release, wire::GreetingForm::kV1);
      finding.id = "refused_greeting";
      finding.title = named(key.first) + " refuses greetings with " + form_of(form);
      finding.detail =
          old ? "Its messages are those of release " + capture::to_string(server_of->release) +
                    ". Releases up to 3.4.5 read the version as the id: in its log stands "
                    "\"Invalid "
                    "server id: -65536\"."
              : "Releases 3.5.1 to 3.5.10 know -65536 alone: in its log stands \"Got unrecognized "
                "protocol version -65535\".";
      finding.advice = old ? "Upgrade that server to 3.4.6 or later before others go to 3.5."
                           : "Set multiAddress.enabled=false (and one address per server) until "
                             "every server is 3.6.0 or later.";
      found_.push_back(std::move(finding));
    }
  }

  void own_id() {
    Finding finding;
    finding.count = 0;
    for (const Link& link : story_.links) {
      if (link.fate != Fate::kOwnId) continue;
      const StreamRecord& stream = of(link);
      ++finding.count;
      finding.prove(greets(stream));
      const Sid sid = *stream.sid(Side::kDialler);
      const auto known = std::find(finding.servers.begin(), finding.servers.end(), sid);
      if (known == finding.servers.end()) finding.servers.push_back(sid);
    }
    if (finding.count == 0) return;
    finding.id = "dials_itself";
    finding.severity = Severity::kProblem;
    finding.title = "A server dials itself: its own id comes back to it";
    finding.detail =
        "Somebody greeted a server with that server's id. Either an announced address leads back "
        "to the dialler (0.0.0.0 does), or two servers have the same myid.";
    finding.advice = "Compare myid on the hosts, and announce an address that others can reach.";
    found_.push_back(std::move(finding));
  }

  void wildcard() {
    std::map<Sid, Finding> by_server;
    for (RecordIndex i = 0; i < story_.recording.records.size(); ++i) {
      const Record& record = story_.recording.records[i];
      if (record.what != What::kGreeting || record.text == Record::kNoText) continue;
      const std::string& text = story_.recording.text_of(record);
      bool wild = false;
      for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find('|', begin), text.size());
        const auto address =
            wire::parse_host_port(std::string_view(text).substr(begin, end - begin));
        wild = wild || (address && wire::is_wildcard(*address));
        begin = end + 1;
      }
      const auto sid = story_.recording.from(record);
      if (!wild || !sid) continue;
      Finding& finding = by_server[*sid];
      finding.count = finding.evidence.empty() ? 1 : finding.count + 1;
      finding.prove(proof(story_.recording, i));
    }
    for (auto& [sid, finding] : by_server) {
      finding.id = "wildcard_address";
      finding.severity = Severity::kNote;
      finding.servers = {sid};
      finding.title = named(sid) + " announces a wildcard address";
      finding.detail =
          "Its configuration names 0.0.0.0 (or ::) for itself, and so does its greeting. Servers "
          "of "
          "3.5.0 to 3.5.7 and 3.6.0 dial that address back, which is themselves: " +
          server(sid) +
          " then never comes back after a restart. Later releases ignore it and use the "
          "configured address.";
      finding.advice = "Give server." + to_string(sid) +
                       " its real address in its own configuration, and use "
                       "quorumListenOnAllIPs=true to listen everywhere.";
      found_.push_back(std::move(finding));
    }
  }

  void not_answered() {
    std::map<std::string, Finding> never;
    Finding normal;
    normal.count = 0;
    for (const Link& link : story_.links) {
      if (link.fate != Fate::kNotAnswered) continue;
      const StreamRecord& stream = of(link);
      const std::string where = capture::to_string(stream.info.acceptor);
      const bool known = answered_.contains(where);
      last_dial_[where] = stream.info.opened.time;
      Finding& finding = known ? normal : never[where];
      finding.count = finding.evidence.empty() ? 1 : finding.count + 1;
      const bool named_one = stream.sid(Side::kAcceptor).has_value();
      finding.prove(proof(stream, stream.info.opened,
                          name_of(stream, Side::kDialler) + " dials " +
                              (named_one ? name_of(stream, Side::kAcceptor) + " at " : "") + where +
                              " and is not answered"));
      const auto sid = stream.sid(Side::kAcceptor);
      if (sid && !known) finding.servers = {*sid};
    }
    if (normal.count > 0) {
      normal.id = "not_answered_for_a_while";
      normal.severity = Severity::kNormal;
      normal.title =
          (normal.count == 1 ? std::string("A dial") : std::to_string(normal.count) + " dials") +
          " found nobody, at addresses that answer at other times";
      normal.detail = "So it is while a server starts, or is down.";
      found_.push_back(std::move(normal));
    }
    for (auto& [where, finding] : never) never_answered(where, std::move(finding));
  }

  void never_answered(const std::string& where, Finding finding) {
    finding.id = "unreachable_address";
    const CaptureTime first = finding.evidence.front().time;
    const CaptureTime last = last_dial_[where];
    // Servers stop dialling once they have what they need: then it came by another way.
    const bool goes_on = story_.recording.last - last < kDialBack || someone_looks();
    const bool often = finding.count >= 3 && last - first > kDialBack;
    finding.severity = goes_on ? (often ? Severity::kProblem : Severity::kNote)
                       : last - first > std::chrono::seconds(10) ? Severity::kNote
                                                                 : Severity::kNormal;
    finding.title = "Nobody ever answers at " + where;
    finding.detail =
        (finding.servers.empty() ? std::string("A server") : named(finding.servers.front())) +
        " was dialled there " +
        (finding.count == 1 ? std::string("once") : std::to_string(finding.count) + " times") +
        ", and no connection came about in the whole capture." +
        (goes_on ? "" : " The dials stopped: it was not up yet, or came by another way.");
    if (goes_on) finding.advice = "Is it up, and is this its address as the others can reach it?";
    found_.push_back(std::move(finding));
  }

  bool someone_looks() const {
    if (story_.elections.empty()) return false;
    const auto& tales = story_.elections.back().tales;
    return std::any_of(tales.begin(), tales.end(),
                       [](const Tale& tale) { return !tale.decision.has_value(); });
  }

  // Connections on which not a byte was sent, by who made them and where to.
  void wordless(Fate fate) {
    std::map<std::pair<std::string, std::string>, Finding> groups;
    for (const Link& link : story_.links) {
      if (link.fate != fate) continue;
      const StreamRecord& stream = of(link);
      const std::string where = capture::to_string(stream.info.acceptor);
      const bool ours = ports_.contains(where);
      if (!ours && !stream.sid(Side::kAcceptor)) continue;
      Finding& finding = groups[{capture::to_string(stream.info.dialler.host), where}];
      finding.count = finding.evidence.empty() ? 1 : finding.count + 1;
      const bool stands = stream.is_open() && !stream.info.ended_by;
      const CaptureTime end = stands ? story_.recording.last : end_of(stream);
      finding.prove(proof(stream, stream.info.opened,
                          capture::to_string(stream.info.dialler) + " connects to " + where +
                              " and says nothing for " +
                              std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(
                                                 end - stream.info.opened.time)
                                                 .count()) +
                              " ms"));
      if (stream.sid(Side::kAcceptor)) finding.servers = {*stream.sid(Side::kAcceptor)};
    }
    for (auto& [key, finding] : groups) {
      const bool silent = fate == Fate::kSilent;
      finding.id = silent ? "silent_peer" : "hit_and_run";
      // One or two are left by servers themselves: a dial that another one overtook.
      finding.severity = silent               ? Severity::kProblem
                         : finding.count >= 3 ? Severity::kNote
                                              : Severity::kNormal;
      finding.title = silent ? "A silent peer from " + key.first + " holds " + key.second
                             : (finding.count == 1
                                    ? std::string("A hit-and-run connection")
                                    : std::to_string(finding.count) + " hit-and-run connections") +
                                   " from " + key.first + " to " + key.second;
      finding.detail =
          silent
              ? "It connected and sent no greeting. Without SASL the thread that accepts waits "
                "for it, syncLimit x tickTime long (3.3: for ever), and every other server waits "
                "behind it."
              : "They connect and close without a byte: a port scanner, a load balancer or a "
                "health check. Each costs the server a warning or an EOFException in its log.";
      finding.advice = silent ? "Find out what runs on " + key.first +
                                    " and keep it off the election port with a firewall."
                              : "Check the client port instead, or ask the election port with "
                                "zkprobe status.";
      found_.push_back(std::move(finding));
    }
  }

  // Bytes that no server writes, on a port of ours.
  void foreign() {
    std::map<std::pair<std::string, std::string>, Finding> groups;
    for (const Link& link : story_.links) {
      const StreamRecord& stream = of(link);
      const std::string where = capture::to_string(stream.info.acceptor);
      if (link.fate != Fate::kOther || !stream.info.from_start || !ports_.contains(where)) continue;
      Finding& finding = groups[{capture::to_string(stream.info.dialler.host), where}];
      finding.count = finding.evidence.empty() ? 1 : finding.count + 1;
      finding.prove(proof(stream, stream.info.opened,
                          capture::to_string(stream.info.dialler) + " sends " +
                              std::to_string(stream.info.bytes[0]) + " bytes to " + where));
      if (stream.sid(Side::kAcceptor)) finding.servers = {*stream.sid(Side::kAcceptor)};
    }
    for (auto& [key, finding] : groups) {
      finding.id = "foreign_bytes";
      finding.severity = Severity::kNote;
      finding.title = key.first + " speaks something else to " + key.second;
      finding.detail =
          "What it sends is no greeting and no learner's packet: a scanner, an HTTP health check, "
          "a "
          "client on the wrong port. Releases 3.4.6 and 3.5.0 can lose their listener by it: the "
          "server then serves, and no restarted server can join.";
      finding.advice = "Keep others off the quorum ports.";
      found_.push_back(std::move(finding));
    }
  }

  const Story& story_;
  std::vector<Finding> found_;
  std::map<Pair, std::vector<const StreamRecord*>> kept_;
  std::map<Pair, std::vector<const StreamRecord*>> dialled_back_;
  std::map<std::string, CaptureTime> last_dial_;
  std::set<std::string> answered_;  // listeners
  std::set<std::string> ports_;     // listeners with votes or learners
};

}  // namespace

std::vector<Finding> findings_of_links(const Story& story) { return LinkRules(story).all(); }

}  // namespace zkprobe::analysis
