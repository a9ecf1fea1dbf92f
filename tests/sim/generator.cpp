#include <algorithm>

#include "base/random.hpp"
#include "scenario.hpp"

namespace zkprobe::sim {
namespace {

// Releases that elect and follow together: 3.4.6 and later with 3.5 and later. Of 3.5 and 3.6 those
// without ZOOKEEPER-1818 and ZOOKEEPER-3769; the others run among themselves.
const std::vector<Release> kTogether = {{3, 4, 6}, {3, 4, 10}, {3, 4, 13}, {3, 4, 14},
                                        {3, 5, 8}, {3, 5, 9},  {3, 5, 10}, {3, 6, 1},
                                        {3, 6, 4}, {3, 7, 2},  {3, 8, 6},  {3, 9, 6}};
// 3.4.0 to 3.4.3 are missing: their order of votes has cycles (ZOOKEEPER-1419).
const std::vector<Release> kAlone = {{3, 3, 6}, {3, 4, 4}, {3, 4, 5}, {3, 4, 14}, {3, 5, 0},
                                     {3, 5, 4}, {3, 5, 5}, {3, 5, 7}, {3, 6, 0},  {3, 9, 6}};
constexpr Release kFirstWithOracle{3, 8, 0};

class Generator {
 public:
  Generator(std::uint64_t seed, const GeneratorOptions& options)
      : options_(options), random_(seed) {
    s_.seed = seed;
    s_.sabotage = options.sabotage;
  }

  Scenario run() {
    choose_members();
    choose_releases();
    choose_groups();
    choose_declining();
    choose_logs();
    choose_times();
    choose_faults();
    choose_victim();
    return s_;
  }

 private:
  bool breaks(Sabotage kind) const { return options_.sabotage == kind; }
  std::uint64_t pick(std::uint64_t least, std::uint64_t most) {
    return least + random_.below(most - least + 1);
  }
  Duration millis(std::uint64_t least, std::uint64_t most) {
    return std::chrono::milliseconds(pick(least, most));
  }
  template <class T>
  const T& any_of(const std::vector<T>& list) {
    return list[random_.below(list.size())];
  }
  SidSet voters() const {
    SidSet result;
    for (const ServerPlan& p : s_.servers) {
      if (!p.observer) result.insert(p.sid);
    }
    return result;
  }

  void choose_members();
  void choose_releases();
  void choose_groups();
  void choose_declining();
  void choose_logs();
  void choose_times();
  void choose_delays();
  void choose_faults();
  void choose_victim();

  const GeneratorOptions& options_;
  SeededRandom random_;
  Scenario s_;
};

void Generator::choose_members() {
  s_.config.oracle = !options_.machines && options_.sabotage == Sabotage::kNone &&
                     options_.releases.empty() && random_.chance(5);
  std::uint64_t count = 2;
  if (options_.machines) {
    count = static_cast<std::uint64_t>(*options_.machines);
  } else if (!s_.config.oracle) {
    count = random_.chance(45) ? 3 : random_.chance(60) ? 5 : pick(3, 9);
  }
  if (breaks(Sabotage::kMinority)) count = std::max<std::uint64_t>(count, 5);
  std::uint64_t observers = random_.chance(25) ? pick(1, 2) : 0;
  if (breaks(Sabotage::kObserver)) observers = 2;
  std::int64_t sid = 0;
  for (std::uint64_t i = 0; i < count + observers; ++i) {
    sid += random_.chance(80) ? 1 : static_cast<std::int64_t>(pick(1, 20));
    ServerPlan p;
    p.sid = Sid(sid);
    s_.servers.push_back(p);
  }
  for (std::uint64_t i = 0; i < observers;) {
    ServerPlan& p = s_.servers[random_.below(s_.servers.size())];
    if (p.observer) continue;
    p.observer = true;
    ++i;
  }
  for (const ServerPlan& p : s_.servers) {
    wire::QuorumServer server;
    server.sid = p.sid;
    server.addresses = {{"127.0.0.1", static_cast<std::uint16_t>(2000 + p.sid.value),
                         static_cast<std::uint16_t>(3000 + p.sid.value)}};
    server.type = p.observer ? wire::LearnerType::kObserver : wire::LearnerType::kParticipant;
    s_.config.servers.push_back(server);
  }
}

void Generator::choose_releases() {
  std::vector<Release> from = options_.releases;
  if (from.empty() && s_.config.oracle) {
    from = {{3, 8, 6}, {3, 9, 6}};
  } else if (from.empty()) {
    const std::uint64_t kind = random_.below(100);
    if (kind < 30) {
      from = kTogether;
    } else if (kind < 55) {  // a rolling upgrade
      from = {any_of(kTogether), any_of(kTogether)};
    } else if (kind < 75) {
      from = {kNewestRelease};
    } else {
      from = {any_of(kAlone)};
    }
  }
  if (breaks(Sabotage::kWrongEpoch)) from = {kNewestRelease};
  bool all_know_config = true;
  for (ServerPlan& p : s_.servers) {
    p.release = any_of(from);
    all_know_config = all_know_config && p.release >= Release{3, 5, 1};
  }
  if (s_.config.oracle) s_.servers[random_.below(s_.servers.size())].oracle_says_yes = true;
  // Some hold a newer version of the same configuration.
  if (all_know_config && random_.chance(15)) {
    for (ServerPlan& p : s_.servers) {
      p.reconfig_enabled = true;
      if (random_.chance(40)) p.config_version = ConfigVersion(0x100000000);
    }
  }
}

void Generator::choose_groups() {
  const bool wanted = breaks(Sabotage::kZeroWeight) || random_.chance(22);
  const SidSet all = voters();
  if (!wanted || s_.config.oracle) return;
  const std::uint64_t count = pick(1, all.size() >= 5 ? 3 : 1);
  for (std::uint64_t g = 1; g <= count; ++g) {
    s_.config.groups.emplace_back(static_cast<std::int64_t>(g), std::vector<Sid>{});
  }
  std::uint64_t next = 0;
  std::int64_t total = 0;
  for (const Sid sid : all) {
    // One to each group first, so that none is empty.
    auto& group = s_.config.groups[next < count ? next : random_.below(count)];
    ++next;
    group.second.push_back(sid);
    const std::int64_t weight = random_.chance(25) ? 0 : static_cast<std::int64_t>(pick(1, 3));
    total += weight;
    s_.config.weights.emplace_back(sid, weight);
  }
  if (total == 0) s_.config.weights.front().second = 1;
}

// Those that do not decline must be able to elect one of themselves.
void Generator::choose_declining() {
  if (s_.config.oracle) return;
  if (!breaks(Sabotage::kAccept) && !random_.chance(18)) return;
  SidSet willing = voters();
  const bool many = random_.chance(30);
  for (ServerPlan& p : s_.servers) {
    if (p.observer || !random_.chance(60)) continue;
    willing.erase(p.sid);
    if (is_quorum(s_.config, willing)) {
      p.declines = true;
      if (!many) return;
    } else {
      willing.insert(p.sid);
    }
  }
}

// A history of several epochs. A quorum has begun the newest one, so all before it is committed,
// and of it what every member of that quorum holds. The others lag behind, or lead with zxids that
// nobody else saw.
void Generator::choose_logs() {
  bool epochless = false;
  for (const ServerPlan& p : s_.servers) epochless |= p.release < Release{3, 4, 0};
  s_.newleader_logged = epochless || random_.chance(50);
  if (!breaks(Sabotage::kUnderstate) && !breaks(Sabotage::kWorstWins) && random_.chance(25)) return;
  const auto newest = static_cast<std::int64_t>(pick(1, 4));
  std::vector<std::int64_t> lengths;  // of each epoch but the newest
  for (std::int64_t e = 1; e < newest; ++e) {
    lengths.push_back(static_cast<std::int64_t>(random_.below(4)));
  }
  const auto log_up_to = [&](std::int64_t epoch, std::int64_t length) {
    Log log;
    for (std::int64_t e = 1; e <= epoch; ++e) {
      if (s_.newleader_logged) log.push_back(make_zxid(PeerEpoch(e), 0));
      const std::int64_t n = e == epoch ? length : lengths[static_cast<std::size_t>(e - 1)];
      for (std::int64_t i = 1; i <= n; ++i) log.push_back(make_zxid(PeerEpoch(e), i));
    }
    return log;
  };
  std::vector<Sid> order;
  for (const Sid sid : voters())
    order.insert(order.begin() + static_cast<std::ptrdiff_t>(random_.below(order.size() + 1)), sid);
  SidSet core;
  for (const Sid sid : order) {
    if (!is_quorum(s_.config, core)) core.insert(sid);
  }
  std::int64_t committed = 4;
  for (ServerPlan& p : s_.servers) {
    if (!core.contains(p.sid)) {
      p.current_epoch = PeerEpoch(static_cast<std::int64_t>(
          random_.below(static_cast<std::uint64_t>(newest) + (p.observer ? 0 : 1))));
      const auto extra = static_cast<std::int64_t>(random_.below(6));
      if (p.current_epoch.value > 0) p.log = log_up_to(p.current_epoch.value, extra);
    } else {
      const auto length = static_cast<std::int64_t>(random_.below(5));
      committed = std::min(committed, length);
      p.current_epoch = PeerEpoch(newest);
      p.log = log_up_to(newest, length);
    }
    p.accepted_epoch = PeerEpoch(p.current_epoch.value + (random_.chance(20) ? 1 : 0));
  }
  s_.committed = log_up_to(newest, committed);
}

void Generator::choose_delays() {
  Delays& d = s_.delays;
  switch (random_.below(5)) {
    case 0:
      d = {Duration(100), 2ms, 0, {}};
      break;
    case 1:
      d = {1ms, 30ms, 0, {}};
      break;
    case 2:
      d = {20ms, 150ms, 0, {}};
      break;
    case 3:
      d = {1ms, 20ms, 5, 900ms};
      break;
    default:
      d = {20ms, 350ms, 10, 1500ms};
      break;
  }
}

void Generator::choose_times() {
  s_.calm = breaks(Sabotage::kWorstWins) ||
            (options_.sabotage == Sabotage::kNone && !s_.config.oracle && random_.chance(12));
  s_.tick = millis(500, 2000);
  s_.init_limit = millis(8'000, 16'000);
  s_.sync_limit = millis(4'000, 8'000);
  if (random_.chance(60)) s_.max_interval = millis(1'000, 10'000);
  Duration longest = s_.max_interval;
  for (ServerPlan& p : s_.servers) {
    if (p.release < Release{3, 6, 0}) longest = 60s;
    p.starts_after = s_.calm || random_.chance(30) ? millis(0, 10) : millis(0, 4'000);
  }
  if (!options_.mixed_intervals) s_.max_interval = longest;  // the same for all
  s_.settle_bound = 2 * longest + 4 * s_.init_limit + 30s;
  if (s_.calm) {
    s_.delays = {Duration(100), 12ms, 0, {}};
    s_.settle_bound = 3s;
  } else {
    choose_delays();
  }
}

void Generator::choose_faults() {
  if (s_.calm) return;
  if (random_.chance(30)) s_.loss_per_mille = static_cast<unsigned>(pick(1, 60));
  for (const Fault fault : kAllFaults) {
    if (random_.chance(40)) s_.faults.insert(fault);
  }
  if (breaks(Sabotage::kForget)) s_.faults.insert(Fault::kCrash);
  s_.fault_gap = millis(200, 4'000);
  s_.fault_phase = millis(5'000, 40'000);
  s_.cycles = random_.chance(30) ? 2 : 1;
}

void Generator::choose_victim() {
  switch (options_.sabotage) {
    case Sabotage::kUnderstate:
    case Sabotage::kOverstate:
    case Sabotage::kCorruptVote:
    case Sabotage::kThrow: {
      std::vector<Sid> candidates;
      for (const Sid sid : voters()) candidates.push_back(sid);
      s_.victim = any_of(candidates);
      return;
    }
    case Sabotage::kWorstWins: {
      const ServerPlan* best = nullptr;
      for (const ServerPlan& p : s_.servers) {
        if (p.observer || p.declines || weight_of(s_.config, p.sid) == 0) continue;
        if (best == nullptr ||
            std::pair(p.current_epoch, p.log) > std::pair(best->current_epoch, best->log)) {
          best = &p;
        }
      }
      s_.victim = best->sid;
      return;
    }
    case Sabotage::kNone:
    case Sabotage::kMinority:
    case Sabotage::kDeaf:
    case Sabotage::kNoDeadline:
    case Sabotage::kWrongEpoch:
    case Sabotage::kTwoLeaders:
    case Sabotage::kForget:
    case Sabotage::kAccept:
    case Sabotage::kZeroWeight:
    case Sabotage::kObserver:
    case Sabotage::kFickle:
      return;
  }
}

}  // namespace

Scenario generate(std::uint64_t seed, const GeneratorOptions& options) {
  return Generator(seed, options).run();
}

}  // namespace zkprobe::sim
