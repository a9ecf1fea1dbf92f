#include "capture/recognise.hpp"

#include <algorithm>
#include <initializer_list>
#include <string_view>

#include "wire/framer.hpp"
#include "wire/initial_message.hpp"
#include "wire/jute.hpp"
#include "wire/quorum_packet.hpp"

namespace zkprobe::capture {
namespace {

// type:int zxid:long and the length of the data.
constexpr std::size_t kPacketHead = 16;

// Callers look at the size first.
std::int32_t int_at(BytesView bytes, std::size_t at) {
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(bytes[at]) << 24 |
                                   static_cast<std::uint32_t>(bytes[at + 1]) << 16 |
                                   static_cast<std::uint32_t>(bytes[at + 2]) << 8 |
                                   static_cast<std::uint32_t>(bytes[at + 3]));
}
std::int64_t long_at(BytesView bytes, std::size_t at) {
  return static_cast<std::int64_t>(
      static_cast<std::uint64_t>(static_cast<std::uint32_t>(int_at(bytes, at))) << 32 |
      static_cast<std::uint32_t>(int_at(bytes, at + 4)));
}

// Yes where the bytes begin with the text, partial where they are a beginning of it.
Match begins_with(BytesView bytes, std::string_view text) {
  const std::size_t n = std::min(bytes.size(), text.size());
  if (!std::equal(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(n), bytes.begin(),
                  [](char a, std::uint8_t b) { return static_cast<std::uint8_t>(a) == b; })) {
    return Match::kNo;
  }
  return n == text.size() ? Match::kYes : Match::kPartial;
}

Match begins_with_any(BytesView bytes, std::initializer_list<std::string_view> texts) {
  Match best = Match::kNo;
  for (const std::string_view text : texts) best = std::max(best, begins_with(bytes, text));
  return best;
}

Match config_text(BytesView bytes) {
  return begins_with_any(bytes, {"server.", "group.", "weight.", "version="});
}

// authinfo as ZooKeeper writes it: null, or a few identities.
bool plausible_authinfo(std::int32_t count) { return count >= -1 && count <= 16; }

// Data of a fixed size, then authinfo.
Match with_authinfo(BytesView bytes, std::size_t data) {
  const std::size_t at = kPacketHead + data;
  if (bytes.size() < at + 4) return Match::kPartial;
  return plausible_authinfo(int_at(bytes, at)) ? Match::kYes : Match::kNo;
}

bool known_txn(std::int32_t type) {
  switch (type) {
    case 1:
    case 2:
    case 5:
    case 7:
    case 13:
    case 14:
    case 15:
    case 16:
    case 19:
    case 20:
    case 21:
    case -1:
    case -10:
    case -11:
      return true;
    default:
      return false;
  }
}

// The header of a transaction at `at` repeats the packet's zxid.
Match txn(BytesView bytes, std::size_t at, std::int32_t length) {
  if (length < static_cast<std::int32_t>(at - kPacketHead) + 32) return Match::kNo;
  if (bytes.size() < at + 32) return Match::kPartial;
  const bool same = long_at(bytes, at + 12) == long_at(bytes, 4);
  return same && known_txn(int_at(bytes, at + 28)) ? Match::kYes : Match::kNo;
}

bool learner_info_length(std::int32_t length) {
  return length == 8 || length == 12 || length == 20;
}

Match request(BytesView bytes, std::int32_t length) {
  if (long_at(bytes, 4) != -1 || length < 16) return Match::kNo;
  if (bytes.size() < kPacketHead + 16) return Match::kPartial;
  const std::int32_t code = int_at(bytes, kPacketHead + 12);
  return code >= -11 && code <= 110 ? Match::kYes : Match::kNo;
}

Match ping(BytesView bytes, std::int32_t length) {
  if (length == -1) return with_authinfo(bytes, 0);
  const auto size = static_cast<std::size_t>(length);
  if (length % 12 != 0 || kPacketHead + size + 4 > kMaxEvidence) return Match::kNo;
  return with_authinfo(bytes, size);
}

Match new_leader(BytesView bytes, std::int32_t length) {
  if (length == -1) return with_authinfo(bytes, 0);
  if (length <= 1) return Match::kNo;
  return config_text(bytes.subspan(kPacketHead));
}

// The type and the length stand there.
Match by_type(BytesView bytes, std::int32_t length) {
  using wire::PacketType;
  const auto fixed = [&](std::int32_t wanted) {
    const std::size_t size = wanted < 0 ? 0 : static_cast<std::size_t>(wanted);
    return length == wanted ? with_authinfo(bytes, size) : Match::kNo;
  };
  switch (static_cast<PacketType>(int_at(bytes, 0))) {
    case PacketType::kRequest:
      return request(bytes, length);
    case PacketType::kProposal:
    case PacketType::kInform:
      return txn(bytes, kPacketHead, length);
    case PacketType::kInformAndActivate:
      return txn(bytes, kPacketHead + 8, length);
    case PacketType::kPing:
      return ping(bytes, length);
    case PacketType::kRevalidate:
      if (long_at(bytes, 4) != -1) return Match::kNo;
      return std::max(fixed(9), fixed(12));
    case PacketType::kCommitAndActivate:
      return fixed(8);
    case PacketType::kNewLeader:
      return new_leader(bytes, length);
    case PacketType::kFollowerInfo:
    case PacketType::kObserverInfo:
      return learner_info_length(length) ? fixed(length) : Match::kNo;
    case PacketType::kLeaderInfo:
    case PacketType::kAckEpoch:
      return fixed(4);
    case PacketType::kAck:
    case PacketType::kCommit:
    case PacketType::kSync:
    case PacketType::kUpToDate:
    case PacketType::kDiff:
    case PacketType::kTrunc:
    case PacketType::kSnap:
      return fixed(-1);
  }
  return Match::kNo;
}

// Whether the bytes so far can be the big-endian long.
Match begins_with_long(BytesView bytes, std::uint64_t value) {
  const std::size_t n = std::min<std::size_t>(bytes.size(), 8);
  for (std::size_t i = 0; i < n; ++i) {
    if (bytes[i] != static_cast<std::uint8_t>(value >> (56 - 8 * i))) return Match::kNo;
  }
  return n == 8 ? Match::kYes : Match::kPartial;
}

}  // namespace

Match match_frame(BytesView bytes) {
  if (bytes.empty()) return Match::kPartial;
  if (bytes[0] != 0) return Match::kNo;  // no frame has 16 MiB
  if (bytes.size() < 8) {
    // Of the length all but the last two bytes are below 0x10 for every release.
    return bytes.size() > 1 && bytes[1] > 0x10 ? Match::kNo : Match::kPartial;
  }
  const std::int32_t length = int_at(bytes, 0);
  const std::int32_t state = int_at(bytes, 4);
  if (state < 0 || state > 3) return Match::kNo;
  if (length == 28 || length == 36 || length == 40) {
    if (bytes.size() < 4 + static_cast<std::size_t>(length)) return Match::kPartial;
    if (length == 40 && int_at(bytes, 40) != 1) return Match::kNo;
    // Rounds are counted from 1.
    const std::int64_t round = long_at(bytes, 24);
    return round >= -1 && round < (std::int64_t{1} << 48) ? Match::kYes : Match::kNo;
  }
  if (length < 44 || length > static_cast<std::int32_t>(wire::kMaxFrameUntil345)) return Match::kNo;
  if (bytes.size() < 48) return Match::kPartial;
  if (int_at(bytes, 40) != 2 || int_at(bytes, 44) != length - 44) return Match::kNo;
  return length == 44 ? Match::kYes : config_text(bytes.subspan(48));
}

Match match_packet(BytesView bytes) {
  for (std::size_t i = 0; i < std::min<std::size_t>(bytes.size(), 3); ++i) {
    if (bytes[i] != 0) return Match::kNo;
  }
  if (bytes.size() >= 4 && (bytes[3] == 0 || bytes[3] > 19)) return Match::kNo;
  if (bytes.size() < kPacketHead) return Match::kPartial;
  const std::int32_t length = int_at(bytes, 12);
  if (length < -1 || length > wire::kJuteMaxField) return Match::kNo;
  return by_type(bytes, length);
}

Match match_learner_info(BytesView bytes) {
  if (bytes.size() >= 4 && int_at(bytes, 0) != 11 && int_at(bytes, 0) != 16) return Match::kNo;
  return match_packet(bytes);
}

Match match_greeting(BytesView bytes) {
  return std::max(begins_with_long(bytes, static_cast<std::uint64_t>(wire::kGreetingV1)),
                  begins_with_long(bytes, static_cast<std::uint64_t>(wire::kGreetingV2)));
}

Match match_tls(BytesView bytes) {
  if (bytes.empty()) return Match::kPartial;
  if (bytes[0] != 0x16 && bytes[0] != 0x15) return Match::kNo;
  if (bytes.size() > 1 && bytes[1] != 0x03) return Match::kNo;
  if (bytes.size() > 2 && bytes[2] > 0x04) return Match::kNo;
  return bytes.size() > 2 ? Match::kYes : Match::kPartial;
}

Match match_sasl(BytesView bytes) { return begins_with_long(bytes, kSaslMagic); }

Found search(BytesView bytes, Match (*match)(BytesView)) {
  Found partial{Match::kNo, bytes.size()};
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    // No message of either port begins with anything else.
    if (bytes[at] != 0) continue;
    const Match here = match(bytes.subspan(at));
    if (here == Match::kYes) return {here, at};
    if (here == Match::kPartial && partial.match == Match::kNo) partial = {here, at};
  }
  return partial;
}

}  // namespace zkprobe::capture
