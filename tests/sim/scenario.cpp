#include "scenario.hpp"

#include <map>
#include <stdexcept>

#include "environment.hpp"
#include "wire/describe.hpp"

namespace zkprobe::sim {

std::string_view to_string(Fault fault) {
  switch (fault) {
    case Fault::kCrash:
      return "crash";
    case Fault::kPause:
      return "pause";
    case Fault::kPartition:
      return "partition";
    case Fault::kOneWay:
      return "one-way block";
    case Fault::kBreakLink:
      return "broken link";
    case Fault::kDuplicateLink:
      return "duplicate link";
    case Fault::kStall:
      return "stalled sender";
    case Fault::kStranger:
      return "stranger";
  }
  return "?";
}

const ServerPlan& Scenario::plan(Sid sid) const {
  for (const ServerPlan& server : servers) {
    if (server.sid == sid) return server;
  }
  throw std::out_of_range("no server " + zkprobe::to_string(sid));
}

std::int64_t weight_of(const wire::QuorumConfig& config, Sid sid) {
  if (!config.hierarchical()) return 1;
  for (const auto& [server, weight] : config.weights) {
    if (server == sid) return weight;
  }
  return 1;
}

bool is_quorum(const wire::QuorumConfig& config, const SidSet& servers) {
  SidSet voters;
  for (const wire::QuorumServer& server : config.servers) {
    if (server.type == wire::LearnerType::kParticipant) voters.insert(server.sid);
  }
  if (!config.hierarchical()) {
    std::size_t present = 0;
    for (const Sid sid : servers) present += voters.contains(sid) ? 1 : 0;
    return 2 * present > voters.size();
  }
  int groups = 0;
  int won = 0;
  for (const auto& [group, members] : config.groups) {
    std::int64_t all = 0;
    std::int64_t present = 0;
    for (const Sid sid : members) {
      if (!voters.contains(sid)) continue;
      all += weight_of(config, sid);
      if (servers.contains(sid)) present += weight_of(config, sid);
    }
    if (all == 0) continue;
    ++groups;
    won += 2 * present > all ? 1 : 0;
  }
  return 2 * won > groups;
}

std::string describe(const Scenario& s) {
  std::string text = "seed " + std::to_string(s.seed) + ": " + wire::describe(s.config) + "\n";
  for (const ServerPlan& p : s.servers) {
    text += "  server " + zkprobe::to_string(p.sid) + ": " + zkprobe::to_string(p.release) +
            (p.observer ? " observer" : "") + (p.declines ? " declines" : "") + " weight " +
            std::to_string(weight_of(s.config, p.sid)) + ", epoch " +
            zkprobe::to_string(p.current_epoch) + " (accepted " +
            zkprobe::to_string(p.accepted_epoch) + ") zxid " +
            to_hex(p.log.empty() ? Zxid(0) : p.log.back()) +
            (p.oracle_says_yes ? ", its oracle says yes" : "") + "\n";
  }
  text += "  committed: " + (s.committed.empty() ? "nothing" : to_hex(s.committed.back())) +
          "; delays " + zkprobe::to_string(s.delays.least) + " to " +
          zkprobe::to_string(s.delays.most);
  if (s.delays.slow_percent != 0) {
    text += ", " + std::to_string(s.delays.slow_percent) + " % up to " +
            zkprobe::to_string(s.delays.slowest);
  }
  text += std::string(s.calm ? "; calm" : "") + "; faults:";
  for (const Fault fault : s.faults) text += " " + std::string(to_string(fault)) + ",";
  return text + " loss " + std::to_string(s.loss_per_mille) + " in 1000\n";
}

void Counters::add(const Counters& other) {
  for (const auto& [name, n] : other.events) events[name] += n;
  time_to_decide.insert(time_to_decide.end(), other.time_to_decide.begin(),
                        other.time_to_decide.end());
  time_to_settle.insert(time_to_settle.end(), other.time_to_settle.begin(),
                        other.time_to_settle.end());
}

void Environment::trace(const std::string& who, const std::string& text) const {
  char time[32];
  std::snprintf(time, sizeof time, "%12.6f", static_cast<double>(now().since_zero.count()) / 1e6);
  std::cout << time << "  " << who << "  " << text << "\n";
}

}  // namespace zkprobe::sim
