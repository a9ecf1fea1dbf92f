// One seed from start to end: the servers, the faults, the healing and what must hold then.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "channels.hpp"
#include "environment.hpp"
#include "invariants.hpp"
#include "network.hpp"
#include "scenario.hpp"
#include "server.hpp"

namespace zkprobe::sim {

class Simulation {
 public:
  Simulation(const Scenario& scenario, bool tracing);

  // Throws Violation.
  void run();
  const Counters& counters() const { return env_.counters; }
  // What every server is doing: said when an invariant is violated.
  std::string text() const;

 private:
  Sid any_server();
  SidSet some_servers();
  void make_trouble_until(Instant end);
  void inject(Fault fault);
  void crash_one();
  void pause_one();
  void divide();
  void block_one_way();
  void ask_as_stranger();
  void heal();
  void settle();
  bool votes_differ_for_good() const;
  void check_calm() const;
  // The one leader under which everybody serves; nothing while there is none.
  std::optional<Sid> agreed_leader() const;

  const Scenario& scenario_;
  Environment env_;
  Invariants invariants_;
  Network network_;
  Channels channels_;
  std::map<Sid, Server> servers_;
};

}  // namespace zkprobe::sim
