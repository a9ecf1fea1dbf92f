#include "ensemble_run.hpp"

#include <spdlog/spdlog.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "peer_view.hpp"

namespace zkprobe::tool {
namespace {

using wire::ServerState;

// Ports that are free now, all different.
std::vector<std::uint16_t> free_ports(asio::io_context& io, std::size_t count) {
  std::vector<asio::ip::tcp::acceptor> held;
  std::vector<std::uint16_t> ports;
  for (std::size_t i = 0; i < count; ++i) {
    held.emplace_back(io, asio::ip::tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    ports.push_back(held.back().local_endpoint().port());
  }
  return ports;
}

// Every pair of members has a link whose two ends are both here: 101 voters need 10,100.
void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

std::string milliseconds(Duration duration) {
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(duration).count());
}

}  // namespace

EnsembleRun::EnsembleRun(const EnsembleOptions& options)
    : options_(options),
      style_(Style::of_standard_output()),
      resolver_(std::make_shared<net::Resolver>(io_)),
      loop_(io_, [this] { end(verdict()); }),
      sink_(io_, STDOUT_FILENO,
            {[](const std::string& text) { spdlog::error(text); },
             [this] { end(ExitCode::kHolds); }}),
      limit_timer_(io_),
      command_timer_(io_),
      started_at_(Clock::now()) {}

ExitCode EnsembleRun::run() {
  raise_descriptor_limit();
  if (!options_.script.empty()) {
    std::error_code error;
    if (std::filesystem::is_directory(options_.script, error)) {
      throw UsageError(options_.script + ": is a folder, expected a script");
    }
    std::ifstream file(options_.script);
    if (!file) throw UsageError(options_.script + ": cannot be read, expected a script");
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const auto commands = parse_script(options_.script, text);
    if (!commands) throw UsageError(commands.error());
    commands_.assign(commands->begin(), commands->end());
    scripted_ = true;
  }
  check_folder();
  make_members();
  announce();
  for (Member& member : members_) start_member(member);
  if (const auto written = save_folder(); !written) throw UsageError(written.error());
  sink_.watch_reader();
  read_keyboard();
  set_limit();
  advance();
  loop_.run([this] { look_at_limits(); });
  for (Member& member : members_) {
    if (const auto left_out = member.teller.left_out()) say(&member, *left_out);
  }
  sink_.finish();
  if (!options_.dir.empty()) remove_ensemble_file(options_.dir);
  return with_output(exit_code_, sink_.lost());
}

void EnsembleRun::make_members() {
  const auto count = static_cast<std::size_t>(options_.voters + options_.observers);
  std::vector<std::uint16_t> ports;
  if (options_.base_port) {
    for (std::size_t i = 0; i < 2 * count; ++i) {
      ports.push_back(static_cast<std::uint16_t>(*options_.base_port + i));
    }
  } else {
    ports = free_ports(io_, 2 * count);
  }
  for (std::size_t i = 0; i < count; ++i) {
    Member member;
    member.sid = Sid(static_cast<std::int64_t>(i) + 1);
    member.observer = i >= static_cast<std::size_t>(options_.voters);
    if (!options_.emulate.empty()) {
      member.emulate = options_.emulate[std::min(i, options_.emulate.size() - 1)];
    }
    wire::QuorumServer server;
    server.sid = member.sid;
    server.addresses = {{"127.0.0.1", ports[count + i], ports[i]}};
    server.type = member.observer ? wire::LearnerType::kObserver : wire::LearnerType::kParticipant;
    config_.servers.push_back(server);
    members_.push_back(std::move(member));
  }
}

void EnsembleRun::check_folder() {
  if (options_.dir.empty()) return;
  const auto present = read_ensemble_folder(options_.dir);
  if (!present) return;
  for (const FolderServer& server : present->servers) {
    if (server.pid && server.started && process_start(*server.pid) == server.started) {
      throw UsageError(options_.dir + ": an ensemble runs there already (process " +
                       std::to_string(*server.pid) + ")");
    }
  }
}

void EnsembleRun::keep_folder() {
  if (const auto written = save_folder(); !written) complain(written.error());
}

tl::expected<void, std::string> EnsembleRun::save_folder() {
  if (options_.dir.empty()) return {};
  folder_.dir = options_.dir;
  folder_.servers.clear();
  for (const Member& member : members_) {
    const wire::ServerAddress& address = config_.find(member.sid)->addresses.front();
    FolderServer server;
    server.sid = member.sid;
    if (member.driver) {
      server.pid = getpid();
      server.started = process_start(getpid());
    }
    server.addresses = {{address.host, address.election_port}, {address.host, address.quorum_port}};
    folder_.servers.push_back(std::move(server));
  }
  return write_ensemble_folder(folder_);
}

void EnsembleRun::announce() {
  if (options_.shared.json) {
    Json servers = Json::array();
    for (const Member& member : members_) {
      const wire::ServerAddress& address = config_.find(member.sid)->addresses.front();
      servers.push_back({{"sid", member.sid.value},
                         {"role", member.observer ? "observer" : "participant"},
                         {"election", address.host + ":" + std::to_string(address.election_port)},
                         {"emulates", emulation_text(member)}});
    }
    write_record(nullptr, {{"event", "members"}, {"servers", servers}});
    return;
  }
  std::string addresses;
  for (const wire::QuorumServer& server : config_.servers) {
    addresses += (addresses.empty() ? "" : ",") + server.addresses[0].host + ":" +
                 std::to_string(server.addresses[0].election_port);
  }
  say(nullptr, std::to_string(options_.voters) + " voters, " + std::to_string(options_.observers) +
                   " observers; election ports " + addresses);
}

// ---- members ----------------------------------------------------------------------------------

void EnsembleRun::start_member(Member& member) {
  const Emulation emulation = emulation_of(member.emulate);
  net::PeerDriver::Settings settings;
  settings.peer.election.self = member.sid;
  settings.peer.election.dialect = emulation.dialect;
  settings.peer.tick = options_.tick;
  // The servers of one process share its processor: the more, the longer one may be silent.
  settings.peer.sync_limit += options_.voters / 4;
  settings.peer.init_limit = 2 * settings.peer.sync_limit;
  settings.peer.log = member.log;
  settings.committed = config_;
  settings.links.auto_emulation = emulation.auto_emulation;
  settings.links.handshake_timeout = options_.tick * settings.peer.sync_limit;
  member.epoch.reset();
  member.driver = std::make_shared<net::PeerDriver>(
      io_, resolver_, std::move(settings),
      [this, &member](const net::PeerEvent& event) { take(member, event); });
  member.driver->start([this, &member](const net::ConnectionManager::Listening& listening) {
    if (listening) return;
    complain("server " + to_string(member.sid) + " cannot listen: " + listening.error());
    end(ExitCode::kUsage);
  });
  if (!looking_since_) looking_since_ = elapsed();
}

void EnsembleRun::kill_member(Member& member, const std::string& why) {
  member.driver->halt();
  // One of its handlers may be running.
  asio::post(io_, [driver = std::move(member.driver)] {});
  member.driver.reset();
  say(&member, why, Colour::kWarning);
  write_record(&member, {{"event", "killed"}, {"why", why}});
  keep_folder();
  changed();
}

EnsembleRun::Member* EnsembleRun::find(Sid sid) {
  const auto found = std::find_if(members_.begin(), members_.end(),
                                  [sid](const Member& member) { return member.sid == sid; });
  return found == members_.end() ? nullptr : &*found;
}

EnsembleRun::Member* EnsembleRun::leading() {
  Member* leader = nullptr;
  for (Member& member : members_) {
    if (!member.driver || member.driver->peer().state() != ServerState::kLeading) continue;
    if (leader == nullptr || member.epoch) leader = &member;
  }
  return leader;
}

void EnsembleRun::take(Member& member, const net::PeerEvent& event) {
  if (ended_) return;
  if (options_.shared.json) {
    if (records(event_name(event))) write_record(&member, event_record(event));
  } else {
    const bool state = std::holds_alternative<peer::StateChanged>(event);
    for (const std::string& line : member.teller.tell(event, Clock::now())) {
      say(&member, line, state ? Colour::kGood : Colour::kPlain);
    }
  }
  note_election(member, event);
  if (std::holds_alternative<peer::StateChanged>(event) ||
      std::holds_alternative<peer::Established>(event)) {
    changed();
  }
}

// ---- the story --------------------------------------------------------------------------------

void EnsembleRun::note_election(Member& member, const net::PeerEvent& event) {
  if (const auto* state = std::get_if<peer::StateChanged>(&event)) {
    member.epoch.reset();
    if (state->to != ServerState::kLooking) member.decided_at = elapsed();
    if (state->to == ServerState::kLooking && told_elected_) {
      told_elected_ = false;
      looking_since_ = elapsed();
    }
  } else if (const auto* established = std::get_if<peer::Established>(&event)) {
    member.epoch = established->epoch;
    member.log.peer_epoch = established->epoch;
  } else if (const auto* report = std::get_if<peer::Report>(&event)) {
    if (report->kind == peer::Report::Kind::kQuorum) member.quorum_at = elapsed();
  }
}

// A leader that knows its epoch, and every running member behind it that knows it too; a quorum
// among them.
bool EnsembleRun::elected() {
  Member* leader = leading();
  if (leader == nullptr || !leader->epoch) return false;
  const PeerEpoch epoch = leader->driver->peer().current_vote().vote.peer_epoch;
  quorum::SidSet behind{leader->sid};
  for (const Member& member : members_) {
    if (!member.driver || &member == leader) continue;
    if (member.driver->peer().leader() != leader->sid || member.epoch != epoch) return false;
    behind.insert(member.sid);
  }
  return leader->driver->peer().verifier().contains_quorum(behind);
}

void EnsembleRun::tell_elected() {
  told_elected_ = true;
  const Member* leader = leading();
  const quorum::CastVote vote = leader->driver->peer().current_vote();
  std::vector<Sid> followers;
  std::vector<Sid> observers;
  for (const Member& member : members_) {
    if (member.driver && &member != leader) {
      (member.observer ? observers : followers).push_back(member.sid);
    }
  }
  const Duration since = looking_since_.value_or(Duration(0));
  const Duration took = elapsed() - since;
  looking_since_.reset();
  // A member that came back found a leader: no election was held.
  const bool joined = leader->quorum_at && *leader->quorum_at < since;
  Duration decided{0};
  for (const Member& member : members_) {
    if (member.driver && member.decided_at) decided = std::max(decided, *member.decided_at - since);
  }
  if (options_.shared.json) {
    Json record = {
        {"event", joined ? "joined" : "elected"},
        {"leader", leader->sid.value},
        {"election_epoch", to_hex(vote.round)},
        {"peer_epoch", to_hex(vote.vote.peer_epoch)},
        {"followers", Json::array()},
        {"observers", Json::array()},
        {"quorum_ms", leader->quorum_at && !joined
                          ? Json(static_cast<double>((*leader->quorum_at - since).count()) / 1000.0)
                          : Json(nullptr)},
        {"decided_ms",
         joined ? Json(nullptr) : Json(static_cast<double>(decided.count()) / 1000.0)},
        {"ms", static_cast<double>(took.count()) / 1000.0}};
    for (const Sid sid : followers) record["followers"].push_back(sid.value);
    for (const Sid sid : observers) record["observers"].push_back(sid.value);
    write_record(nullptr, std::move(record));
    return;
  }
  std::string text = "elected after " + milliseconds(took) + " ms";
  if (joined) {
    text = "all are there after " + milliseconds(took) + " ms";
  } else if (leader->quorum_at) {
    text += " (a quorum agreed after " + milliseconds(*leader->quorum_at - since) +
            " ms, all had decided after " + milliseconds(decided) + " ms)";
  }
  text += ": server " + to_string(leader->sid) + " leads epoch " + to_hex(vote.vote.peer_epoch) +
          ", round " + to_hex(vote.round) + "; followers " + list(followers);
  if (!observers.empty()) text += "; observers " + list(observers);
  say(nullptr, text, Colour::kGood);
}

void EnsembleRun::show_status() {
  Json servers = Json::array();
  Table table;
  table.add_row({{"id"}, {"state"}, {"leader"}, {"round"}, {"epoch"}, {"election port"}, {"as"}});
  for (const Member& member : members_) {
    const std::uint16_t port = config_.find(member.sid)->addresses[0].election_port;
    Json record = {{"sid", member.sid.value},
                   {"running", member.driver != nullptr},
                   {"election", "127.0.0.1:" + std::to_string(port)}};
    std::vector<Table::Cell> row{
        {to_string(member.sid)}, {"down", Colour::kFaint}, {"-"}, {"-"}, {"-"},
        {std::to_string(port)},  {emulation_text(member)}};
    if (member.driver) {
      const peer::Peer& peer = member.driver->peer();
      const quorum::CastVote vote = peer.current_vote();
      record["state"] = wire::to_string(peer.state());
      record["leader"] = peer.leader() ? Json(peer.leader()->value) : Json(nullptr);
      record["election_epoch"] = to_hex(vote.round);
      record["peer_epoch"] = to_hex(vote.vote.peer_epoch);
      row[1] = {std::string(wire::to_string(peer.state())), Colour::kPlain};
      if (peer.leader()) row[2].text = to_string(*peer.leader());
      row[3].text = to_hex(vote.round);
      row[4].text = to_hex(vote.vote.peer_epoch);
    }
    servers.push_back(std::move(record));
    table.add_row(std::move(row));
  }
  if (options_.shared.json) {
    write_record(nullptr, {{"event", "status"}, {"servers", std::move(servers)}});
  } else {
    sink_.write(table.render(style_));
  }
}

void EnsembleRun::say(const Member* member, const std::string& text, Colour colour) {
  if (options_.shared.json) return;
  char time[24];
  std::snprintf(time, sizeof time, "%8.3f s  ", static_cast<double>(elapsed().count()) / 1e6);
  const std::string who = member != nullptr ? "server " + to_string(member->sid) + ": " : "";
  sink_.write(style_.paint(Colour::kFaint, time) + who + style_.paint(colour, text) + "\n");
}

void EnsembleRun::write_record(const Member* member, Json record) {
  if (!options_.shared.json || !records(record["event"].get<std::string>())) return;
  Json line = {{"t", rfc3339(std::chrono::system_clock::now())}};
  line["event"] = record["event"];
  if (member != nullptr) line["self"] = member->sid.value;
  line.update(record);
  sink_.write(to_line(line));
}

bool EnsembleRun::records(std::string_view event) const {
  return options_.events.empty() || options_.events.contains(std::string(event));
}

std::string EnsembleRun::list(const std::vector<Sid>& sids) const {
  std::string text;
  for (const Sid sid : sids) text += (text.empty() ? "" : " ") + to_string(sid);
  return text.empty() ? "none" : text;
}

std::string EnsembleRun::emulation_text(const Member& member) const {
  return member.emulate ? to_string(*member.emulate) : "auto";
}

Duration EnsembleRun::elapsed() const {
  return std::chrono::duration_cast<Duration>(Clock::now() - started_at_);
}

}  // namespace zkprobe::tool
