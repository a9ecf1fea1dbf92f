// One canonical line per message, for people, for transcripts and for tests. Stable: transcripts
// in fixtures/ are compared with it.
#pragma once

#include <string>

#include "wire/initial_message.hpp"
#include "wire/notification.hpp"
#include "wire/quorum_config.hpp"
#include "wire/quorum_packet.hpp"

namespace zkprobe::wire {

// "greeting V1 sid=3 addresses=127.0.0.1:3888", "greeting V2 sid=3 addresses=a:1|b:2",
// "greeting bare sid=3"
std::string describe(const InitialMessage& message);
// "notification LOOKING leader=3 zxid=0x0 round=0x1 peerEpoch=0x0 version=2 config=0x100000000":
// the configuration by its version; "config=empty" for an empty text, "config=unreadable" where it
// does not parse, nothing where there is none.
std::string describe(const Notification& notification);
// "3 participants (1 2 3), 1 observer (4), majority, version 0x100000000"; in place of majority
// also "oracle" or "hierarchical (1: 1 2; 2: 3 4), weights (1=1 2=1 3=1 4=0)"
std::string describe(const QuorumConfig& config);
// "PROPOSAL zxid=0x100000002 create /a session=0x1000 ..." with the payload that its type has
std::string describe(const QuorumPacket& packet);

}  // namespace zkprobe::wire
