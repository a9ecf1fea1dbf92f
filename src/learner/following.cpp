#include "learner/following.hpp"

#include <algorithm>
#include <iterator>

#include "learner/payload.hpp"
#include "wire/learner_info.hpp"

namespace zkprobe::learner {
namespace {

constexpr std::int32_t kSessionTimeoutMs = 4000;

}  // namespace

void Following::begin(Sync::Left left, Sid self, Effects& out) {
  last_queued_ = left.last_queued;
  held_ = left.snapshot;
  for (Outstanding& proposal : left.proposals) log(std::move(proposal), out);
  for (const Incoming& incoming : left.commits) {
    commit(incoming, out);
    if (!out.empty() && std::holds_alternative<Leave>(out.back())) return;
  }
  if (last_queued_ != Zxid(0) && counter_of(last_queued_) == 0) ask_for_a_transaction(self, out);
}

// The id is never a client's: in Java's ids the bits of the epoch are those of the time.
void Following::ask_for_a_transaction(Sid self, Effects& out) const {
  wire::LearnerRequest request;
  request.session = static_cast<std::int64_t>(static_cast<std::uint64_t>(self.value) << 56 |
                                              static_cast<std::uint64_t>(epoch_.value));
  request.type = static_cast<std::int32_t>(wire::TxnType::kCreateSession);
  request.body = wire::encode_int(kSessionTimeoutMs);
  out.push_back(Noted{"what we hold ends at " + to_hex(last_queued_) +
                      ", the beginning of an epoch and no transaction, which other members do not "
                      "hold: the leader is asked for one session, so that all have a transaction "
                      "of epoch " +
                      zkprobe::to_string(epoch_)});
  out.push_back(
      Send{{wire::PacketType::kRequest, Zxid(-1), wire::encode(request), std::nullopt}, true});
}

void Following::receive(const Incoming& incoming, Effects& out) {
  switch (incoming.packet.type) {
    case wire::PacketType::kProposal:
      return proposal(incoming, out);
    case wire::PacketType::kCommit:
    case wire::PacketType::kCommitAndActivate:
      return commit(incoming, out);
    case wire::PacketType::kPing:
      out.push_back(
          Send{{wire::PacketType::kPing, incoming.packet.zxid, Bytes{}, incoming.packet.authinfo}});
      return;
    case wire::PacketType::kRevalidate:
      return read_revalidate(incoming, out);
    case wire::PacketType::kSync:
      return;
    case wire::PacketType::kDiff:
    case wire::PacketType::kTrunc:
    case wire::PacketType::kSnap:
    case wire::PacketType::kNewLeader:
    case wire::PacketType::kLeaderInfo:
    case wire::PacketType::kInform:
    case wire::PacketType::kInformAndActivate:
      out.push_back(out_of_order(incoming, "PROPOSAL, COMMIT, PING, REVALIDATE or SYNC"));
      return;
    case wire::PacketType::kUpToDate:
    case wire::PacketType::kRequest:
    case wire::PacketType::kAck:
    case wire::PacketType::kFollowerInfo:
    case wire::PacketType::kObserverInfo:
    case wire::PacketType::kAckEpoch:
      break;
  }
  out.push_back(note_unexpected(incoming));
}

// A leader numbers its proposals from 1 in its epoch, without a gap.
bool Following::is_next(Zxid zxid) const {
  if (epoch_of(zxid) != epoch_) return false;
  if (epoch_of(last_queued_) == epoch_) return zxid == next(last_queued_);
  return counter_of(zxid) == 1;
}

void Following::proposal(const Incoming& incoming, Effects& out) {
  auto informed = read_informed(incoming, out);
  if (!informed) return;
  const Zxid zxid = informed->txn.header.zxid;
  if (!is_next(zxid)) {
    const Zxid expected =
        epoch_of(last_queued_) == epoch_ ? next(last_queued_) : make_zxid(epoch_, 1);
    out.push_back(
        out_of_order(incoming, "the proposal " + to_hex(expected) + ", found " + to_hex(zxid)));
    return;
  }
  if (pending_.size() >= kMaxOutstandingTxns ||
      pending_bytes_ + incoming.size > kMaxOutstandingBytes) {
    out.push_back(too_much(pending_.size(), pending_bytes_ + incoming.size));
    return;
  }
  last_queued_ = zxid;
  report_reconfig(informed->txn, ConfigSeen::From::kProposal, std::nullopt, out);
  out.push_back(TxnSeen{informed->txn, false});
  Bytes payload(informed->payload.begin(), informed->payload.end());
  log({std::move(informed->txn), std::move(payload), incoming.size}, out);
}

// LearnerHandler takes an ACK for what was proposed, also where it is committed already.
void Following::log(Outstanding next, Effects& out) {
  const Zxid zxid = next.txn.header.zxid;
  if (zxid > held_) out.push_back(Append{zxid, std::move(next.payload)});
  out.push_back(Send{{wire::PacketType::kAck, zxid, std::nullopt, std::nullopt}, true});
  pending_bytes_ += next.bytes;
  pending_.push_back({std::move(next.txn), Bytes(), next.bytes});
}

void Following::commit(const Incoming& incoming, Effects& out) {
  const Zxid zxid = incoming.packet.zxid;
  if (pending_.empty() || pending_.front().txn.header.zxid != zxid) {
    out.push_back(out_of_order(
        incoming, (pending_.empty() ? "a PROPOSAL before the COMMIT"
                                    : "the COMMIT of " + to_hex(pending_.front().txn.header.zxid)) +
                      ", found that of " + to_hex(zxid)));
    return;
  }
  std::optional<Sid> designated_leader;
  if (incoming.packet.type == wire::PacketType::kCommitAndActivate) {
    const auto leader = wire::decode_long(incoming.data(), "designated leader");
    if (!leader) {
      out.push_back(malformed(incoming, leader.error()));
      return;
    }
    designated_leader = Sid(*leader);
  }
  Outstanding done = std::move(pending_.front());
  pending_.pop_front();
  pending_bytes_ -= done.bytes;
  last_committed_ = zxid;
  // Told after the transaction: who acts on it may leave the leader.
  Effects after;
  report_reconfig(done.txn, ConfigSeen::From::kCommitted, designated_leader, after);
  out.push_back(TxnSeen{std::move(done.txn), true});
  std::move(after.begin(), after.end(), std::back_inserter(out));
}

}  // namespace zkprobe::learner
