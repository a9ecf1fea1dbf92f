// A capture replayed: for every server in it an Election of its release is fed what the wire shows
// that it received, and its decisions are compared with what the server then sent.
//
// What our election does otherwise than the server is played again with the events of that moment
// in another order, as the server's threads may have taken them; what then agrees is explained by
// that order. What stays is explained by what the capture lacks, or is a real difference.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "analysis/replay_repair.hpp"
#include "analysis/replay_run.hpp"
#include "analysis/replay_tape.hpp"
#include "base/release.hpp"
#include "wire/quorum_config.hpp"

namespace zkprobe::analysis {

enum class Cause : std::uint8_t {
  kTiming,         // another order of the same moment explains it
  kClosedLink,     // a message was not read, its link was closed
  kBeforeCapture,  // the server had heard more before the capture began
  kLoss,           // the capture lacks bytes
  kReal,
};
std::string_view to_string(Cause cause);  // "timing", "closed link", "before the capture", "loss"

struct ReplayDifference {
  ItemKind kind = ItemKind::kProposal;
  Cause cause = Cause::kReal;
  Duration at{0};
  std::uint64_t packet = 0;  // the message that shows it, or that was not answered
  Sid to;
  std::string server;       // "told 3 LOOKING leader=2 ..."
  std::string ours;         // "is LOOKING leader=3 ..."
  std::string explanation;  // one sentence
};

struct ReplayTally {
  std::size_t compared = 0;
  std::size_t agree = 0;      // at once
  std::size_t explained = 0;  // differ, for a reason that is no fault of either
  std::size_t differ = 0;
};

struct ReplayOutcome {  // how one election of the server ended
  Duration at{0};
  wire::ServerState state = wire::ServerState::kLooking;
  std::optional<Sid> leader;
  std::optional<ElectionRound> round;
  std::optional<PeerEpoch> epoch;
};

struct ServerReplay {
  Sid self;
  capture::ReleaseRange release;  // that its bytes allow
  Release played;                 // the rules that were used
  bool observer = false;
  // It only asks for votes and holds no elections: nothing is played or compared.
  bool asker = false;
  std::uint64_t questions = 0;  // of an asker
  std::size_t lives = 0;
  bool config_on_wire = false;  // else the voters are those that were seen, and a majority decides
  std::string config;           // "3 participants (1 2 3), ..."
  std::uint64_t unknown_sender = 0;
  ReplayTally tally[3];  // by ItemKind
  // Of the differences: not every order that might explain them was tried, there are too many.
  std::size_t untried = 0;
  std::vector<ReplayOutcome> outcomes;
  std::vector<ReplayDifference> differences;

  bool agrees() const;
};

struct ReplayOptions {
  std::vector<Sid> servers;  // only these; empty: all
  // For servers of 3.3 and 3.4, which do not send theirs.
  std::optional<wire::QuorumConfig> config;
  std::optional<Release> release;  // in place of what the bytes say
  // Steps that may be played to explain differences, of all servers together.
  std::uint64_t work = kWorkOfCapture;
  // Called for each event and effect of the last run of each server.
  std::function<void(Sid self, Duration at, const std::string& line)> trace;
};

std::vector<ServerReplay> replay(const Tape& tape, const ReplayOptions& options);

}  // namespace zkprobe::analysis
