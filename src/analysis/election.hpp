// One election of a capture, as each of its servers lived it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "analysis/recording.hpp"

namespace zkprobe::analysis {

// What a server proposed, from its first message that says so on.
struct Position {
  RecordIndex record = 0;
  ElectionRound round;
  quorum::Vote vote;
  // The message received before it that carried this vote: what changed its mind. Nothing for a
  // proposal of its own, or where the capture does not have the message.
  std::optional<RecordIndex> because;
  bool restarted = false;  // the server was started anew before it
};

struct Decision {
  Place place;
  wire::ServerState state = wire::ServerState::kFollowing;
  Sid leader;
  RecordIndex record = 0;  // the message that shows it
};

// A learner's way from its FOLLOWERINFO to UPTODATE, on one connection.
struct Learning {
  StreamIndex stream = 0;
  Sid learner;
  std::optional<Sid> leader;
  bool observer = false;
  std::optional<RecordIndex> info, leader_info, ack_epoch, sync, new_leader, ack, up_to_date;
  wire::PacketType kind = wire::PacketType::kDiff;  // of sync
  bool served = false;  // it answered a PING, as it does after UPTODATE alone

  bool complete() const { return up_to_date || served; }
};

enum class PhaseKind : std::uint8_t { kLooking, kDrain, kDiscovery, kSync };
std::string_view to_string(PhaseKind kind);  // "looking"

struct Phase {
  PhaseKind kind = PhaseKind::kLooking;
  Place from;
  std::optional<Place> to;  // nothing: the capture does not show its end
};

// One server.
struct Tale {
  static constexpr std::size_t kMaxPositions = 64;

  Sid sid;
  bool voter = true;
  Place began;  // its first LOOKING message
  std::vector<Position> positions;
  std::uint64_t more_positions = 0;  // beyond kMaxPositions
  // From here on it knew a quorum for what it proposed, or for the leader that it found.
  std::optional<RecordIndex> quorum;
  std::vector<Sid> quorum_of;
  std::optional<Decision> decision;
  std::vector<Learning> learnings;  // as learner
  std::vector<Phase> phases;
};

struct Election {
  std::size_t number = 0;  // from 1
  // Nobody was elected: servers came, or came back, to a leader that stood already.
  bool join = false;
  Place began;
  Place ended;  // the last message that belongs to it
  std::optional<Sid> leader;
  std::optional<Place> decided;  // when the last of its servers had decided
  ElectionRound first_round, last_round;
  RecordIndex first_record = 0, last_record = 0;
  std::vector<Tale> tales;  // in order of ids

  const Tale* find(Sid sid) const;
  Tale* find(Sid sid);
};

// Elections beyond this are counted, not told.
inline constexpr std::size_t kMaxElections = 500;

}  // namespace zkprobe::analysis
