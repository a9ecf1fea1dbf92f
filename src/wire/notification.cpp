#include "wire/notification.hpp"

namespace zkprobe::wire {
namespace {

constexpr std::size_t kSize28 = 28;
constexpr std::size_t kSize36 = 36;
constexpr std::size_t kSize40 = 40;
constexpr std::size_t kSizeBeforeText = 44;

constexpr Release kReadsPeerEpoch{3, 4, 0};  // ZOOKEEPER-335
constexpr Release kReadsVersion{3, 4, 6};    // ZOOKEEPER-1808; unknown states are dropped
constexpr Release kReadsConfig{3, 5, 0};     // ZOOKEEPER-107

// 3.4.6 to 3.4.14 take the version where there are four bytes for it; the configuration is not for
// them.
void read_version(Reader& in, Notification& n) {
  if (in.remaining() >= 4) n.version = in.i32("version");
}

// 3.5.0 and later. A message of exactly 40 bytes counts as version 0, whatever its version says.
void read_version_and_config(Reader& in, Notification& n, std::size_t message_size) {
  if (message_size == kSize40) return;
  n.version = in.i32("version");
  if (n.version <= 1) return;
  const std::int32_t length = in.i32("configLength");
  if (length < 0 || static_cast<std::size_t>(length) > in.remaining()) {
    in.fail(DecodeFault::kOutOfRange, "configLength", kSize40,
            "0.." + std::to_string(in.remaining()), std::to_string(length));
    return;
  }
  n.config = in.text(static_cast<std::size_t>(length), "config");
}

void read_state(Reader& in, Notification& n, std::int32_t state, Release release) {
  if (state >= 0 && state <= static_cast<std::int32_t>(ServerState::kObserving)) {
    n.state = static_cast<ServerState>(state);
  } else if (release >= kReadsVersion) {
    in.fail(DecodeFault::kOutOfRange, "state", 0, "0..3", std::to_string(state));
  }  // Earlier releases take it for LOOKING.
}

}  // namespace

std::string_view to_string(ServerState state) {
  switch (state) {
    case ServerState::kLooking:
      return "LOOKING";
    case ServerState::kFollowing:
      return "FOLLOWING";
    case ServerState::kLeading:
      return "LEADING";
    case ServerState::kObserving:
      return "OBSERVING";
  }
  return "UNKNOWN";
}

std::string_view to_string(NotificationForm form) {
  switch (form) {
    case NotificationForm::kBytes28:
      return "28";
    case NotificationForm::kBytes36:
      return "36";
    case NotificationForm::kBytes40:
      return "40";
    case NotificationForm::kConfig:
      return "v2";
  }
  return "unknown";
}

Bytes encode(const Notification& notification, NotificationForm form) {
  Writer writer;
  writer.i32(static_cast<std::int32_t>(notification.state));
  writer.i64(notification.leader.value);
  writer.i64(notification.zxid.value);
  writer.i64(notification.election_epoch.value);
  if (form == NotificationForm::kBytes28) return writer.take();
  writer.i64(notification.peer_epoch.value);
  if (form == NotificationForm::kBytes36) return writer.take();
  if (form == NotificationForm::kBytes40) {
    writer.i32(1);
    return writer.take();
  }
  const std::string text = notification.config.value_or("");
  writer.i32(2);
  writer.i32(static_cast<std::int32_t>(text.size()));
  writer.text(text);
  return writer.take();
}

Decoded<Notification> decode_notification(BytesView payload, const Dialect& reader) {
  const Release release = reader.lenient ? kNewestRelease : reader.release;
  Reader in(payload);
  if (payload.size() < kSize28) {
    in.fail(DecodeFault::kTruncated, "notification", 0, "at least 28 bytes",
            std::to_string(payload.size()));
    return DecodeFailure(*in.error());
  }
  Notification n;
  const std::int32_t state = in.i32("state");
  n.leader = Sid(in.i64("leader"));
  n.zxid = Zxid(in.i64("zxid"));
  n.election_epoch = ElectionRound(in.i64("electionEpoch"));
  if (payload.size() == kSize28) {
    if (release >= kReadsPeerEpoch) n.peer_epoch = epoch_of(n.zxid);
  } else if (release >= kReadsPeerEpoch) {
    n.peer_epoch = PeerEpoch(in.i64("peerEpoch"));
    if (release >= kReadsConfig) {
      const bool only_peer_epoch = reader.lenient && payload.size() == kSize36;
      if (!only_peer_epoch) read_version_and_config(in, n, payload.size());
    } else if (release >= kReadsVersion) {
      read_version(in, n);
    }
  }
  read_state(in, n, state, release);
  return in.finish(std::move(n));
}

std::optional<NotificationForm> form_of(BytesView payload) {
  if (payload.size() == kSize28) return NotificationForm::kBytes28;
  if (payload.size() == kSize36) return NotificationForm::kBytes36;
  if (payload.size() == kSize40) return NotificationForm::kBytes40;
  if (payload.size() < kSizeBeforeText) return std::nullopt;
  Reader version(payload.subspan(kSize36));
  if (version.i32("version") <= 1) return std::nullopt;
  return NotificationForm::kConfig;
}

}  // namespace zkprobe::wire
