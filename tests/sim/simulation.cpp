#include "simulation.hpp"

#include <algorithm>
#include <tuple>
#include <vector>

namespace zkprobe::sim {
namespace {

constexpr Duration kLookEvery{20'000};
constexpr Sid kStrangerId{1'000};
const Delays kHealedDelays{Duration(200), 30ms, 0, {}};

}  // namespace

Simulation::Simulation(const Scenario& scenario, bool tracing)
    : scenario_(scenario),
      env_(scenario, tracing),
      invariants_(env_),
      network_(env_, [this](Sid to, Sid from,
                            const Packet& packet) { servers_.at(to).receive(from, packet); }),
      channels_(env_, network_,
                [this](Sid at, Sid from, ChannelId channel, const ChannelMessage* message) {
                  servers_.at(at).channel_event(from, channel, message);
                }) {
  const Server::Join join = [this](Sid leader, Sid learner, ChannelId channel) {
    return servers_.at(leader).accept_learner(learner, channel);
  };
  for (const ServerPlan& plan : scenario.servers) {
    servers_.try_emplace(plan.sid, env_, invariants_, network_, channels_, join, plan);
  }
}

void Simulation::run() {
  env_.counters.count("runs");
  if (scenario_.calm) env_.counters.count("calm runs");
  for (auto& [sid, server] : servers_) {
    env_.schedule.after(scenario_.plan(sid).starts_after, [&s = server] { s.start(); });
  }
  if (scenario_.calm) {
    settle();
    check_calm();
    return;
  }
  for (int cycle = 0; cycle < scenario_.cycles; ++cycle) {
    env_.delays = scenario_.delays;
    env_.loss_per_mille = scenario_.loss_per_mille;
    make_trouble_until(env_.now() + scenario_.fault_phase);
    heal();
    settle();
  }
}

Sid Simulation::any_server() {
  // A leader is worth more trouble than the others.
  for (const auto& [sid, server] : servers_) {
    if (server.serves_under() == sid && env_.random.chance(30)) return sid;
  }
  return scenario_.servers[env_.random.below(scenario_.servers.size())].sid;
}

SidSet Simulation::some_servers() {
  SidSet result;
  for (const auto& [sid, server] : servers_) {
    if (env_.random.chance(50)) result.insert(sid);
  }
  return result;
}

// ---- faults -------------------------------------------------------------------------------------

void Simulation::make_trouble_until(Instant end) {
  std::vector<Fault> kinds(scenario_.faults.begin(), scenario_.faults.end());
  while (!kinds.empty() && env_.now() < end) {
    env_.schedule.run_until(
        std::min(end, env_.now() + env_.between(Duration(0), 2 * scenario_.fault_gap)));
    if (env_.now() < end) inject(kinds[env_.random.below(kinds.size())]);
  }
  env_.schedule.run_until(end);
}

void Simulation::inject(Fault fault) {
  env_.counters.count("fault: " + std::string(to_string(fault)));
  if (env_.tracing) env_.trace("fault", std::string(to_string(fault)));
  switch (fault) {
    case Fault::kCrash:
      crash_one();
      return;
    case Fault::kPause:
      pause_one();
      return;
    case Fault::kPartition:
      divide();
      return;
    case Fault::kOneWay:
      block_one_way();
      return;
    case Fault::kStranger:
      ask_as_stranger();
      return;
    case Fault::kBreakLink:
    case Fault::kDuplicateLink: {
      const auto links = network_.links();
      if (links.empty()) return;
      const auto& [a, b] = links[env_.random.below(links.size())];
      if (fault == Fault::kBreakLink) {
        network_.break_link(a, b);
      } else {
        network_.duplicate_link(a, b);
      }
      return;
    }
    case Fault::kStall: {
      const Sid from = any_server();
      const Sid to = any_server();
      if (from != to) network_.stall(from, to, env_.now() + env_.between(100ms, 6'000ms));
      return;
    }
  }
}

void Simulation::crash_one() {
  Server& server = servers_.at(any_server());
  server.crash();
  env_.schedule.after(env_.between(50ms, 8'000ms), [&server] { server.start(); });
}

void Simulation::pause_one() {
  Server& server = servers_.at(any_server());
  server.pause();
  env_.schedule.after(env_.between(100ms, 9'000ms), [&server] { server.resume(); });
}

// Blocks may overlap: what one of them ends, another may have meant to keep.
void Simulation::divide() {
  const SidSet side = some_servers();
  std::vector<std::pair<Sid, Sid>> ways;
  for (const auto& [a, first] : servers_) {
    for (const auto& [b, second] : servers_) {
      if (side.contains(a) != side.contains(b)) ways.emplace_back(a, b);
    }
  }
  for (const auto& [from, to] : ways) network_.block(from, to);
  for (const auto& [a, b] : network_.links()) {
    if (side.contains(a) != side.contains(b) && env_.random.chance(30)) network_.break_link(a, b);
  }
  env_.schedule.after(env_.between(300ms, 12'000ms), [this, ways] {
    for (const auto& [from, to] : ways) network_.unblock(from, to);
  });
}

void Simulation::block_one_way() {
  const Sid from = any_server();
  const SidSet deaf = some_servers();
  for (const Sid to : deaf) {
    if (to != from) network_.block(from, to);
  }
  env_.schedule.after(env_.between(300ms, 12'000ms), [this, from, deaf] {
    for (const Sid to : deaf) network_.unblock(from, to);
  });
}

void Simulation::ask_as_stranger() {
  Server& server = servers_.at(any_server());
  wire::Notification question;
  question.leader = kStrangerId;
  const Packet packet{wire::encode(question, wire::NotificationForm::kBytes40), question};
  const std::uint64_t times = env_.random.chance(70) ? 1 : 1 + env_.random.below(150);
  for (std::uint64_t i = 0; i < times; ++i) server.receive(kStrangerId, packet);
}

// ---- healing ------------------------------------------------------------------------------------

void Simulation::heal() {
  if (env_.tracing) env_.trace("heal", "everybody is up, nothing is lost or blocked any more");
  env_.delays = kHealedDelays;
  env_.loss_per_mille = 0;
  network_.unblock_all();
  for (auto& [sid, server] : servers_) {
    server.resume();
    server.start();
  }
}

std::optional<Sid> Simulation::agreed_leader() const {
  std::optional<Sid> leader;
  for (const auto& [sid, server] : servers_) {
    const std::optional<Sid> under = server.serves_under();
    if (!under || (leader && *leader != *under)) return std::nullopt;
    leader = under;
  }
  return leader;
}

void Simulation::settle() {
  const Instant healed = env_.now();
  while (!agreed_leader()) {
    if (env_.now() - healed > scenario_.settle_bound) {
      if (!scenario_.calm && votes_differ_for_good()) {
        env_.counters.count("known flaw: ZOOKEEPER-1732 keeps a server LOOKING");
        return;
      }
      invariants_.fail(
          invariant::kSettlesAfterHealing,
          "no agreement " + zkprobe::to_string(scenario_.settle_bound) + " after healing");
    }
    env_.schedule.run_until(env_.now() + kLookEvery);
  }
  const std::optional<Sid> leader = agreed_leader();
  env_.counters.time_to_settle.push_back(env_.now() - healed);
  env_.counters.count("agreements");
  const Instant end = env_.now() + 2 * scenario_.sync_limit;
  while (env_.now() < end) {
    env_.schedule.run_until(env_.now() + scenario_.tick / 2);
    if (agreed_leader() != leader) {
      invariants_.fail(invariant::kLeaderStays,
                       "all served under " + to_string(*leader) + ", and nothing went wrong");
    }
  }
}

// Until 3.4.5 a server joins a leader only if a quorum tells it the same zxid and round of the
// decision, and those who follow one leader need not have decided alike: it looks for ever
// (ZOOKEEPER-1732). True if this is why there is no agreement: all others serve under one leader, a
// quorum of them, and no quorum of them has one vote.
bool Simulation::votes_differ_for_good() const {
  std::set<Sid> leaders;
  SidSet serving;
  std::map<std::pair<Zxid, std::pair<PeerEpoch, ElectionRound>>, SidSet> votes;
  for (const auto& [sid, server] : servers_) {
    const std::optional<Sid> under = server.serves_under();
    if (under) {
      const quorum::CastVote v = server.vote();
      leaders.insert(*under);
      serving.insert(sid);
      votes[{v.vote.zxid, {v.vote.peer_epoch, v.round}}].insert(sid);
    } else if (!server.looking() || scenario_.plan(sid).release >= Release{3, 4, 6}) {
      return false;
    }
  }
  if (leaders.size() != 1 || !is_quorum(scenario_.config, serving)) return false;
  return std::none_of(votes.begin(), votes.end(), [this](const auto& entry) {
    return is_quorum(scenario_.config, entry.second);
  });
}

// The best voter that may lead: everybody hears it before anybody's last wait is over.
void Simulation::check_calm() const {
  const ServerPlan* best = nullptr;
  const auto rank = [](const ServerPlan& p) {
    const bool epochless = p.release < Release{3, 4, 0};
    return std::tuple(epochless ? PeerEpoch(0) : p.current_epoch,
                      p.log.empty() ? Zxid(0) : p.log.back(), p.sid);
  };
  for (const ServerPlan& p : scenario_.servers) {
    if (p.observer || p.declines || weight_of(scenario_.config, p.sid) == 0) continue;
    if (best == nullptr || rank(p) > rank(*best)) best = &p;
  }
  const std::optional<Sid> leader = agreed_leader();
  if (leader != best->sid) {
    invariants_.fail(invariant::kCalmElectionPicksBest, "server " + to_string(*leader) +
                                                            " leads, " + to_string(best->sid) +
                                                            " is the better candidate");
  }
}

std::string Simulation::text() const {
  std::string result;
  for (const auto& [sid, server] : servers_) result += "  " + server.text() + "\n";
  return result;
}

}  // namespace zkprobe::sim
