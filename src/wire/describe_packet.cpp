#include <algorithm>

#include "wire/describe.hpp"
#include "wire/learner_info.hpp"
#include "wire/txn.hpp"

namespace zkprobe::wire {
namespace {

std::string malformed(const DecodeError& error, std::size_t size) {
  return " malformed (" + std::to_string(size) + " bytes): " + to_string(error);
}

std::string describe_txn(BytesView payload, std::size_t base_offset) {
  const auto txn = decode_txn(payload, base_offset);
  return txn ? " " + describe(*txn) : malformed(txn.error(), payload.size());
}

std::string describe_learner_info(BytesView data) {
  const auto info = decode_learner_info(data);
  if (!info) return malformed(info.error(), data.size());
  std::string text = " sid=" + to_string(info->sid);
  if (info->protocol_version) text += " protocol=" + to_hex(*info->protocol_version);
  if (info->config_version) text += " config=" + to_hex(*info->config_version);
  return text;
}

std::string describe_config(BytesView data) {
  if (data.empty()) return "";
  const auto config = parse_quorum_config(zkprobe::to_text(data));
  return config ? " config: " + describe(*config) : malformed(config.error(), data.size());
}

std::string describe_activation(BytesView data) {
  const auto leader = decode_long(data.first(std::min<std::size_t>(8, data.size())), "leader");
  if (!leader) return malformed(leader.error(), data.size());
  std::string text = " leader=" + std::to_string(*leader);
  if (data.size() > 8) text += describe_txn(data.subspan(8), 8);
  return text;
}

std::string describe_ping(const QuorumPacket& packet, BytesView data) {
  if (!packet.data) return "";
  const auto sessions = decode_session_touches(data);
  return sessions ? " sessions=" + std::to_string(sessions->size())
                  : malformed(sessions.error(), data.size());
}

std::string describe_revalidate(BytesView data) {
  if (data.size() == 9) {
    const auto answer = decode_revalidate_answer(data);
    return " session=" + to_hex(answer->session) + (answer->valid ? " valid" : " expired");
  }
  const auto request = decode_revalidate_request(data);
  if (!request) return malformed(request.error(), data.size());
  return " session=" + to_hex(request->session) +
         " timeout=" + std::to_string(request->timeout_ms) + "ms";
}

std::string describe_request(BytesView data) {
  const auto request = decode_learner_request(data);
  if (!request) return malformed(request.error(), data.size());
  return " session=" + to_hex(request->session) + " cxid=" + std::to_string(request->cxid) +
         " type=" + std::to_string(request->type) + " body=" + std::to_string(request->body.size());
}

std::string describe_int(BytesView data, std::string_view field, bool hex) {
  const auto value = decode_int(data, field);
  if (!value) return malformed(value.error(), data.size());
  return " " + std::string(field) + "=" + (hex ? to_hex(*value) : std::to_string(*value));
}

std::string describe_payload(const QuorumPacket& packet) {
  const BytesView data = packet.data ? BytesView(*packet.data) : BytesView();
  switch (packet.type) {
    case PacketType::kProposal:
    case PacketType::kInform:
      return describe_txn(data, 0);
    case PacketType::kCommitAndActivate:
    case PacketType::kInformAndActivate:
      return describe_activation(data);
    case PacketType::kFollowerInfo:
    case PacketType::kObserverInfo:
      return describe_learner_info(data);
    case PacketType::kLeaderInfo:
      return describe_int(data, "protocol", true);
    case PacketType::kAckEpoch:
      return describe_int(data, "currentEpoch", false);
    case PacketType::kNewLeader:
      return describe_config(data);
    case PacketType::kPing:
      return describe_ping(packet, data);
    case PacketType::kRevalidate:
      return describe_revalidate(data);
    case PacketType::kRequest:
      return describe_request(data);
    case PacketType::kAck:
    case PacketType::kCommit:
    case PacketType::kSync:
    case PacketType::kUpToDate:
    case PacketType::kDiff:
    case PacketType::kTrunc:
    case PacketType::kSnap:
      break;
  }
  return data.empty() ? "" : " data=" + std::to_string(data.size());
}

}  // namespace

std::string describe(const QuorumPacket& packet) {
  std::string text(to_string(packet.type));
  if (text == "UNKNOWN") {
    text += "(" + std::to_string(static_cast<std::int32_t>(packet.type)) + ")";
  }
  text += " zxid=" + to_hex(packet.zxid) + describe_payload(packet);
  if (packet.authinfo && !packet.authinfo->empty()) {
    text += " authinfo=" + std::to_string(packet.authinfo->size());
  }
  return text;
}

}  // namespace zkprobe::wire
