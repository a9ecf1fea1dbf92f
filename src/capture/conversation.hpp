// What two servers say to each other on one TCP stream.
//
// A stream is recognised by its bytes:
//   election  a greeting, or a frame with a notification where the stream begins in the middle
//   learner   FOLLOWERINFO or OBSERVERINFO, or any packet of learner traffic in the middle
//   TLS       a handshake record; its messages stay hidden
//   other     whatever else: nothing is kept of it
// and then cut into messages with the decoders of wire/. After a gap or bytes that nobody writes,
// the next message is looked for; what was skipped is counted.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "capture/payload.hpp"
#include "capture/stream_table.hpp"
#include "wire/initial_message.hpp"
#include "wire/notification.hpp"
#include "wire/quorum_packet.hpp"
#include "wire/snapshot_stream.hpp"

namespace zkprobe::capture {

enum class Protocol : std::uint8_t { kUnknown, kElection, kLearner, kTls, kOther };
std::string_view to_string(Protocol protocol);  // "election"

// A vote, and what its bytes say that no release's reader keeps.
struct SeenNotification {
  wire::Notification notification;
  wire::NotificationForm form = wire::NotificationForm::kConfig;
  // The version as written, also in 40 bytes, where 3.5 and later do not look.
  std::optional<std::int32_t> version;
};

// The stream behind SNAP.
struct SeenSnapshot {
  wire::SnapshotCounts counts;
  bool complete = false;  // its signature was seen
};

struct SeenPacket {
  wire::QuorumPacket packet;
  Payload payload;
  std::optional<SeenSnapshot> snapshot;  // of SNAP, which counts as one message with its stream
};

// Bytes of a stream that the capture does not have.
struct Gap {
  std::uint64_t bytes = 0;
  GapReason reason = GapReason::kLost;
};

// Bytes that are no message, or a message whose content no release writes.
struct Malformed {
  std::string_view what;  // "greeting", "frame", "notification", "packet", "payload", "snapshot"
  DecodeError error;      // its offset counts from the message's first byte
  wire::PacketType packet_type{};  // of "payload"
};

using MessageBody =
    std::variant<wire::InitialMessage, SeenNotification, SeenPacket, Gap, Malformed>;

struct Conversation {
  const StreamInfo* stream = nullptr;
  Protocol protocol = Protocol::kUnknown;
  std::optional<Sid> sids[2];  // by Side: what is known so far

  std::optional<Sid> sid(Side side) const { return sids[static_cast<std::size_t>(side)]; }
};

// One message. Views are valid during the call.
struct Message {
  const Conversation& conversation;
  Side from = Side::kDialler;
  Place place;               // the packet that holds its last byte
  std::uint64_t offset = 0;  // of its first byte in this direction of the stream
  BytesView bytes;           // as they were on the wire; of SNAP without its stream
  const MessageBody& body;

  std::optional<Sid> src_sid() const { return conversation.sid(from); }
  std::optional<Sid> dst_sid() const { return conversation.sid(other(from)); }
  const Endpoint& src() const { return conversation.stream->at(from); }
  const Endpoint& dst() const { return conversation.stream->at(other(from)); }
};

// Counted besides the messages.
struct ConversationCounts {
  std::uint64_t streams[5] = {};    // by Protocol; those that are still unknown when they end too
  std::uint64_t messages = 0;       // without gaps
  std::uint64_t sasl_packets = 0;   // of the exchange behind a greeting or before a LearnerInfo
  std::uint64_t unfinished = 0;     // messages that the end of their stream cut off
  std::uint64_t skipped_bytes = 0;  // between a gap, or bytes nobody writes, and the next message
};

// What a reader of captures gets, in order.
class MessageSink {
 public:
  virtual ~MessageSink() = default;
  virtual void on_message(const Message& message) = 0;
  // A stream's first packet, whatever it will turn out to carry.
  virtual void on_open(const StreamInfo& /*stream*/) {}
  // Its last one. `conversation.protocol` says what it was.
  virtual void on_close(const Conversation& /*conversation*/, const Place& /*place*/,
                        CloseReason /*reason*/) {}
};

}  // namespace zkprobe::capture
