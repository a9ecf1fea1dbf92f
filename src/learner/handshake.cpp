#include "learner/handshake.hpp"

#include <algorithm>

#include "wire/learner_info.hpp"

namespace zkprobe::learner {
namespace {

constexpr Release kZab1{3, 4, 0};
constexpr Release kConfigVersions{3, 5, 0};

}  // namespace

wire::QuorumPacket Handshake::info() const {
  wire::LearnerInfo info;
  info.sid = settings_.sid;
  // 3.3 says what it holds, the others what they accepted.
  Zxid zxid = settings_.last_zxid;
  if (settings_.release >= kZab1) {
    info.protocol_version = wire::kProtocolVersion;
    zxid = make_zxid(settings_.accepted_epoch, 0);
  }
  if (settings_.release >= kConfigVersions) info.config_version = settings_.config_version;
  const bool follows = settings_.role == Role::kFollower;
  return {follows ? wire::PacketType::kFollowerInfo : wire::PacketType::kObserverInfo, zxid,
          wire::encode(info), std::nullopt};
}

void Handshake::receive(const Incoming& incoming, Effects& out) {
  const bool speaks_zab_1 = settings_.release >= kZab1;
  if (incoming.packet.type == wire::PacketType::kLeaderInfo && speaks_zab_1) {
    leader_info(incoming, out);
  } else if (incoming.packet.type == wire::PacketType::kNewLeader) {
    new_leader(incoming, out);
  } else {
    out.push_back(out_of_order(incoming, speaks_zab_1 ? "LEADERINFO or NEWLEADER" : "NEWLEADER"));
  }
}

void Handshake::leader_info(const Incoming& incoming, Effects& out) {
  // Java reads four bytes, whatever follows.
  const auto version = wire::decode_int(
      incoming.data().first(std::min<std::size_t>(4, incoming.data().size())), "protocolVersion");
  if (!version) {
    out.push_back(malformed(incoming, version.error()));
    return;
  }
  const PeerEpoch offered = epoch_of(incoming.packet.zxid);
  if (offered < settings_.accepted_epoch) {
    out.push_back(Leave{Leave::Why::kEpochTooLow, "the leader's epoch " + to_string(offered) +
                                                      " is less than the accepted epoch " +
                                                      to_string(settings_.accepted_epoch)});
    return;
  }
  // -1: not counted as a vote for this epoch, which we accepted before.
  std::int32_t current = -1;
  if (offered > settings_.accepted_epoch) {
    current = static_cast<std::int32_t>(settings_.current_epoch.value);
    out.push_back(PersistEpoch{PersistEpoch::Which::kAccepted, offered});
  }
  // The promise to accept no older epoch holds only when it is written down.
  out.push_back(Send{
      {wire::PacketType::kAckEpoch, settings_.last_zxid, wire::encode_int(current), std::nullopt},
      settings_.keeps()});
  epoch_ = offered;
  new_leader_zxid_ = make_zxid(offered, 0);
  done_ = true;
}

// An epoch below the accepted one is taken here by 3.4 and later; 3.3 compares it with its log.
void Handshake::new_leader(const Incoming& incoming, Effects& out) {
  if (settings_.role == Role::kFollower) {
    out.push_back(out_of_order(incoming, "LEADERINFO: followers of 3.3 leaders are not supported"));
    return;
  }
  const PeerEpoch offered = epoch_of(incoming.packet.zxid);
  if (settings_.release < kZab1 && offered < epoch_of(settings_.last_zxid)) {
    out.push_back(Leave{Leave::Why::kEpochTooLow, "the leader's epoch " + to_string(offered) +
                                                      " is less than our epoch " +
                                                      to_string(epoch_of(settings_.last_zxid))});
    return;
  }
  if (settings_.release >= kZab1 && offered > settings_.accepted_epoch) {
    out.push_back(PersistEpoch{PersistEpoch::Which::kAccepted, offered});
  }
  epoch_ = offered;
  new_leader_zxid_ = incoming.packet.zxid;
  before_zab_1_ = true;
  done_ = true;
}

}  // namespace zkprobe::learner
