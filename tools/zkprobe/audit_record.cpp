#include "audit_record.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>

namespace zkprobe::tool {
namespace {

using audit::DialBack;
using audit::PortTry;
using audit::Sighting;
using audit::View;
using peer::QueryFailure;
using wire::NotificationForm;

constexpr const char* kFailures[] = {"unreachable", "silent", "closed", "no vote",
                                     "asker is a member"};
constexpr NotificationForm kForms[] = {NotificationForm::kBytes28, NotificationForm::kBytes36,
                                       NotificationForm::kBytes40, NotificationForm::kConfig};
constexpr wire::ServerState kStates[] = {wire::ServerState::kLooking, wire::ServerState::kFollowing,
                                         wire::ServerState::kLeading,
                                         wire::ServerState::kObserving};
constexpr DialBack::Outcome kOutcomes[] = {DialBack::Outcome::kCame, DialBack::Outcome::kNone,
                                           DialBack::Outcome::kNoGreeting,
                                           DialBack::Outcome::kUntestable};

double milliseconds(Duration duration) { return static_cast<double>(duration.count()) / 1000.0; }
Duration from_milliseconds(double value) {
  return Duration(static_cast<Duration::rep>(value * 1000.0 + 0.5));
}

// ---- writing

Json dial_back_of(const DialBack& test) {
  Json one;
  one["outcome"] = std::string(to_string(test.outcome));
  one["listener"] = wire::to_string(test.listener);
  if (test.greeting) {
    one["sid"] = test.greeting->sid.value;
    one["form"] = test.greeting->form == wire::GreetingForm::kV2   ? "V2"
                  : test.greeting->form == wire::GreetingForm::kV1 ? "V1"
                                                                   : "bare";
    one["announced"] = Json::array();
    for (const wire::HostPort& address : test.greeting->addresses) {
      one["announced"].push_back(wire::to_string(address));
    }
  }
  if (!test.text.empty()) one["text"] = test.text;
  if (test.took.count() > 0) one["ms"] = milliseconds(test.took);
  if (test.closed) one["closed_ms"] = milliseconds(*test.closed);
  return one;
}

void write_answer(Json& record, const peer::VoteAnswer& answer) {
  const wire::Notification& vote = answer.notification;
  record["state"] = std::string(to_string(vote.state));
  record["leader"] = vote.leader.value;
  record["zxid"] = to_hex(vote.zxid);
  record["election_epoch"] = to_hex(vote.election_epoch);
  record["peer_epoch"] = to_hex(vote.peer_epoch);
  record["format"] = std::string(to_string(answer.form));
  if (answer.config) record["config_version"] = to_hex(answer.config->version);
  if (vote.config) record["config"] = *vote.config;
  if (answer.config_error) record["error"] = "configuration: " + *answer.config_error;
  record["rtt_ms"] = milliseconds(answer.took);
}

Json address_record(const Sighting& sighting) {
  Json record;
  record["record"] = "address";
  record["address"] = wire::to_string(sighting.address);
  record["seed"] = sighting.seed;
  record["named_by"] = Json::array();
  for (const wire::HostPort& by : sighting.named_by) {
    record["named_by"].push_back(wire::to_string(by));
  }
  if (!sighting.remote.empty()) record["remote"] = sighting.remote;
  record["reachable"] = sighting.answer() != nullptr;
  if (sighting.answer() != nullptr) {
    write_answer(record, *sighting.answer());
  } else if (sighting.result) {
    const QueryFailure& failure = sighting.result->error();
    record["failure"] = kFailures[static_cast<std::size_t>(failure.kind)];
    record["silence"] = std::string(to_string(audit::silence_of(failure)));
    record["error"] = failure.text;
  }
  if (sighting.dial_back) record["dial_back"] = dial_back_of(*sighting.dial_back);
  if (sighting.learner_port) {
    Json port;
    port["address"] = wire::to_string(sighting.learner_port->address);
    port["open"] = !sighting.learner_port->failure.has_value();
    if (sighting.learner_port->failure) port["error"] = *sighting.learner_port->failure;
    record["learner_port"] = std::move(port);
  }
  return record;
}

// ---- reading: throws std::runtime_error with what was expected

[[noreturn]] void expected(const std::string& what) {
  throw std::runtime_error("expected " + what);
}

std::string text_at(const Json& record, const char* key) {
  if (!record.contains(key) || !record[key].is_string()) expected(std::string("a text as ") + key);
  return record[key].get<std::string>();
}

bool flag_at(const Json& record, const char* key) {
  if (!record.contains(key) || !record[key].is_boolean()) {
    expected(std::string("true or false as ") + key);
  }
  return record[key].get<bool>();
}

double number_at(const Json& record, const char* key) {
  return record.contains(key) && record[key].is_number() ? record[key].get<double>() : 0.0;
}

std::int64_t integer_at(const Json& record, const char* key) {
  if (!record.contains(key) || !record[key].is_number_integer()) {
    expected(std::string("a whole number as ") + key);
  }
  return record[key].get<std::int64_t>();
}

std::int64_t hex_at(const Json& record, const char* key) {
  const std::string text = text_at(record, key);
  std::uint64_t value = 0;
  const char* const begin = text.data() + (text.starts_with("0x") ? 2 : 0);
  const auto [end, error] = std::from_chars(begin, text.data() + text.size(), value, 16);
  if (error != std::errc() || end != text.data() + text.size()) {
    expected(std::string("a hex number as ") + key);
  }
  return static_cast<std::int64_t>(value);
}

wire::HostPort address_at(const Json& record, const char* key) {
  const auto parsed = wire::parse_host_port(text_at(record, key));
  if (!parsed) expected(std::string("host:port as ") + key);
  return *parsed;
}

std::vector<wire::HostPort> addresses_at(const Json& record, const char* key) {
  std::vector<wire::HostPort> addresses;
  if (!record.contains(key) || !record[key].is_array()) return addresses;
  for (const Json& one : record[key]) {
    const auto parsed =
        one.is_string() ? wire::parse_host_port(one.get<std::string>()) : std::nullopt;
    if (!parsed) expected(std::string("host:port in ") + key);
    addresses.push_back(*parsed);
  }
  return addresses;
}

template <class Value, std::size_t N>
Value word_at(const Json& record, const char* key, const Value (&values)[N]) {
  const std::string word = text_at(record, key);
  for (const Value value : values) {
    if (to_string(value) == word) return value;
  }
  expected(std::string("a known word as ") + key + ", found '" + word + "'");
}

peer::VoteAnswer read_answer(const Json& record) {
  peer::VoteAnswer answer;
  wire::Notification& vote = answer.notification;
  vote.state = word_at(record, "state", kStates);
  vote.leader = Sid(integer_at(record, "leader"));
  vote.zxid = Zxid(hex_at(record, "zxid"));
  vote.election_epoch = ElectionRound(hex_at(record, "election_epoch"));
  vote.peer_epoch = PeerEpoch(hex_at(record, "peer_epoch"));
  answer.form = word_at(record, "format", kForms);
  vote.version = answer.form == NotificationForm::kConfig ? 2 : 0;
  answer.took = from_milliseconds(number_at(record, "rtt_ms"));
  if (record.contains("config")) {
    vote.config = text_at(record, "config");
    auto config = wire::parse_quorum_config(*vote.config);
    if (config) {
      answer.config = *std::move(config);
    } else {
      answer.config_error = to_string(config.error());
    }
  }
  audit::bound_config(answer);
  return answer;
}

QueryFailure read_failure(const Json& record) {
  const std::string word = text_at(record, "failure");
  for (std::size_t i = 0; i < std::size(kFailures); ++i) {
    if (word == kFailures[i]) {
      return {static_cast<QueryFailure::Kind>(i), text_at(record, "error")};
    }
  }
  expected("a known word as failure, found '" + word + "'");
}

DialBack read_dial_back(const Json& record) {
  DialBack test;
  test.outcome = word_at(record, "outcome", kOutcomes);
  test.listener = address_at(record, "listener");
  if (record.contains("text")) test.text = text_at(record, "text");
  test.took = from_milliseconds(number_at(record, "ms"));
  if (record.contains("closed_ms")) test.closed = from_milliseconds(number_at(record, "closed_ms"));
  if (!record.contains("sid")) return test;
  wire::InitialMessage greeting;
  greeting.sid = Sid(integer_at(record, "sid"));
  const std::string form = text_at(record, "form");
  greeting.form = form == "V2"   ? wire::GreetingForm::kV2
                  : form == "V1" ? wire::GreetingForm::kV1
                                 : wire::GreetingForm::kBareSid;
  greeting.addresses = addresses_at(record, "announced");
  test.greeting = std::move(greeting);
  return test;
}

Sighting read_address(const Json& record) {
  Sighting sighting;
  sighting.address = address_at(record, "address");
  sighting.seed = flag_at(record, "seed");
  sighting.named_by = addresses_at(record, "named_by");
  if (record.contains("remote")) sighting.remote = text_at(record, "remote");
  if (flag_at(record, "reachable")) {
    sighting.result = read_answer(record);
  } else if (record.contains("failure")) {
    sighting.result = tl::unexpected<QueryFailure>(read_failure(record));
  }
  if (record.contains("dial_back")) sighting.dial_back = read_dial_back(record["dial_back"]);
  if (record.contains("learner_port")) {
    const Json& port = record["learner_port"];
    PortTry tried{address_at(port, "address"), std::nullopt};
    if (!flag_at(port, "open")) tried.failure = text_at(port, "error");
    sighting.learner_port = std::move(tried);
  }
  return sighting;
}

View read_run(const Json& record) {
  View view;
  view.host = text_at(record, "host");
  view.time = text_at(record, "t");
  view.directions = flag_at(record, "directions");
  view.beyond_limit = static_cast<std::size_t>(integer_at(record, "beyond_limit"));
  if (record.contains("local") && record["local"].is_array()) {
    for (const Json& one : record["local"]) {
      if (one.is_string()) view.local.push_back(one.get<std::string>());
    }
  }
  return view;
}

}  // namespace

std::vector<Json> audit_view_records(const View& view) {
  std::vector<Json> records;
  Json run;
  run["record"] = "run";
  run["t"] = view.time;
  run["host"] = view.host;
  run["local"] = view.local;
  run["directions"] = view.directions;
  run["beyond_limit"] = view.beyond_limit;
  records.push_back(std::move(run));
  for (const Sighting& sighting : view.sightings) records.push_back(address_record(sighting));
  return records;
}

std::vector<Json> audit_server_records(const audit::Roster& roster) {
  std::vector<Json> records;
  for (const audit::Server& server : roster.servers()) {
    Json record;
    record["record"] = "server";
    if (server.sid) record["sid"] = server.sid->value;
    record["addresses"] = Json::array();
    for (const audit::Look& look : server.looks) {
      const std::string address = wire::to_string(look.sighting->address);
      Json& all = record["addresses"];
      if (std::find(all.begin(), all.end(), address) == all.end()) all.push_back(address);
    }
    record["reachable"] = server.answer() != nullptr;
    if (server.answer() != nullptr) {
      record["state"] = std::string(to_string(server.answer()->notification.state));
      record["releases"] = std::string(audit::generation(server.answer()->form));
    }
    records.push_back(std::move(record));
  }
  return records;
}

std::vector<Json> audit_finding_records(const audit::Roster& roster,
                                        const audit::Findings& findings) {
  std::vector<Json> records;
  std::size_t of[3] = {};
  for (const audit::Finding& finding : findings) {
    ++of[static_cast<std::size_t>(finding.severity)];
    Json record;
    record["record"] = "finding";
    record["id"] = finding.id;
    record["severity"] = std::string(to_string(finding.severity));
    record["title"] = finding.title;
    record["detail"] = finding.detail;
    record["advice"] = finding.advice;
    record["servers"] = Json::array();
    for (const Sid sid : finding.servers) record["servers"].push_back(sid.value);
    record["evidence"] = finding.evidence;
    records.push_back(std::move(record));
  }
  Json last;
  last["record"] = "verdict";
  last["healthy"] = audit::health_of(roster, findings) == audit::Health::kHealthy;
  last["servers"] = roster.servers().size();
  last["answered"] = roster.answered();
  last["problems"] = of[2];
  last["notes"] = of[1];
  last["text"] = audit::verdict(roster, findings);
  records.push_back(std::move(last));
  return records;
}

tl::expected<std::vector<View>, std::string> read_audit_views(const std::string& name,
                                                              const std::string& text) {
  std::vector<View> views;
  bool whole = false;  // a verdict came behind the last run
  std::size_t begin = 0;
  for (std::size_t number = 1; begin < text.size(); ++number) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string line = text.substr(begin, end - begin);
    begin = end + 1;
    if (line.empty()) continue;
    const std::string place = name + ":" + std::to_string(number) + ": ";
    const Json record = Json::parse(line, nullptr, false);
    if (!record.is_object() || !record.contains("record")) {
      return tl::unexpected(place + "expected a record of 'zkprobe audit --json'");
    }
    try {
      const std::string kind = text_at(record, "record");
      whole = kind == "verdict" || (whole && kind != "run" && kind != "address");
      if (kind == "run") {
        views.push_back(read_run(record));
      } else if (kind == "address") {
        if (views.empty()) expected("a run before its addresses");
        if (views.back().sightings.size() == 4096) expected("at most 4096 addresses in a run");
        views.back().sightings.push_back(read_address(record));
      }
    } catch (const std::runtime_error& error) {
      return tl::unexpected(place + error.what());
    } catch (const Json::exception& error) {
      return tl::unexpected(place + error.what());
    }
  }
  if (views.empty()) return tl::unexpected(name + ": expected a run of 'zkprobe audit --json'");
  if (!whole) {
    return tl::unexpected(name + ": expected a whole run, with its verdict at the end: it was cut");
  }
  return views;
}

}  // namespace zkprobe::tool
