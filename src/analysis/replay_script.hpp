// One server's part of a capture, as a replay needs it: what it received and sent, in order, cut
// into its lives (a process, or an election object of Java, whose clock begins at zero) and its
// elections.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "analysis/replay_tape.hpp"
#include "election/election.hpp"

namespace zkprobe::analysis {

struct ScriptStep {
  enum class Kind : std::uint8_t {
    kLook,      // it begins to look for a leader: before what follows
    kReceive,   // a vote reached it
    kSend,      // a vote that it sent
    kDecision,  // the first sign that its election is over
    kSettle,    // the leader's epoch is known from now on (updateElectionVote)
    kGap,       // bytes to or from it that the capture does not have
  };
  Kind kind = Kind::kReceive;
  std::size_t event = 0;  // of the tape; of kLook: the one that it was told from
  Duration at{0};
  Sid peer;                    // the other end
  bool first_on_link = false;  // kSend: a new link brings the last message once more
  // kLook
  election::LogPosition own;
  std::size_t earliest = 0;  // step before which it cannot have begun
  bool own_is_guess = false;
  // kDecision
  wire::ServerState state = wire::ServerState::kLooking;
  std::optional<Sid> leader;
  bool by_vote = false;  // its own vote says so: round and epoch are known, too
  // kSettle
  PeerEpoch epoch;
};

// Where a server stands that has been at it for a while, as its own vote tells.
struct Standing {
  ElectionRound round;  // logicalclock
  election::LogPosition own;
  // LOOKING: the proposal, in its vote. Otherwise what was decided, with the round of that.
  quorum::CastVote vote;
};

struct Life {
  Duration begin{0};
  Duration end = Duration::max();
  bool from_start = false;  // its beginning was captured
  // What it was doing before it said anything; LOOKING lives begin with a kLook step instead.
  std::optional<Standing> standing;
  std::size_t standing_event = 0;  // the vote that told it
  ElectionRound clock;             // before the first kLook
  std::vector<ScriptStep> steps;
};

struct Script {
  Sid self;
  capture::ReleaseRange release;
  bool observer = false;
  bool asker = false;  // takes part in no election: replay_names.hpp
  bool reconfigured = false;
  std::vector<Life> lives;
  std::uint64_t sent = 0;
  std::uint64_t unknown_sender = 0;  // votes to it of whom the capture does not tell
  std::vector<std::size_t> links;    // its election links, of the tape
};

// Every server that a link of the tape names and that sent a vote.
std::vector<Sid> servers_of(const Tape& tape);
Script script_of(const Tape& tape, Sid self);

// Whether two votes say the same, their configurations apart.
bool same_word(const wire::Notification& a, const wire::Notification& b);

}  // namespace zkprobe::analysis
