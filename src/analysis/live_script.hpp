// One captured peer's part towards one other server, to be played against a live server: what the
// peer told it in one election, when, and what that server, its counterpart, told the peer.
//
// The stretch of one election: from where the peer begins to look for a leader (or begins to speak)
// to where it or the counterpart begins anew. More could not be played: a peer that is only played
// serves nobody, so what follows a decision goes another way than in the capture.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "analysis/replay_script.hpp"
#include "base/release.hpp"
#include "wire/quorum_config.hpp"

namespace zkprobe::analysis {

// Something that one of the two told the other. `at` counts from the first word of the stretch.
struct LiveWord {
  Duration at{0};
  std::uint64_t packet = 0;
  wire::Notification vote;
  wire::NotificationForm form = wire::NotificationForm::kConfig;
  bool new_link = false;  // the first of the peer's votes on its link
};

// Where a server stands before anything is played: what rounds, zxids and epochs are counted from.
struct LiveStanding {
  wire::ServerState state = wire::ServerState::kLooking;
  Sid leader;  // LOOKING: of its own first proposal, itself
  Zxid zxid;
  ElectionRound round;
  PeerEpoch epoch;
};

struct LiveDecision {
  Duration at{0};
  std::uint64_t packet = 0;  // the first sign of it
  wire::ServerState state = wire::ServerState::kFollowing;
  std::optional<Sid> leader;
};

struct LiveScript {
  // Of each of the two; what comes behind them is left out.
  static constexpr std::size_t kMaxWords = 4'096;

  Sid peer;
  Sid counterpart;
  bool asker = false;  // the peer only asks for votes
  wire::GreetingForm greeting = wire::GreetingForm::kBareSid;
  std::vector<LiveWord> votes;           // of the peer, repeats included
  std::vector<LiveWord> words;           // of the counterpart, repeats left out
  LiveStanding standing;                 // of the counterpart
  std::optional<LiveDecision> decision;  // of the counterpart, where it was LOOKING before
  Release release;                       // of the counterpart: the newest that its bytes allow
  wire::QuorumConfig config;  // that the counterpart holds; else the members that were seen
  bool config_on_wire = false;
  std::size_t election = 1;   // the one that this is, from 1
  std::size_t elections = 0;  // of the peer with this counterpart, which could be played
};

struct LiveChoice {
  Sid peer;
  // Nothing: the server that the peer exchanged the most votes with.
  std::optional<Sid> counterpart;
  std::size_t election = 1;  // from 1
};

// Or one line that says what the capture does not have.
tl::expected<LiveScript, std::string> live_script(const Tape& tape, const LiveChoice& choice);

}  // namespace zkprobe::analysis
