#include "capture/side_reader.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "wire/framer.hpp"
#include "wire/jute.hpp"

namespace zkprobe::capture {
namespace {

constexpr std::size_t kFrameHead = 4;
constexpr std::size_t kPacketHead = 16;  // type, zxid, length of the data
constexpr std::size_t kSmallestPacket = 20;
constexpr std::size_t kShown = 64;  // bytes of what is malformed
constexpr std::size_t kKeepCapacity = 512;

constexpr wire::Dialect kLenient{kNewestRelease, true, true};

std::int32_t int_at(BytesView bytes, std::size_t at) {
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(bytes[at]) << 24 |
                                   static_cast<std::uint32_t>(bytes[at + 1]) << 16 |
                                   static_cast<std::uint32_t>(bytes[at + 2]) << 8 |
                                   static_cast<std::uint32_t>(bytes[at + 3]));
}

DecodeError moved(DecodeError error, std::size_t by) {
  error.offset += by;
  return error;
}

bool known_type(std::int32_t type) {
  return wire::to_string(static_cast<wire::PacketType>(type)) != "UNKNOWN";
}

// How many bytes a packet needs at least, from its lengths; nothing is copied. Lengths that are
// refused count as none: the decoder says what is wrong with them.
std::size_t packet_size(BytesView bytes) {
  if (bytes.size() < kPacketHead) return kSmallestPacket;
  const auto length_at = [&](std::size_t at) {
    const std::int32_t length = int_at(bytes, at);
    return length < 0 || length > wire::kJuteMaxField ? 0 : static_cast<std::size_t>(length);
  };
  std::size_t at = kPacketHead + length_at(kPacketHead - 4);
  if (bytes.size() < at + 4) return at + 4;
  const std::int32_t count = std::clamp(int_at(bytes, at), 0, wire::kMaxAuthInfo);
  at += 4;
  for (std::int32_t i = 0; i < 2 * count; ++i) {
    if (bytes.size() < at + 4) return at + 4;
    at += 4 + length_at(at);
  }
  return at;
}

}  // namespace

SideReader::~SideReader() {
  drop(pending_.size());
  if (snapshot_) budget_->give_back(kMaxSnapshotText);
}

void SideReader::bytes(const Place& place, BytesView bytes) {
  place_ = place;
  if (step_ == Step::kDeaf) {
    offset_ += bytes.size();
    return;
  }
  const auto skipped = static_cast<std::size_t>(std::min<std::uint64_t>(skip_, bytes.size()));
  skip_ -= skipped;
  offset_ += skipped;
  bytes = bytes.subspan(skipped);
  if (step_ == Step::kWaiting) {
    if (!keep(bytes)) return;
    if (marks_.size() == kMaxMarks) marks_.pop_back();
    marks_.push_back({offset_ + pending_.size(), place});
    return;
  }
  if (pending_.empty()) {
    const std::size_t used = run(bytes);
    if (step_ != Step::kDeaf) keep(bytes.subspan(used));
    return;
  }
  if (!keep(bytes) || pending_.size() < want_) return;
  drop(run(pending_));
}

void SideReader::become(Step step, const Place& place) {
  step_ = step;
  place_ = place;
  want_ = 0;
  if (step_ == Step::kDeaf) {
    offset_ += pending_.size();
    drop(pending_.size());
  } else {
    drop(run(pending_));
  }
  marks_.clear();
  marks_.shrink_to_fit();
}

std::size_t SideReader::run(BytesView view) {
  std::size_t used = 0;
  while (used < view.size()) {
    const Step before = step_;
    want_ = 0;
    const std::size_t now = take(view.subspan(used));
    used += now;
    offset_ += now;
    if (now == 0 && step_ == before) break;
  }
  return used;
}

std::size_t SideReader::take(BytesView view) {
  switch (step_) {
    case Step::kGreeting:
      return take_greeting(view);
    case Step::kFrames:
      return take_frame(view);
    case Step::kPackets:
      return take_packet(view);
    case Step::kSnapshot:
      return take_snapshot(view);
    case Step::kFindFrame:
      return find(view, match_frame, Step::kFrames);
    case Step::kFindPacket:
      return find(view, match_packet, Step::kPackets);
    case Step::kFindSignature:
      return find_signature(view);
    case Step::kWaiting:
    case Step::kDeaf:
      break;
  }
  return 0;
}

std::size_t SideReader::take_greeting(BytesView view) {
  auto greeting = wire::decode_greeting(view, kLenient);
  if (greeting && !*greeting) return 0;
  step_ = Step::kFrames;
  if (greeting) {
    const std::size_t size = (*greeting)->size;
    emit(view.first(size), std::move((*greeting)->message));
    return size;
  }
  // An address that cannot be read has a length that can.
  if (greeting.error().field != "address") {
    return lose_place(view, "greeting", greeting.error(), Step::kFindFrame);
  }
  const std::size_t size = 20 + static_cast<std::size_t>(int_at(view, 16));
  emit(view.first(size), Malformed{"greeting", greeting.error(), {}});
  return size;
}

std::size_t SideReader::take_sasl(BytesView view) {
  want_ = kSaslHeader;
  if (view.size() < want_) return 0;
  const std::int32_t length = int_at(view, 12);
  if (length < -1 || length > kMaxSaslToken) {
    return lose_place(view, step_ == Step::kPackets ? "packet" : "frame",
                      {DecodeFault::kOutOfRange, "token", 12,
                       "-1.." + std::to_string(kMaxSaslToken), std::to_string(length)},
                      step_ == Step::kPackets ? Step::kFindPacket : Step::kFindFrame);
  }
  want_ = kSaslHeader + (length < 0 ? 0 : static_cast<std::size_t>(length));
  if (view.size() < want_) return 0;
  out_->on_sasl();
  return want_;
}

std::size_t SideReader::take_frame(BytesView view) {
  want_ = kFrameHead;
  if (view.size() < want_) return 0;
  const Match sasl = match_sasl(view);
  if (sasl == Match::kYes) return take_sasl(view);
  if (sasl == Match::kPartial) return 0;
  const std::int32_t length = int_at(view, 0);
  if (length <= 0 || static_cast<std::size_t>(length) > wire::kMaxFrameUntil345) {
    return lose_place(view, "frame",
                      {DecodeFault::kOutOfRange, "length", 0,
                       "1.." + std::to_string(wire::kMaxFrameUntil345), std::to_string(length)},
                      Step::kFindFrame);
  }
  want_ = kFrameHead + static_cast<std::size_t>(length);
  if (view.size() < want_) return 0;
  const BytesView bytes = view.first(want_);
  const BytesView payload = bytes.subspan(kFrameHead);
  auto notification = wire::decode_notification(payload, kLenient);
  const auto form = wire::form_of(payload);
  if (!notification) {
    emit(bytes, Malformed{"notification", moved(notification.error(), kFrameHead), {}});
  } else if (!form) {
    emit(bytes, Malformed{"notification",
                          {DecodeFault::kMalformed, "notification", kFrameHead,
                           "28, 36, 40 or at least 44 bytes with version 2",
                           std::to_string(payload.size()) + " bytes"},
                          {}});
  } else {
    SeenNotification seen{std::move(*notification), *form, std::nullopt};
    if (payload.size() >= 40) seen.version = int_at(payload, 36);
    emit(bytes, std::move(seen));
  }
  return want_;
}

std::size_t SideReader::take_packet(BytesView view) {
  want_ = 4;
  if (view.size() < want_) return 0;
  const Match sasl = match_sasl(view);
  if (sasl == Match::kYes) return take_sasl(view);
  if (sasl == Match::kPartial) return 0;
  const std::int32_t type = int_at(view, 0);
  if (!known_type(type)) {
    return lose_place(view, "packet",
                      {DecodeFault::kMalformed, "type", 0, "1..19", std::to_string(type)},
                      Step::kFindPacket);
  }
  const std::size_t size = packet_size(view);
  if (view.size() < size && size <= wire::kMaxPacket) {
    want_ = size;
    return 0;
  }
  auto decoded = wire::decode_packet(view);
  if (!decoded) return lose_place(view, "packet", decoded.error(), Step::kFindPacket);
  if (!*decoded) {
    want_ = view.size() + 1;
    return 0;
  }
  auto& [packet, used] = **decoded;
  const BytesView bytes = view.first(used);
  auto payload = decode_payload(packet);
  if (!payload) {
    emit(bytes, Malformed{"payload", moved(payload.error(), kPacketHead), packet.type});
    return used;
  }
  SeenPacket seen{std::move(packet), std::move(*payload), std::nullopt};
  if (seen.packet.type == wire::PacketType::kSnap) return begin_snapshot(std::move(seen), bytes);
  emit(bytes, std::move(seen));
  return used;
}

std::size_t SideReader::begin_snapshot(SeenPacket packet, BytesView bytes) {
  if (bytes.size() > kMaxSnapshotText || !budget_->take(kMaxSnapshotText)) {
    packet.snapshot = SeenSnapshot();
    emit(bytes, std::move(packet));
    step_ = Step::kFindSignature;
    return bytes.size();
  }
  wire::SnapshotLimits limits;
  limits.max_string = kMaxSnapshotText;
  snapshot_ = std::make_unique<Snapshot>(Snapshot{wire::SnapshotReader(limits), std::move(packet),
                                                  Bytes(bytes.begin(), bytes.end()), offset_});
  step_ = Step::kSnapshot;
  return bytes.size();
}

std::size_t SideReader::take_snapshot(BytesView view) {
  wire::SnapshotSink nothing;
  const auto used = snapshot_->reader.feed(view, nothing);
  if (!used) {
    end_snapshot(false);
    return lose_place(view, "snapshot", used.error(), Step::kFindSignature);
  }
  if (snapshot_->reader.done()) {
    offset_ += *used;  // the message ends here: its place is found by its end
    end_snapshot(true);
    offset_ -= *used;
    step_ = Step::kPackets;
  }
  return *used;
}

// SNAP counts as one message with its stream; it comes out when the stream ends.
void SideReader::end_snapshot(bool complete) {
  const std::unique_ptr<Snapshot> snapshot = std::move(snapshot_);
  budget_->give_back(kMaxSnapshotText);
  snapshot->packet.snapshot = SeenSnapshot{snapshot->reader.counts(), complete};
  out_->on_body(place_of(offset_), snapshot->offset, snapshot->bytes,
                MessageBody(std::move(snapshot->packet)));
}

std::size_t SideReader::find(BytesView view, Match (*match)(BytesView), Step then) {
  const Found found = search(view, match);
  if (found.at > 0) out_->on_skipped(found.at);
  if (found.match == Match::kYes) step_ = then;
  return found.at;
}

std::size_t SideReader::find_signature(BytesView view) {
  static constexpr std::string_view kEnd(
      "\0\0\0\x0a"
      "BenWasHere",
      14);
  const auto found =
      std::search(view.begin(), view.end(), kEnd.begin(), kEnd.end(),
                  [](std::uint8_t a, char b) { return a == static_cast<std::uint8_t>(b); });
  std::size_t used = view.size() - std::min(view.size(), kEnd.size() - 1);
  if (found != view.end()) {
    used = static_cast<std::size_t>(found - view.begin()) + kEnd.size();
    step_ = Step::kPackets;
  }
  if (used > 0) out_->on_skipped(used);
  return used;
}

std::size_t SideReader::lose_place(BytesView view, std::string_view what, DecodeError error,
                                   Step then) {
  emit(view.first(std::min(view.size(), kShown)), Malformed{what, std::move(error), {}});
  step_ = then;
  out_->on_skipped(1);
  return 1;
}

std::uint64_t SideReader::rest_of_message() const {
  if (skip_ > 0) return skip_;
  std::size_t size = 0;
  if (step_ == Step::kFrames && pending_.size() >= kFrameHead) size = want_;
  if (step_ == Step::kPackets && pending_.size() >= kPacketHead) size = packet_size(pending_) - 4;
  return size > pending_.size() ? size - pending_.size() : 0;
}

void SideReader::gap(const Place& place, const Gap& gap) {
  place_ = place;
  if (step_ == Step::kDeaf) {
    offset_ += gap.bytes;
    return;
  }
  const std::uint64_t rest = rest_of_message();
  if (step_ == Step::kSnapshot) end_snapshot(false);
  if (!pending_.empty()) out_->on_skipped(pending_.size());
  offset_ += pending_.size();
  drop(pending_.size());
  if (step_ != Step::kWaiting) out_->on_body(place, offset_, {}, MessageBody(gap));
  offset_ += gap.bytes;
  skip_ = rest > gap.bytes ? rest - gap.bytes : 0;
  const bool in_place = rest >= gap.bytes && rest > 0;
  want_ = 0;
  switch (step_) {
    case Step::kGreeting:
      step_ = Step::kFindFrame;
      break;
    case Step::kFrames:
      step_ = in_place ? Step::kFrames : Step::kFindFrame;
      break;
    case Step::kPackets:
      step_ = Step::kFindPacket;
      break;  // the identities have no known size
    case Step::kSnapshot:
      step_ = Step::kFindSignature;
      break;
    case Step::kFindFrame:
    case Step::kFindPacket:
    case Step::kFindSignature:
    case Step::kWaiting:
    case Step::kDeaf:
      break;
  }
}

void SideReader::close(const Place& place) {
  place_ = place;
  if (step_ == Step::kSnapshot) end_snapshot(false);
  const bool reading =
      step_ == Step::kGreeting || step_ == Step::kFrames || step_ == Step::kPackets;
  if (reading && !pending_.empty()) out_->on_unfinished();
  drop(pending_.size());
  step_ = Step::kDeaf;
}

bool SideReader::keep(BytesView bytes) {
  if (bytes.empty()) return true;
  if (!budget_->take(bytes.size())) {
    give_up(bytes.size());
    return false;
  }
  pending_.insert(pending_.end(), bytes.begin(), bytes.end());
  return true;
}

// No memory is left: what waits and what came are dropped as if they had been lost.
void SideReader::give_up(std::size_t came) {
  const Gap lost{pending_.size() + came, GapReason::kBounded};
  drop(pending_.size());
  gap(place_, lost);
}

void SideReader::drop(std::size_t bytes) {
  budget_->give_back(bytes);
  pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(bytes));
  // What grew for one long message is given back.
  if (pending_.capacity() > kKeepCapacity && pending_.capacity() / 4 > pending_.size()) {
    Bytes(pending_).swap(pending_);
  }
}

void SideReader::drop_kept(std::size_t bytes) {
  offset_ += bytes;
  drop(bytes);
}

void SideReader::emit(BytesView bytes, const MessageBody& body) {
  out_->on_body(place_of(offset_ + bytes.size()), offset_, bytes, body);
}

Place SideReader::place_of(std::uint64_t end) const {
  for (const Mark& mark : marks_) {
    if (mark.end >= end) return mark.place;
  }
  return place_;
}

}  // namespace zkprobe::capture
