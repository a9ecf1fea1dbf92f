#include "election/stage.hpp"

#include <algorithm>
#include <sstream>
#include <stdexcept>

#include "election/describe.hpp"
#include "support/fixtures.hpp"
#include "wire/describe.hpp"

namespace zkprobe::test {

namespace {

using election::Effect;
using election::Election;

[[noreturn]] void fail(const Directive& directive, const std::string& why) {
  throw std::runtime_error("line " + std::to_string(directive.line) + ": " + why);
}

// Decimal, 0x..., "min" for Long.MIN_VALUE.
std::int64_t number(const Directive& directive, const std::string& text) {
  if (text == "min") return Sid::min().value;
  std::size_t used = 0;
  std::int64_t value = 0;
  try {
    value = text.starts_with("0x") ? static_cast<std::int64_t>(std::stoull(text, &used, 16))
                                   : std::stoll(text, &used, 10);
  } catch (const std::logic_error&) {
    used = 0;
  }
  if (used == 0 || used != text.size()) fail(directive, "not a number: " + text);
  return value;
}

std::int64_t number_option(const Directive& directive, const std::string& key,
                           const std::string& fallback) {
  return number(directive, directive.option_or(key, fallback));
}

Duration milliseconds_option(const Directive& directive) {
  return std::chrono::milliseconds(number(directive, directive.option("ms")));
}

wire::ServerState state_named(const Directive& directive, const std::string& name) {
  using enum wire::ServerState;
  for (const wire::ServerState state : {kLooking, kFollowing, kLeading, kObserving}) {
    if (name == wire::to_string(state)) return state;
  }
  fail(directive, "no state: " + name);
}

wire::NotificationForm form_named(const Directive& directive, const std::string& name) {
  using enum wire::NotificationForm;
  for (const wire::NotificationForm form : {kBytes28, kBytes36, kBytes40, kConfig}) {
    if (name == wire::to_string(form)) return form;
  }
  fail(directive, "no form: " + name);
}

// "send 1: x" and "send 2: x" in a row become "send 1 2: x".
std::string lines_of(const std::vector<const Effect*>& effects) {
  std::string text;
  for (std::size_t i = 0; i < effects.size(); ++i) {
    const auto* send = std::get_if<election::Send>(effects[i]);
    if (send == nullptr) {
      text += election::describe(*effects[i]) + "\n";
      continue;
    }
    std::string to = to_string(send->to);
    while (i + 1 < effects.size()) {
      const auto* next = std::get_if<election::Send>(effects[i + 1]);
      if (next == nullptr || next->payload != send->payload) break;
      to += " " + to_string(next->to);
      ++i;
    }
    text += "send " + to + ": " + wire::describe(send->notification) + "\n";
  }
  return text;
}

// The lines indented below a heading; nothing where there are none.
std::string under(const std::string& heading, const std::string& lines) {
  if (lines.empty()) return "";
  std::istringstream in(lines);
  std::string text = heading + ":\n";
  for (std::string line; std::getline(in, line);) text += "  " + line + "\n";
  return text;
}

}  // namespace

std::string Stage::answer(const Directive& directive) {
  using Handler = std::string (Stage::*)(const Directive&);
  static const std::map<std::string, Handler> handlers{
      {"config", &Stage::config},   {"server", &Stage::server}, {"look", &Stage::look},
      {"receive", &Stage::receive}, {"time", &Stage::time},     {"settle-epoch", &Stage::settle},
      {"hold", &Stage::hold},       {"oracle", &Stage::oracle}, {"ask-leader", &Stage::ask},
      {"deliver", &Stage::deliver}, {"run", &Stage::run},       {"states", &Stage::states},
      {"remove", &Stage::remove},   {"cut", &Stage::cut},       {"mend", &Stage::cut},
      {"show", &Stage::show}};
  const auto handler = handlers.find(directive.name);
  if (handler == handlers.end()) fail(directive, "no directive: " + directive.name);
  return (this->*handler->second)(directive);
}

// config NAME [oracle], with the configuration's text as input.
std::string Stage::config(const Directive& directive) {
  std::string text;
  for (const std::string& line : directive.input) text += (text.empty() ? "" : "\n") + line;
  auto parsed = wire::parse_quorum_config(text);
  if (!parsed) fail(directive, to_string(parsed.error()));
  parsed->oracle = directive.has_word("oracle");
  configs_[directive.words.at(0)] = *parsed;
  return wire::describe(*parsed) + "\n";
}

// server SID [config=] [last-seen=] [release=] [zxid=] [epoch=] [observer] [reconfig] [declines]
//            [lenient] [max-ms=]
std::string Stage::server(const Directive& directive) {
  const Sid sid(number(directive, directive.words.at(0)));
  election::Settings settings;
  settings.self = sid;
  const auto release = parse_release(directive.option_or("release", to_string(kNewestRelease)));
  if (!release) fail(directive, "no release: " + directive.option("release"));
  settings.dialect.release = *release;
  settings.dialect.lenient = directive.has_word("lenient");
  if (directive.has_word("observer")) settings.learner_type = wire::LearnerType::kObserver;
  settings.reconfig_enabled = directive.has_word("reconfig");
  settings.declines = directive.has_word("declines");
  settings.max_interval = std::chrono::milliseconds(number_option(directive, "max-ms", "60000"));
  std::optional<wire::QuorumConfig> last_seen;
  if (directive.options.contains("last-seen")) {
    last_seen = config_named(directive, directive.option("last-seen"));
  }
  const election::LogPosition own{Zxid(number_option(directive, "zxid", "0")),
                                  PeerEpoch(number_option(directive, "epoch", "0"))};
  servers_.erase(sid);
  servers_.emplace(
      sid, Server{Election(settings, config_named(directive, directive.option_or("config", "base")),
                           last_seen),
                  own});
  return "ok\n";
}

std::string Stage::look(const Directive& directive) {
  std::string text;
  for (const std::string& word : directive.words) {
    const Sid sid(number(directive, word));
    const auto found = servers_.find(sid);
    if (found == servers_.end()) fail(directive, "no server " + word);
    election::LogPosition& own = found->second.own;
    own.last_zxid = Zxid(number_option(directive, "zxid", to_string(own.last_zxid)));
    own.peer_epoch = PeerEpoch(number_option(directive, "epoch", to_string(own.peer_epoch)));
    const std::string happened = step(sid, election::Look{own});
    text += directive.words.size() == 1 ? happened : under(word, happened);
  }
  return text;
}

// receive SID from= (bytes= | state= leader= zxid= round= epoch= form= config=)
std::string Stage::receive(const Directive& directive) {
  Sid sid;
  server_of(directive, sid);
  return step(sid, election::Received{Sid(number(directive, directive.option("from"))),
                                      payload_of(directive)});
}

Bytes Stage::payload_of(const Directive& directive) const {
  if (directive.options.contains("bytes")) {
    const auto bytes = hex_decode(directive.option("bytes"));
    if (!bytes) fail(directive, "not hex");
    return *bytes;
  }
  wire::Notification message;
  message.state = state_named(directive, directive.option("state"));
  message.leader = Sid(number(directive, directive.option("leader")));
  message.zxid = Zxid(number_option(directive, "zxid", "0"));
  message.election_epoch = ElectionRound(number_option(directive, "round", "1"));
  message.peer_epoch = PeerEpoch(number_option(directive, "epoch", "0"));
  if (directive.options.contains("config")) {
    message.config = wire::to_text(config_named(directive, directive.option("config")));
  }
  return wire::encode(message, form_named(directive, directive.option_or("form", "v2")));
}

// time ms= [undelivered]: the clock moves, and whoever is due is told, by id.
std::string Stage::time(const Directive& directive) {
  now_ = now_ + milliseconds_option(directive);
  std::string text;
  for (auto& [sid, server] : servers_) {
    const auto due = server.machine.deadline();
    if (!due || *due > now_) continue;
    const std::string happened =
        step(sid, election::TimePassed{!directive.has_word("undelivered")});
    text += servers_.size() == 1 ? happened : under(to_string(sid), happened);
  }
  return text;
}

std::string Stage::settle(const Directive& directive) {
  Sid sid;
  server_of(directive, sid);
  return step(sid, election::EpochSettled{PeerEpoch(number(directive, directive.option("epoch")))});
}

// hold SID committed= [last-seen=]
std::string Stage::hold(const Directive& directive) {
  Sid sid;
  server_of(directive, sid);
  election::ConfigChanged changed{config_named(directive, directive.option("committed")), {}};
  if (directive.options.contains("last-seen")) {
    changed.last_seen = config_named(directive, directive.option("last-seen"));
  }
  return step(sid, changed);
}

// oracle SID yes|no [not-needed]
std::string Stage::oracle(const Directive& directive) {
  Sid sid;
  server_of(directive, sid);
  return step(sid,
              election::OracleRead{directive.has_word("yes"), !directive.has_word("not-needed")});
}

std::string Stage::ask(const Directive& directive) {
  Sid sid;
  server_of(directive, sid);
  return step(sid, election::AskLeader{});
}

// deliver [limit=]: messages under way, the oldest first, and those that they cause.
std::string Stage::deliver(const Directive& directive) {
  std::int64_t left = number_option(directive, "limit", "1000");
  std::string text;
  while (!wire_.empty() && left-- > 0) text += deliver_one();
  return text;
}

// run ms=: the clock moves from deadline to deadline, messages are delivered in between; ends when
// nothing is left to do.
std::string Stage::run(const Directive& directive) {
  const Instant end = now_ + milliseconds_option(directive);
  std::string text;
  for (;;) {
    while (!wire_.empty()) text += deliver_one();
    std::optional<Instant> next;
    for (const auto& [sid, server] : servers_) {
      const auto due = server.machine.deadline();
      if (due && (!next || *due < *next)) next = due;
    }
    if (!next || *next > end) break;
    now_ = std::max(now_, *next);
    for (auto& [sid, server] : servers_) {
      const auto due = server.machine.deadline();
      if (!due || *due > now_) continue;
      const std::string happened = step(sid, election::TimePassed{true});
      text += under(to_string(sid), happened);
    }
  }
  return text;
}

std::string Stage::states(const Directive&) {
  std::string text;
  for (const auto& [sid, server] : servers_) {
    const auto vote = server.machine.current_vote();
    text += to_string(sid) + " " + std::string(wire::to_string(server.machine.state())) + " " +
            election::describe(vote.vote) + " round=" + to_hex(server.machine.round()) + "\n";
  }
  return text;
}

std::string Stage::remove(const Directive& directive) {
  for (const std::string& word : directive.words) servers_.erase(Sid(number(directive, word)));
  return "ok\n";
}

// cut SID...: nothing from or to them arrives any more; mend SID... ends that.
std::string Stage::cut(const Directive& directive) {
  for (const std::string& word : directive.words) {
    const Sid sid(number(directive, word));
    if (directive.name == "cut") {
      cut_.insert(sid);
    } else {
      cut_.erase(sid);
    }
  }
  return "ok\n";
}

// show [sends] [reports] [heard]: what steps print besides decisions and configurations.
std::string Stage::show(const Directive& directive) {
  shown_ = {directive.words.begin(), directive.words.end()};
  return "ok\n";
}

Stage::Server& Stage::server_of(const Directive& directive, Sid& sid) {
  if (directive.words.empty()) fail(directive, directive.name + " needs a server");
  sid = Sid(number(directive, directive.words.front()));
  const auto found = servers_.find(sid);
  if (found == servers_.end()) fail(directive, "no server " + to_string(sid));
  return found->second;
}

const wire::QuorumConfig& Stage::config_named(const Directive& directive,
                                              const std::string& name) const {
  const auto found = configs_.find(name);
  if (found == configs_.end()) fail(directive, "no config " + name);
  return found->second;
}

std::string Stage::step(Sid sid, const election::Input& input) {
  Election& machine = servers_.at(sid).machine;
  std::deque<Message> loop;
  std::string text = apply(sid, machine.step(now_, input), loop);
  while (!loop.empty()) {
    const Message message = std::move(loop.front());
    loop.pop_front();
    text += apply(sid, machine.step(now_, election::Received{sid, message.payload}), loop);
  }
  return text;
}

std::string Stage::apply(Sid sid, const election::Effects& effects, std::deque<Message>& loop) {
  std::vector<const Effect*> visible;
  for (const Effect& effect : effects) {
    if (shown(effect)) visible.push_back(&effect);
    const auto* send = std::get_if<election::Send>(&effect);
    if (send == nullptr) continue;
    (send->to == sid ? loop : wire_).push_back({sid, send->to, send->payload});
  }
  return lines_of(visible);
}

bool Stage::shown(const Effect& effect) const {
  if (std::holds_alternative<election::Send>(effect)) return shown_.contains("sends");
  if (std::holds_alternative<election::Report>(effect)) return shown_.contains("reports");
  if (std::holds_alternative<election::Heard>(effect)) return shown_.contains("heard");
  return true;
}

bool Stage::is_cut(Sid from, Sid to) const { return cut_.contains(from) || cut_.contains(to); }

std::string Stage::deliver_one() {
  const Message message = std::move(wire_.front());
  wire_.pop_front();
  if (!servers_.contains(message.to) || is_cut(message.from, message.to)) return "";
  const std::string happened = step(message.to, election::Received{message.from, message.payload});
  return under(to_string(message.from) + " -> " + to_string(message.to), happened);
}

}  // namespace zkprobe::test
