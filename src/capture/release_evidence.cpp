#include "capture/release_evidence.hpp"

#include <algorithm>

namespace zkprobe::capture {
namespace {

constexpr ReleaseRange kRelease33{{3, 3, 0}, Release{3, 3, 6}};
constexpr ReleaseRange kRelease34{{3, 4, 0}, Release{3, 4, 14}};
constexpr ReleaseRange kUntil345{{3, 4, 0}, Release{3, 4, 5}};
constexpr ReleaseRange kFrom346{{3, 4, 6}, Release{3, 4, 14}};
constexpr ReleaseRange kUntil3414{{3, 3, 0}, Release{3, 4, 14}};
constexpr ReleaseRange kFrom340{{3, 4, 0}, std::nullopt};
constexpr ReleaseRange kFrom350{{3, 5, 0}, std::nullopt};
constexpr ReleaseRange kFrom360{{3, 6, 0}, std::nullopt};

ReleaseRange of_greeting(const wire::InitialMessage& greeting) {
  switch (greeting.form) {
    case wire::GreetingForm::kBareSid:
      return kUntil3414;
    case wire::GreetingForm::kV1:
      return kFrom350;
    case wire::GreetingForm::kV2:
      return kFrom360;
  }
  return {};
}

ReleaseRange of_notification(const SeenNotification& seen) {
  switch (seen.form) {
    case wire::NotificationForm::kBytes28:
      return kRelease33;
    case wire::NotificationForm::kBytes36:
      return kUntil345;
    case wire::NotificationForm::kBytes40:
      return kFrom346;
    case wire::NotificationForm::kConfig:
      return kFrom350;
  }
  return {};
}

// Only a leader writes transactions, and digests with them from 3.6.0 on.
ReleaseRange of_txn(const wire::Txn& txn) { return txn.digest ? kFrom360 : ReleaseRange(); }

ReleaseRange of_learner_info(const wire::LearnerInfo& info) {
  if (!info.protocol_version) return kRelease33;
  return info.config_version ? kFrom350 : kRelease34;
}

ReleaseRange of_packet(const SeenPacket& seen) {
  using wire::PacketType;
  if (const auto* txn = std::get_if<wire::Txn>(&seen.payload)) return of_txn(*txn);
  if (const auto* info = std::get_if<wire::LearnerInfo>(&seen.payload)) {
    return of_learner_info(*info);
  }
  if (const auto* activated = std::get_if<ActivatedTxn>(&seen.payload)) {
    return activated->txn.digest ? kFrom360 : kFrom350;
  }
  if (std::holds_alternative<ConfigText>(seen.payload)) return kFrom350;
  if (std::holds_alternative<Activation>(seen.payload)) return kFrom350;
  const PacketType type = seen.packet.type;
  if (type == PacketType::kLeaderInfo || type == PacketType::kAckEpoch) return kFrom340;
  return {};
}

}  // namespace

std::string to_string(const ReleaseRange& range) {
  if (!range.to) return to_string(range.from) + " or later";
  return to_string(range.from) + " to " + to_string(*range.to);
}

ReleaseRange release_of(const MessageBody& body) {
  if (const auto* greeting = std::get_if<wire::InitialMessage>(&body)) {
    return of_greeting(*greeting);
  }
  if (const auto* seen = std::get_if<SeenNotification>(&body)) return of_notification(*seen);
  if (const auto* seen = std::get_if<SeenPacket>(&body)) return of_packet(*seen);
  return {};
}

void ReleaseEvidence::add(const ReleaseRange& range) {
  const Release from = std::max(range_.from, range.from);
  std::optional<Release> to = range_.to;
  if (range.to) to = to ? std::min(*to, *range.to) : *range.to;
  if (to && *to < from) {
    range_ = range;
  } else {
    range_ = {from, to};
  }
}

}  // namespace zkprobe::capture
