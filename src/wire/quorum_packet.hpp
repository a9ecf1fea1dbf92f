// The packet of the learner port, and the stream of them.
//   type:int zxid:long data:buffer authinfo:vector<Id{scheme:ustring id:ustring}>
// Without a length in front: the fields themselves say where it ends.
// Java: QuorumPacket (zookeeper.jute), the constants in Leader, LearnerHandler.packetToString.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/ids.hpp"

namespace zkprobe::wire {

enum class PacketType : std::int32_t {
  kRequest = 1,
  kProposal = 2,
  kAck = 3,
  kCommit = 4,
  kPing = 5,
  kRevalidate = 6,
  kSync = 7,
  kInform = 8,
  kCommitAndActivate = 9,
  kNewLeader = 10,
  kFollowerInfo = 11,
  kUpToDate = 12,
  kDiff = 13,
  kTrunc = 14,
  kSnap = 15,
  kObserverInfo = 16,
  kLeaderInfo = 17,
  kAckEpoch = 18,
  kInformAndActivate = 19,
};
std::string_view to_string(PacketType type);  // "PROPOSAL"; "UNKNOWN" for other numbers

// More identities than any client has.
inline constexpr std::int32_t kMaxAuthInfo = 1024;
// A packet that is not complete with so many bytes never becomes one: the largest data, and room
// for the identities.
inline constexpr std::size_t kMaxPacket = 4 * 1'048'576;

struct AuthId {
  std::optional<std::string> scheme;
  std::optional<std::string> id;

  bool operator==(const AuthId&) const = default;
};

struct QuorumPacket {
  PacketType type = PacketType::kPing;  // may hold a number that no constant names
  Zxid zxid;
  std::optional<Bytes> data;
  std::optional<std::vector<AuthId>> authinfo;

  bool operator==(const QuorumPacket&) const = default;
};

Bytes encode(const QuorumPacket& packet);

// One packet from the front of `received`. Nothing: more bytes are needed. An error: what stands
// there can never become a packet, close the connection.
struct PacketAndSize {
  QuorumPacket packet;
  std::size_t size = 0;

  bool operator==(const PacketAndSize&) const = default;
};
Decoded<std::optional<PacketAndSize>> decode_packet(BytesView received);

}  // namespace zkprobe::wire
