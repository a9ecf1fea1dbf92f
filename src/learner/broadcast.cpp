#include "learner/broadcast.hpp"

#include "learner/payload.hpp"

namespace zkprobe::learner {

void Broadcast::receive(const Incoming& incoming, Effects& out) {
  switch (incoming.packet.type) {
    case wire::PacketType::kPing:
      return ping(incoming, out);
    case wire::PacketType::kInform:
    case wire::PacketType::kInformAndActivate:
      return inform(incoming, out);
    case wire::PacketType::kRevalidate:
      return read_revalidate(incoming, out);
    case wire::PacketType::kSync:
      return;
    case wire::PacketType::kProposal:
    case wire::PacketType::kCommit:
    case wire::PacketType::kUpToDate:
      out.push_back(Noted{std::string(wire::to_string(incoming.packet.type)) +
                          " is not for an observer: ignored"});
      return;
    case wire::PacketType::kDiff:
    case wire::PacketType::kTrunc:
    case wire::PacketType::kSnap:
    case wire::PacketType::kNewLeader:
    case wire::PacketType::kLeaderInfo:
      out.push_back(out_of_order(incoming, "INFORM, PING, REVALIDATE or SYNC"));
      return;
    case wire::PacketType::kRequest:
    case wire::PacketType::kAck:
    case wire::PacketType::kCommitAndActivate:
    case wire::PacketType::kFollowerInfo:
    case wire::PacketType::kObserverInfo:
    case wire::PacketType::kAckEpoch:
      break;
  }
  out.push_back(note_unexpected(incoming));
}

void Broadcast::ping(const Incoming& incoming, Effects& out) {
  out.push_back(
      Send{{wire::PacketType::kPing, incoming.packet.zxid, Bytes{}, incoming.packet.authinfo}});
}

void Broadcast::inform(const Incoming& incoming, Effects& out) {
  auto informed = read_informed(incoming, out);
  if (!informed) return;
  const Zxid zxid = informed->txn.header.zxid;
  if (zxid != next(last_zxid_) && epoch_of(zxid) == epoch_of(last_zxid_)) {
    out.push_back(Noted{"zxids do not follow each other: expected " + to_hex(next(last_zxid_)) +
                        ", found " + to_hex(zxid)});
  }
  last_zxid_ = zxid;
  if (keeps_)
    out.push_back(Append{zxid, Bytes(informed->payload.begin(), informed->payload.end())});
  report_reconfig(informed->txn, ConfigSeen::From::kCommitted, informed->designated_leader, out);
  out.push_back(TxnSeen{std::move(informed->txn), true});
}

}  // namespace zkprobe::learner
