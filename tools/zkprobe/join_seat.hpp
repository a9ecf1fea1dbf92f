// The seat that a zoo.cfg describes: read, judged, and found empty before anybody is disturbed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "context.hpp"
#include "net/peer_driver.hpp"
#include "options.hpp"
#include "peer/config.hpp"
#include "quorum/quorum_verifier.hpp"

namespace zkprobe::tool {

struct JoinMemberOptions {
  SharedOptions shared;
  std::string config_file;
  std::optional<Sid> myid;
  peer::SystemProperties properties;  // -D
  bool election_only = false;
  bool electable = false;
  std::string ensemble_dir;
  std::string data_dir;  // an observer's, where it keeps its state
  bool accept_stall = false;
  std::vector<std::int64_t> zkprobe_seats;
  bool quiet = false;
  bool print_config = false;
  std::optional<Duration>
      until_within;  // --timeout given with --until; otherwise it waits for ever
};

// Reads the configuration as the emulated release does. Throws UsageError with file, line and what
// was expected for what Java refuses.
peer::Config read_seat_config(const JoinMemberOptions& options);

// --print-config
std::string config_text(const peer::Config& config, bool json);

// Throws UsageError where the seat cannot be taken with these options.
void check_seat(const peer::Config& config, const JoinMemberOptions& options);

// Throws UsageError where this seat can never reach what --until asks for.
void check_until(const peer::Config& config, const JoinMemberOptions& options);

// The other voters that decline to lead: those that the options name, and those that say on their
// client port that they are zkprobe. None for an observer. Throws UsageError for an id of no voter.
quorum::SidSet declining_voters(const peer::Config& config, const JoinMemberOptions& options);

// "server 3 declines to lead: with the other 2 voters alone the ensemble bears no failure ...".
// Nothing for an observer.
std::optional<std::string> cost_of_seat(const peer::Config& config,
                                        const quorum::SidSet& others_decline);

// Throws UsageError where the others bear no failure and that is not accepted.
void check_cost(const peer::Config& config, const JoinMemberOptions& options,
                const quorum::SidSet& others_decline);

// What the peer and its links are made of.
net::PeerDriver::Settings seat_settings(const peer::Config& config,
                                        const JoinMemberOptions& options);

// Asks the seat's own election addresses. "seat 3 is held by 127.0.0.1:3883: it is FOLLOWING 2", or
// nothing when nobody is there. Waits for `timeout` at the most for each.
std::optional<std::string> who_holds_seat(const peer::Config& config, Duration timeout);

}  // namespace zkprobe::tool
