// What the data of a quorum packet holds, by its type.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "wire/learner_info.hpp"
#include "wire/quorum_packet.hpp"
#include "wire/txn.hpp"

namespace zkprobe::capture {

// COMMITANDACTIVATE.
struct Activation {
  Sid designated_leader;
};
// INFORMANDACTIVATE.
struct ActivatedTxn {
  Sid designated_leader;
  wire::Txn txn;
};
// LEADERINFO.
struct LeaderInfo {
  std::int32_t protocol_version = 0;
};
// ACKEPOCH; -1: the epoch was accepted before.
struct AckEpoch {
  std::int32_t current_epoch = 0;
};
// NEWLEADER, 3.5.0 and later.
struct ConfigText {
  std::string text;
};
// A PING's answer.
struct Sessions {
  std::vector<wire::SessionTouch> sessions;
};

// Nothing: the packet has no data, or its type has none that means something.
using Payload = std::variant<std::monostate, wire::Txn, Activation, ActivatedTxn, wire::LearnerInfo,
                             LeaderInfo, AckEpoch, ConfigText, Sessions, wire::SessionTouch,
                             wire::RevalidateAnswer, wire::LearnerRequest>;

// Offsets in errors count from the first byte of the data.
Decoded<Payload> decode_payload(const wire::QuorumPacket& packet);

}  // namespace zkprobe::capture
