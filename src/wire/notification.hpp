// A vote on the wire: the payload of a frame on the election port.
//
//   0  state:int   4 leader:long   12 zxid:long   20 electionEpoch:long        28 bytes: 3.3
//   28 peerEpoch:long                                                          36: 3.4.0 to 3.4.5
//   36 version:int (1)                                                         40: 3.4.6 to 3.4.14
//   36 version:int (2)  40 configLength:int  44 configuration text            44+n: 3.5.0 and later
//
// Java: FastLeaderElection.buildMsg, FastLeaderElection.Messenger.WorkerReceiver.run.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "wire/dialect.hpp"

namespace zkprobe::wire {
// clang-format off
enum class ServerState : std::int32_t { kLooking = 0, kFollowing = 1, kLeading = 2, kObserving = 3 };
std::string_view to_string(ServerState state);  // "LOOKING"
// clang-format on
struct Notification {
  ServerState state = ServerState::kLooking;
  Sid leader;
  Zxid zxid;
  ElectionRound election_epoch;
  PeerEpoch peer_epoch;
  // 0 where the bytes have none, or where the reader does not look (40 bytes in 3.5 and later).
  std::int32_t version = 0;
  // The configuration text, unparsed, when version > 1 and it is there.
  std::optional<std::string> config;

  bool operator==(const Notification&) const = default;
};

// The bytes that a server with this form writes. kBytes40 writes version 1, kConfig version 2 and
// the text (empty when there is none).
Bytes encode(const Notification& notification, NotificationForm form);

// Reads a payload as `reader` does. An error means: that release ignores the message (or its
// receiver thread dies of it, which ours does not). A reader with `lenient` is the newest release,
// and takes 36 bytes too. For a sender that is no voter, releases up to 3.4.14 answer before they
// look at a byte; later ones answer it when the only fault is the state (error().field == "state",
// which is looked at last).
Decoded<Notification> decode_notification(BytesView payload, const Dialect& reader);

// Which generation wrote these bytes: what a probe learns from an answer's length.
std::optional<NotificationForm> form_of(BytesView payload);
std::string_view to_string(NotificationForm form);  // "28", "36", "40", "v2"

}  // namespace zkprobe::wire
