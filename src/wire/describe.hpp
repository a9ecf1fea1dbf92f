// One canonical line per message, for people, for transcripts and for tests. Stable: transcripts
// in fixtures/ are compared with it.
#pragma once

#include <string>

#include "wire/initial_message.hpp"
#include "wire/notification.hpp"
#include "wire/quorum_config.hpp"
#include "wire/quorum_packet.hpp"

namespace zkprobe::wire {

// "greeting V1 sid=3 addresses=127.0.0.1:3888"
std::string describe(const InitialMessage& message);
// "notification LOOKING leader=3 zxid=0x0 round=0x1 peerEpoch=0x0 version=2 config=0x100000000"
std::string describe(const Notification& notification);
// "3 participants (1 2 3), 1 observer (4), majority, version 0x100000000"
std::string describe(const QuorumConfig& config);
// "PROPOSAL zxid=0x100000002 create /a session=0x1000 ..." with the payload that its type has
std::string describe(const QuorumPacket& packet);

}  // namespace zkprobe::wire
