// What one seed means: the servers, their logs and releases, the network and what goes wrong.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "base/release.hpp"
#include "base/time.hpp"
#include "wire/quorum_config.hpp"

namespace zkprobe::sim {

using SidSet = std::set<Sid>;
// The zxids of a log, oldest first.
using Log = std::vector<Zxid>;

// What goes wrong. Each seed switches on some of them.
enum class Fault {
  kCrash,          // volatile state is lost, the log and the configuration are kept
  kPause,          // SIGSTOP: nothing is handled, messages pile up
  kPartition,      // two sides that do not hear each other
  kOneWay,         // one server's packets do not reach some others
  kBreakLink,      // a link resets; what was in flight is lost
  kDuplicateLink,  // a second link of one pair replaces the first
  kStall,          // a sender cannot write for a while: newer votes replace unsent ones
  kStranger,       // somebody who is no member asks, up to 150 times in a row
};
inline constexpr Fault kAllFaults[] = {Fault::kCrash,  Fault::kPause,     Fault::kPartition,
                                       Fault::kOneWay, Fault::kBreakLink, Fault::kDuplicateLink,
                                       Fault::kStall,  Fault::kStranger};
std::string_view to_string(Fault fault);

// A wrong on purpose: proves that an invariant can fail.
enum class Sabotage {
  kNone,
  kUnderstate,   // a machine is told a log position below its own
  kOverstate,    // a machine is told a log position above its own
  kMinority,     // a machine believes in a configuration whose quorum is too small
  kCorruptVote,  // votes arrive with another leader than was written
  kDeaf,         // a machine is never told that time passed
  kThrow,        // a step throws
  kNoDeadline,   // a machine that looks has no deadline
  kWrongEpoch,   // a machine is told another epoch than was established
  kTwoLeaders,   // a leader does not wait for a quorum of followers
  kForget,       // a restart loses the log
  kAccept,       // a server that declines does not tell its machine so
  kZeroWeight,   // machines believe that a server of weight zero has a weight
  kWorstWins,    // calm runs: the best candidate is told to hold nothing
  kObserver,     // machines believe that observers vote
  kFickle,       // a leader steps down without a reason
};
struct SabotageInfo {
  Sabotage kind;
  std::string_view name;
  std::string_view invariant;  // the one that must notice it
};
extern const std::vector<SabotageInfo> kSabotages;

struct ServerPlan {
  Sid sid;
  Release release;
  bool observer = false;
  bool declines = false;
  bool reconfig_enabled = false;
  bool oracle_says_yes = false;
  ConfigVersion config_version;
  Log log;
  PeerEpoch current_epoch;
  PeerEpoch accepted_epoch;
  Duration starts_after{0};
};

struct Delays {
  Duration least{200};
  Duration most{2'000};
  unsigned slow_percent = 0;  // of the messages take up to `slowest`
  Duration slowest{0};
};

struct Scenario {
  std::uint64_t seed = 0;
  wire::QuorumConfig config;  // version 0; each server's plan says which version it holds
  std::vector<ServerPlan> servers;
  Log committed;  // what a quorum of voters holds at the start

  Delays delays;                // until healing
  unsigned loss_per_mille = 0;  // of the messages break their link
  std::set<Fault> faults;
  Duration fault_gap{2'000'000};
  Duration fault_phase{20'000'000};
  int cycles = 1;     // of faults and healing
  bool calm = false;  // everybody starts at once, the network is quick, nothing goes wrong

  bool newleader_logged = false;  // whether an epoch opens with a logged zxid of counter 0
  Duration tick{500'000};
  Duration init_limit{5'000'000};
  Duration sync_limit{2'000'000};
  Duration max_interval{60'000'000};  // of servers of 3.6.0 and later; before, 60 s
  Duration settle_bound{0};           // of virtual time after healing
  Sabotage sabotage = Sabotage::kNone;
  std::optional<Sid> victim;  // of the sabotage; nothing: everybody

  const ServerPlan& plan(Sid sid) const;
};

struct GeneratorOptions {
  std::optional<int> machines;    // voters
  std::vector<Release> releases;  // to draw from; empty: mixes that work together
  // Some servers with a shorter longest interval than others, which can starve those.
  bool mixed_intervals = false;
  Sabotage sabotage = Sabotage::kNone;
};

Scenario generate(std::uint64_t seed, const GeneratorOptions& options);
std::string describe(const Scenario& scenario);

// The simulator's own count, apart from src/quorum: a majority of the voters, or for hierarchical
// quorums a majority of the weight in a majority of the groups that have any. No oracle.
bool is_quorum(const wire::QuorumConfig& config, const SidSet& servers);
// 1 where the configuration gives no weights.
std::int64_t weight_of(const wire::QuorumConfig& config, Sid sid);

}  // namespace zkprobe::sim
