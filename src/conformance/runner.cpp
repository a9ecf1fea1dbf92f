#include "conformance/runner.hpp"

#include <algorithm>
#include <stdexcept>

#include "conformance/directive_words.hpp"
#include "wire/describe.hpp"
#include "wire/initial_message.hpp"

namespace zkprobe::conformance {
namespace {

using wire::GreetingForm;
using wire::NotificationForm;
using wire::ServerState;

constexpr Duration kPatience = std::chrono::seconds(5);
constexpr Duration kOpen = std::chrono::seconds(1);
constexpr Duration kDialAgain = std::chrono::milliseconds(50);

ServerState state_of(const std::string& word) {
  for (const ServerState state : {ServerState::kLooking, ServerState::kFollowing,
                                  ServerState::kLeading, ServerState::kObserving}) {
    if (wire::to_string(state) == word) return state;
  }
  return static_cast<ServerState>(number(word));
}

NotificationForm form_of(const std::string& word) {
  for (const NotificationForm form : {NotificationForm::kBytes28, NotificationForm::kBytes36,
                                      NotificationForm::kBytes40, NotificationForm::kConfig}) {
    if (wire::to_string(form) == word) return form;
  }
  mistake("expected form 28, 36, 40 or v2, found '" + word + "'");
}

void append(Bytes& to, BytesView bytes) { to.insert(to.end(), bytes.begin(), bytes.end()); }

bool fits(const wire::Notification& vote, NotificationForm form, const Options& options) {
  for (const auto& [key, value] : options) {
    if (key == "state" && vote.state != state_of(value)) return false;
    if (key == "leader" && vote.leader.value != number(value)) return false;
    if (key == "zxid" && vote.zxid.value != zxid_number(value)) return false;
    if (key == "round" && vote.election_epoch.value != number(value)) return false;
    if (key == "epoch" && vote.peer_epoch.value != number(value)) return false;
    if (key == "form" && form != form_of(value)) return false;
  }
  return true;
}

// Whether a line is about the server's own id, its defects included.
bool names_own(const Directive& one) {
  const auto named = [](const Options& options) {
    return std::any_of(options.begin(), options.end(),
                       [](const auto& option) { return option.second == "own"; });
  };
  if (is_deed(one.verb) && one.words[0] == "own") return true;
  return named(one.options) ||
         std::any_of(one.defects.begin(), one.defects.end(),
                     [&named](const Directive::Defect& defect) { return named(defect.options); });
}

std::string expectation_text(const std::vector<std::string>& words, const Options& options) {
  std::string text = words.front();
  for (const auto& [key, value] : options) text += " " + key + "=" + value;
  return text;
}

}  // namespace

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::kPass:
      return "pass";
    case Verdict::kFail:
      return "fail";
    case Verdict::kKnownDefect:
      return "known_defect";
    case Verdict::kSkip:
      break;
  }
  return "skip";
}

Result Runner::run(const Scenario& scenario) {
  Result result;
  const Instant began = endpoint_.now();
  peers_.clear();
  packets_ = PacketMemory();
  try {
    play(scenario, result);
  } catch (const std::invalid_argument& error) {
    result.verdict = Verdict::kFail;
    result.observed = "line " + std::to_string(result.line) + ": " + error.what();
  }
  if (endpoint_.interrupted()) {
    result.verdict = Verdict::kSkip;
    result.expected.clear();
    result.observed = "interrupted";
    result.interrupted = true;
  }
  for (auto& [name, peer] : peers_) {
    if (peer.link) endpoint_.close(*peer.link);
  }
  endpoint_.stop_listening();
  actions_.end();
  result.took = endpoint_.now() - began;
  return result;
}

void Runner::play(const Scenario& scenario, Result& result) {
  const auto skip = [&result](const std::string& why) {
    result.verdict = Verdict::kSkip;
    result.observed = why;
  };
  const std::string unknown = "it depends on the release, which is not known exactly";
  if (const std::string why = why_not(scenario); !why.empty()) return skip(why);
  const Applies meant = applies(scenario.releases, target_.release);
  if (meant == Applies::kNo) return skip("for releases " + to_string(scenario.releases));
  if (meant == Applies::kUnknown) return skip(unknown);
  const std::string trouble = actions_.begin(scenario.begins);
  if (!trouble.empty()) {
    result.verdict = Verdict::kFail;
    result.observed = "the ensemble cannot be made ready: " + trouble;
    return;
  }
  for (const Directive& directive : scenario.directives) {
    const Applies now = directive.only ? applies(*directive.only, target_.release) : Applies::kYes;
    if (endpoint_.interrupted()) return;
    if (now == Applies::kNo) continue;
    result.line = directive.line;
    if (now == Applies::kUnknown) return skip(unknown);
    peer_name_ = directive.peer;
    endpoint_.at(directive);
    Peer& peer = peers_[directive.peer];
    if (directive.verb != "expect") {
      act(peer, directive);
    } else if (!judge(peer, directive, result)) {
      return;
    }
  }
}

// What is not of this server, or is not known of it, is no failure of it.
std::string Runner::why_not(const Scenario& scenario) const {
  for (const Need need : scenario.needs) {
    const auto lacking = target_.lacks.find(need);
    if (lacking != target_.lacks.end()) return "not applicable: " + lacking->second;
  }
  const bool alone = scenario.begins == Beginning::kAlone;
  const auto own = [this](const Directive& one) {
    return names_own(one) && (!one.only || applies(*one.only, target_.release) != Applies::kNo);
  };
  const auto& all = scenario.directives;
  if (!target_.sid && (alone || std::any_of(all.begin(), all.end(), own))) {
    return "its id is not known: --sid names it";
  }
  if (alone && target_.sid != Sid(1)) {
    return "it is played to server 1, this is server " + to_string(*target_.sid);
  }
  return alone ? target_.not_alone : "";
}

Sid Runner::id_of(const std::string& word) const {
  if (word == "stranger") return kStranger;
  if (word == "stranger2") return kSecondStranger;
  if (word == "low") return kLowStranger;
  if (word != "own") return Sid(number(word));
  if (!target_.sid) mistake("the server's own id is not known");
  return *target_.sid;
}

void Runner::act(Peer& peer, const Directive& directive) {
  const auto& words = directive.words;
  if (directive.verb == "listen") return listen(directive);
  if (directive.verb == "pause") {
    for (auto& [name, other] : peers_) flush(other);
    return endpoint_.pass(*parse_wait(words[0]));
  }
  if (directive.verb == "drain") {
    flush(peer);
    still_open(peer, false, *parse_wait(words[0]));
    peer.framer = wire::Framer();
    return;
  }
  if (directive.verb == "dial") return dial(peer, directive);
  if (directive.verb == "close") {
    flush(peer);
    if (peer.link) endpoint_.close(*peer.link);
    peer.link.reset();
    return;
  }
  if (directive.verb == "greet") return greet(peer, directive);
  if (directive.verb == "vote") return vote(peer, directive);
  if (directive.verb == "rest") {
    append(peer.unsent, peer.rest);
    return peer.rest.clear();
  }
  if (is_deed(directive.verb)) return actions_.act(directive);
  if (directive.verb == "bytes" || directive.verb == "frame") return bytes(peer, directive);
  if (!peer.learner) mistake("expected the link of a learner port: 'dial learner' before it");
  if (directive.verb == "pings") return peer.learner->answer_pings(words[0] == "answered");
  if (directive.verb == "snapshot") {
    return append(peer.unsent, LearnerPeer::snapshot());
  }
  append(peer.unsent, peer.learner->packet(words, directive.options));
}

// dial [learner]: to the server's election port or learner port. The latter is listened on a little
// later than the server says that it leads.
void Runner::dial(Peer& peer, const Directive& directive) {
  if (peer.link) endpoint_.close(*peer.link);
  peer = Peer();
  const bool learner = !directive.words.empty();
  Place place;
  if (learner) place.port = Place::Port::kLearner;
  const Instant until = endpoint_.now() + kPatience;
  peer.link = endpoint_.dial(place, kPatience);
  while (learner && !peer.link && endpoint_.now() < until && !endpoint_.interrupted()) {
    endpoint_.pass(kDialAgain);
    peer.link = endpoint_.dial(place, kPatience);
  }
  peer.closed = !peer.link.has_value();
  if (learner && peer.link) speak_packets(peer);
}

void Runner::speak_packets(Peer& peer) {
  peer.learner = std::make_unique<LearnerPeer>(
      endpoint_, *peer.link, packets_, [this](const std::string& word) { return id_of(word); });
}

// listen, or listen learner of=ID: where that member would serve its learners.
void Runner::listen(const Directive& directive) {
  if (directive.words.empty()) {
    endpoint_.listen(directive.peer);
    return;
  }
  const Place place{Place::Port::kLearner, id_of(directive.options.at("of"))};
  const std::string why = endpoint_.listen_at(directive.peer, place);
  if (!why.empty())
    mistake("cannot listen in place of member " + directive.options.at("of") + ": " + why);
}

// bytes HEX [times=N], frame LENGTH [HEX] [fill=N]
void Runner::bytes(Peer& peer, const Directive& directive) {
  const auto& words = directive.words;
  const bool framed = directive.verb == "frame";
  if (words.empty()) mistake("expected bytes");
  const std::string hex = framed ? (words.size() > 1 ? words[1] : "") : words[0];
  const auto bytes = hex_decode(hex);
  if (!bytes) mistake("expected bytes as hex, found '" + hex + "'");
  Writer head;
  if (framed) head.i32(static_cast<std::int32_t>(number(words[0])));
  append(peer.unsent, head.take());
  const std::int64_t times = number(option(directive.options, "times", "1"));
  const std::int64_t fill = number(option(directive.options, "fill", "0"));
  if (times < 0 || fill < 0 || fill > kMostBytes ||
      times * static_cast<std::int64_t>(bytes->size()) > kMostBytes) {
    mistake("expected at most " + std::to_string(kMostBytes) + " bytes");
  }
  for (std::int64_t i = 0; i < times; ++i) append(peer.unsent, *bytes);
  peer.unsent.resize(peer.unsent.size() + static_cast<std::size_t>(fill));
}

// greet bare|v1|v2|VERSION [id=] [address=TEXT|listener] [length=N] [cut=N]
void Runner::greet(Peer& peer, const Directive& directive) {
  const std::string form = directive.words.empty() ? "" : directive.words[0];
  const Sid id = id_of(option(directive.options, "id", "stranger"));
  std::string address = option(directive.options, "address", "127.0.0.1:1");
  if (address == "listener") address = endpoint_.listen(directive.peer);
  Writer writer;
  if (form == "bare") {
    writer.i64(id.value);
  } else {
    writer.i64(form == "v1" ? wire::kGreetingV1 : form == "v2" ? wire::kGreetingV2 : number(form));
    writer.i64(id.value);
    const std::string length = option(directive.options, "length", std::to_string(address.size()));
    writer.i32(static_cast<std::int32_t>(number(length)));
    writer.raw(BytesView(reinterpret_cast<const std::uint8_t*>(address.data()), address.size()));
  }
  Bytes bytes = writer.take();
  const auto cut = static_cast<std::size_t>(
      number(option(directive.options, "cut", std::to_string(bytes.size()))));
  if (cut < bytes.size()) {
    peer.rest.assign(bytes.begin() + static_cast<std::ptrdiff_t>(cut), bytes.end());
    bytes.resize(cut);
  }
  append(peer.unsent, bytes);
}

// vote [STATE] [leader=] [zxid=] [round=] [epoch=] [form=]; without anything the harmless question
void Runner::vote(Peer& peer, const Directive& directive) {
  wire::Notification vote = question();
  if (!directive.words.empty()) vote.state = state_of(directive.words[0]);
  const auto& options = directive.options;
  if (options.contains("leader")) vote.leader = id_of(options.at("leader"));
  if (options.contains("zxid")) vote.zxid = Zxid(zxid_number(options.at("zxid")));
  if (options.contains("round")) {
    const std::string& round = options.at("round");
    vote.election_epoch = round == "seen" ? seen_round_ : ElectionRound(number(round));
  }
  if (options.contains("epoch")) vote.peer_epoch = PeerEpoch(number(options.at("epoch")));
  const Bytes frame = wire::frame(wire::encode(vote, form_of(option(options, "form", "40"))));
  append(peer.unsent, frame);
  peer.question = directive.words.empty() ? frame : Bytes();
}

void Runner::flush(Peer& peer) {
  if (peer.link && !peer.unsent.empty()) endpoint_.write(*peer.link, peer.unsent);
  peer.unsent.clear();
}

bool Runner::judge(Peer& peer, const Directive& directive, Result& result) {
  for (auto& [name, other] : peers_) {
    flush(other);
    if (other.learner) other.learner->serve();
  }
  const Seen seen = look(peer, directive.words, directive.options);
  if (seen.as_expected) return true;
  result.verdict = Verdict::kFail;
  result.expected = directive.peer + ": " + expectation_text(directive.words, directive.options);
  result.observed = seen.what;
  if (target_.ours) return false;
  for (const Directive::Defect& defect : directive.defects) {
    if (applies(defect.releases, target_.release) != Applies::kYes) continue;
    if (!look(peer, defect.words, defect.options).as_expected) continue;
    result.verdict = Verdict::kKnownDefect;
    result.issue = defect.issue;
  }
  return false;
}

Seen Runner::look(Peer& peer, const std::vector<std::string>& words, const Options& options) {
  const std::string& what = words.front();
  const bool lasting = what == "open" || what == "silence" || what == "nocall";
  const auto wait = parse_wait(option(options, lasting ? "for" : "within", ""));
  const Duration patience = wait ? *wait : (lasting ? kOpen : kPatience);
  if (what == "answer") return ask(options, patience);
  if (what == "call") return look_for_call(peer, peer_name_, options, patience);
  if (what == "nocall") {
    Seen call = look_for_call(peer, peer_name_, options, patience);
    return {call.what.starts_with("no call"), call.what};
  }
  if (what == "leader") return actions_.look_for_leader(patience);
  if (what == "learner") return look_for_learner(peer, patience);
  if (peer.learner) return peer.learner->look(words, options, patience);
  if (what == "packet" || what == "snapshot") mistake("expected the link of a learner port");
  if (what == "vote") return look_for_vote(peer, options, patience);
  if (what == "closed") return look_for_end(peer, patience);
  return still_open(peer, what == "silence", patience);
}

Seen Runner::look_for_end(Peer& peer, Duration patience) {
  const Instant until = endpoint_.now() + patience;
  while (peer.link && !peer.closed && endpoint_.now() <= until && !endpoint_.interrupted()) {
    const Endpoint::Event event = endpoint_.wait(*peer.link, until - endpoint_.now());
    if (event.what == Endpoint::Event::What::kNothing) break;
    peer.closed = event.what == Endpoint::Event::What::kClosed;
    if (!peer.closed) peer.framer.append(event.bytes);
  }
  if (peer.closed) return {true, "closed"};
  return {false, "open after " + zkprobe::to_string(patience)};
}

Seen Runner::still_open(Peer& peer, bool silent, Duration patience) {
  const Instant until = endpoint_.now() + patience;
  while (peer.link && !peer.closed && endpoint_.now() <= until && !endpoint_.interrupted()) {
    const Endpoint::Event event = endpoint_.wait(*peer.link, until - endpoint_.now());
    if (event.what == Endpoint::Event::What::kNothing) break;
    if (event.what == Endpoint::Event::What::kClosed) peer.closed = true;
    if (event.what == Endpoint::Event::What::kBytes) {
      if (silent) return {false, "bytes came: " + hex_encode(event.bytes).substr(0, 64)};
      peer.framer.append(event.bytes);
    }
  }
  if (peer.closed || !peer.link) return {false, "closed"};
  return {true, silent ? "silence" : "open"};
}

// Some vote within the time; others before it may be of an earlier question.
Seen Runner::look_for_vote(Peer& peer, const Options& options, Duration patience) {
  const Instant until = endpoint_.now() + patience;
  std::string last = "no vote within " + zkprobe::to_string(patience);
  wire::Dialect reader;
  reader.lenient = true;
  while (peer.link) {
    const auto frame = peer.framer.next();
    if (!frame) return {false, "no frame: " + to_string(frame.error())};
    if (frame->has_value()) {
      const auto vote = wire::decode_notification(**frame, reader);
      const auto form = wire::form_of(**frame);
      if (!vote || !form) {
        return {false, "no vote: " + hex_encode(**frame).substr(0, 64)};
      }
      peer.last = *vote;
      seen_round_ = vote->election_epoch;
      last = wire::describe(*vote);
      if (fits(*vote, *form, options)) return {true, last};
      continue;
    }
    if (peer.closed) return {false, peer.last ? "closed after " + last : "closed"};
    const Endpoint::Event event =
        endpoint_.wait(*peer.link, std::min(kAskAgain, until - endpoint_.now()));
    if (event.what == Endpoint::Event::What::kNothing) {
      if (endpoint_.now() >= until || endpoint_.interrupted()) return {false, last};
      endpoint_.write(*peer.link, peer.question);
    }
    if (event.what == Endpoint::Event::What::kClosed) peer.closed = true;
    if (event.what == Endpoint::Event::What::kBytes) peer.framer.append(event.bytes);
  }
  return {false, "not connected"};
}

// The server dials: its greeting is read, and what follows are its votes.
Seen Runner::look_for_call(Peer& peer, const std::string& name, const Options& options,
                           Duration patience) {
  const auto fits_id = [&](Sid sid) {
    return !options.contains("id") || id_of(options.at("id")) == sid;
  };
  if (peer.caller) return {fits_id(peer.caller->sid), "a call, " + wire::describe(*peer.caller)};
  const auto link = endpoint_.accept(name, patience);
  if (!link) return {false, "no call within " + zkprobe::to_string(patience)};
  if (peer.link) endpoint_.close(*peer.link);
  peer = Peer();
  peer.link = link;
  Bytes bytes;
  wire::Dialect reader;
  reader.lenient = true;
  const Instant until = endpoint_.now() + patience;
  while (true) {
    const auto greeting = wire::decode_greeting(bytes, reader);
    if (!greeting) return {false, "a call without a greeting: " + to_string(greeting.error())};
    if (greeting->has_value()) {
      const wire::InitialMessage& message = (*greeting)->message;
      peer.framer.append(BytesView(bytes).subspan((*greeting)->size));
      peer.caller = message;
      return {fits_id(message.sid), "a call, " + wire::describe(message)};
    }
    const Endpoint::Event event = endpoint_.wait(*link, until - endpoint_.now());
    if (event.what != Endpoint::Event::What::kBytes) {
      return {false, "a call that ends before its greeting"};
    }
    append(bytes, event.bytes);
  }
}

// The server dials the learner port that this peer listens on.
Seen Runner::look_for_learner(Peer& peer, Duration patience) {
  const auto link = endpoint_.accept(peer_name_, patience);
  if (!link) return {false, "no learner within " + zkprobe::to_string(patience)};
  if (peer.link) endpoint_.close(*peer.link);
  peer = Peer();
  peer.link = link;
  speak_packets(peer);
  return {true, "a learner"};
}

// Until an answer fits: the server's state may still change.
Seen Runner::ask(const Options& options, Duration patience) {
  const Instant until = endpoint_.now() + patience;
  Place place;
  if (options.contains("of")) place.member = actions_.who(options.at("of"));
  Seen seen{false, "no answer within " + zkprobe::to_string(patience)};
  while (!seen.as_expected && endpoint_.now() < until && !endpoint_.interrupted()) {
    const auto answer = ask_once(endpoint_, place, until - endpoint_.now());
    if (!answer && answer.error().empty()) break;  // out of time
    if (!answer && place.member) {                 // it may not listen yet
      seen.what = answer.error();
      endpoint_.pass(kDialAgain);
      continue;
    }
    if (!answer) return {false, answer.error()};
    seen = {fits(answer->vote, answer->form, options), wire::describe(answer->vote)};
    seen_round_ = answer->vote.election_epoch;
    if (!seen.as_expected) endpoint_.pass(kDialAgain);
  }
  return seen;
}

}  // namespace zkprobe::conformance
