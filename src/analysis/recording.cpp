#include "analysis/recording.hpp"

namespace zkprobe::analysis {

const std::string& Recording::text_of(const Record& record) const {
  static const std::string kNothing;
  if (record.text < 0) return kNothing;
  return texts[static_cast<std::size_t>(record.text)];
}

bool is_broadcast(const Record& record) {
  if (record.what != What::kPacket) return false;
  switch (record.type) {
    case wire::PacketType::kNewLeader:
    case wire::PacketType::kFollowerInfo:
    case wire::PacketType::kUpToDate:
    case wire::PacketType::kDiff:
    case wire::PacketType::kTrunc:
    case wire::PacketType::kSnap:
    case wire::PacketType::kObserverInfo:
    case wire::PacketType::kLeaderInfo:
    case wire::PacketType::kAckEpoch:
      return false;
    case wire::PacketType::kAck:
      // A zxid whose counter is 0 acknowledges NEWLEADER.
      return counter_of(record.vote.zxid) != 0;
    case wire::PacketType::kRequest:
    case wire::PacketType::kProposal:
    case wire::PacketType::kCommit:
    case wire::PacketType::kPing:
    case wire::PacketType::kRevalidate:
    case wire::PacketType::kSync:
    case wire::PacketType::kInform:
    case wire::PacketType::kCommitAndActivate:
    case wire::PacketType::kInformAndActivate:
      return true;
  }
  return true;
}

}  // namespace zkprobe::analysis
