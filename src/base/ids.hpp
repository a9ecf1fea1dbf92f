// The numbers that servers call each other and their progress by. Each is a 64-bit signed integer
// on the wire and compares as Java compares longs, so a zxid of Long.MIN_VALUE is below all others.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>

namespace zkprobe {

template <class Tag>
struct StrongId {
  std::int64_t value = 0;

  constexpr StrongId() = default;
  constexpr explicit StrongId(std::int64_t v) : value(v) {}
  constexpr auto operator<=>(const StrongId&) const = default;

  // Java's Long.MIN_VALUE: what a peer proposes that must never win (an observer).
  static constexpr StrongId min() { return StrongId(std::numeric_limits<std::int64_t>::min()); }
};

// A server's id ("myid"); any long. QuorumPeer.OBSERVER_ID stands for "an observer without an id".
using Sid = StrongId<struct SidTag>;
inline constexpr Sid kObserverId{std::numeric_limits<std::int64_t>::max()};

// A transaction's id: the leader's epoch in the high 32 bits, a counter in the low 32.
using Zxid = StrongId<struct ZxidTag>;
// The epoch of the leader that a vote speaks for (currentEpoch file).
using PeerEpoch = StrongId<struct PeerEpochTag>;
// The round of an election (Java: logicalclock, electionEpoch).
using ElectionRound = StrongId<struct ElectionRoundTag>;
// The version of a quorum configuration: a zxid, or 0 for the one in the file.
using ConfigVersion = StrongId<struct ConfigVersionTag>;

// ZxidUtils.getEpochFromZxid: an arithmetic shift.
constexpr PeerEpoch epoch_of(Zxid zxid) { return PeerEpoch(zxid.value >> 32); }
constexpr std::int64_t counter_of(Zxid zxid) { return zxid.value & 0xffffffffL; }
constexpr Zxid make_zxid(PeerEpoch epoch, std::int64_t counter) {
  return Zxid(static_cast<std::int64_t>(static_cast<std::uint64_t>(epoch.value) << 32 |
                                        (static_cast<std::uint64_t>(counter) & 0xffffffffU)));
}
// The one after it in Java's arithmetic of longs: after Long.MAX_VALUE comes Long.MIN_VALUE, and a
// counter that is full runs over into the epoch.
constexpr Zxid next(Zxid zxid) {
  return Zxid(static_cast<std::int64_t>(static_cast<std::uint64_t>(zxid.value) + 1));
}

// "0x100000002": as a 64-bit pattern, lower case, without padding (Java: Long.toHexString).
std::string to_hex(std::int64_t value);
template <class Tag>
std::string to_hex(StrongId<Tag> id) {
  return to_hex(id.value);
}
template <class Tag>
std::string to_string(StrongId<Tag> id) {
  return std::to_string(id.value);
}

}  // namespace zkprobe

template <class Tag>
struct std::hash<zkprobe::StrongId<Tag>> {
  std::size_t operator()(zkprobe::StrongId<Tag> id) const noexcept {
    return std::hash<std::int64_t>{}(id.value);
  }
};
