#include "capture/payload.hpp"

#include <algorithm>
#include <utility>

namespace zkprobe::capture {
namespace {

constexpr std::size_t kRevalidateAnswerSize = 9;

// The value as a payload, or its error.
template <class T>
Decoded<Payload> pass(Decoded<T> decoded) {
  if (!decoded) return DecodeFailure(std::move(decoded.error()));
  return Payload(std::move(*decoded));
}

Decoded<Payload> activated_txn(BytesView data) {
  const std::size_t head = std::min<std::size_t>(8, data.size());
  const auto leader = wire::decode_long(data.first(head), "designatedLeader");
  if (!leader) return DecodeFailure(leader.error());
  auto txn = wire::decode_txn(data.subspan(head), head);
  if (!txn) return DecodeFailure(std::move(txn.error()));
  return Payload(ActivatedTxn{Sid(*leader), std::move(*txn)});
}

template <class T>
Decoded<Payload> number(BytesView data, std::string_view field) {
  const auto value = wire::decode_int(data, field);
  if (!value) return DecodeFailure(value.error());
  return Payload(T{*value});
}

Decoded<Payload> activation(BytesView data) {
  const auto leader = wire::decode_long(data, "designatedLeader");
  if (!leader) return DecodeFailure(leader.error());
  return Payload(Activation{Sid(*leader)});
}

Decoded<Payload> sessions(BytesView data) {
  auto touches = wire::decode_session_touches(data);
  if (!touches) return DecodeFailure(std::move(touches.error()));
  return Payload(Sessions{std::move(*touches)});
}

}  // namespace

Decoded<Payload> decode_payload(const wire::QuorumPacket& packet) {
  using wire::PacketType;
  const BytesView data = packet.data ? BytesView(*packet.data) : BytesView();
  switch (packet.type) {
    case PacketType::kProposal:
    case PacketType::kInform:
      return pass(wire::decode_txn(data));
    case PacketType::kCommitAndActivate:
      return activation(data);
    case PacketType::kInformAndActivate:
      return activated_txn(data);
    case PacketType::kFollowerInfo:
    case PacketType::kObserverInfo:
      // Java gives a learner without data an id of its own counting.
      if (!packet.data) break;
      return pass(wire::decode_learner_info(data));
    case PacketType::kLeaderInfo:
      return number<LeaderInfo>(data, "protocolVersion");
    case PacketType::kAckEpoch:
      return number<AckEpoch>(data, "currentEpoch");
    case PacketType::kNewLeader:
      if (data.size() <= 1) break;
      return Payload(ConfigText{zkprobe::to_text(data)});
    case PacketType::kPing:
      if (!packet.data) break;
      return sessions(data);
    case PacketType::kRevalidate:
      if (data.size() == kRevalidateAnswerSize) return pass(wire::decode_revalidate_answer(data));
      return pass(wire::decode_revalidate_request(data));
    case PacketType::kRequest:
      return pass(wire::decode_learner_request(data));
    case PacketType::kAck:
    case PacketType::kCommit:
    case PacketType::kSync:
    case PacketType::kUpToDate:
    case PacketType::kDiff:
    case PacketType::kTrunc:
    case PacketType::kSnap:
      break;
  }
  return Payload();
}

}  // namespace zkprobe::capture
