#include "learner/sync.hpp"

#include <algorithm>

#include "learner/payload.hpp"
#include "wire/learner_info.hpp"

namespace zkprobe::learner {
namespace {

// A SnapshotProgress for so many bytes.
constexpr std::uint64_t kProgressBytes = 16 * 1'048'576;

struct ListNodes : wire::SnapshotSink {
  ListNodes(bool list, Effects& effects) : wanted(list), out(effects) {}
  void on_node(const wire::SnapshotNode& node) override {
    if (wanted) out.push_back(NodeListed{node});
  }

  bool wanted;
  Effects& out;
};

}  // namespace

Sync::Sync(const Settings& settings, Zxid new_leader_zxid, bool before_zab_1, Instant now)
    : settings_(settings),
      new_leader_zxid_(new_leader_zxid),
      before_zab_1_(before_zab_1),
      started_(now),
      last_committed_(settings.last_zxid) {}

Zxid Sync::last_zxid() const {
  const bool keeps_what_it_had = !kind_ || *kind_ == SyncKind::kDiff;
  return done_ || keeps_what_it_had ? last_committed_ : Zxid(0);
}

std::size_t Sync::receive_snapshot(BytesView bytes, std::uint64_t offset, Effects& out) {
  ListNodes sink(settings_.list_nodes, out);
  const std::uint64_t stream_start = offset - snapshot_->counts().bytes;
  const auto used = snapshot_->feed(bytes, sink);
  if (!used) {
    const DecodeError& error = used.error();
    out.push_back(
        Leave{Leave::Why::kMalformed, "snapshot at byte " + std::to_string(stream_start) +
                                          " of the leader's stream: " + to_string(error)});
    return bytes.size();
  }
  bytes_ += *used;
  const bool complete = snapshot_->done();
  if (settings_.keeps()) {
    const BytesView ours = bytes.first(*used);
    out.push_back(SnapshotBytes{Bytes(ours.begin(), ours.end()), snapshot_zxid_, complete});
  }
  if (complete || snapshot_->counts().bytes >= next_progress_) {
    next_progress_ = snapshot_->counts().bytes + kProgressBytes;
    out.push_back(SnapshotProgress{snapshot_->counts(), complete});
  }
  return *used;
}

void Sync::receive(const Incoming& incoming, Instant now, Effects& out) {
  bytes_ += incoming.size;
  if (!kind_) return first_packet(incoming, out);
  switch (incoming.packet.type) {
    case wire::PacketType::kProposal:
      return proposal(incoming, out);
    case wire::PacketType::kCommit:
    case wire::PacketType::kCommitAndActivate:
      return commit(incoming, out);
    case wire::PacketType::kInform:
    case wire::PacketType::kInformAndActivate:
      return inform(incoming, out);
    case wire::PacketType::kNewLeader:
      return new_leader(incoming, out);
    case wire::PacketType::kUpToDate:
      return up_to_date(incoming, now, out);
    case wire::PacketType::kDiff:
    case wire::PacketType::kTrunc:
    case wire::PacketType::kSnap:
    case wire::PacketType::kLeaderInfo:
      out.push_back(out_of_order(incoming, "proposals, commits, NEWLEADER or UPTODATE"));
      return;
    // PING and others stay unanswered until the synchronisation is over.
    case wire::PacketType::kRequest:
    case wire::PacketType::kAck:
    case wire::PacketType::kPing:
    case wire::PacketType::kRevalidate:
    case wire::PacketType::kSync:
    case wire::PacketType::kFollowerInfo:
    case wire::PacketType::kObserverInfo:
    case wire::PacketType::kAckEpoch:
      return;
  }
}

void Sync::first_packet(const Incoming& incoming, Effects& out) {
  const Zxid to = incoming.packet.zxid;
  switch (incoming.packet.type) {
    case wire::PacketType::kDiff:
      kind_ = SyncKind::kDiff;
      break;
    case wire::PacketType::kTrunc:
      kind_ = SyncKind::kTrunc;
      last_committed_ = to;
      if (settings_.keeps()) out.push_back(Truncate{to});
      break;
    case wire::PacketType::kSnap: {
      kind_ = SyncKind::kSnap;
      last_committed_ = to;
      snapshot_zxid_ = to;
      wire::SnapshotLimits limits;
      limits.keep_data = settings_.keep_data;
      snapshot_.emplace(limits);
      next_progress_ = kProgressBytes;
      break;
    }
    case wire::PacketType::kRequest:
    case wire::PacketType::kProposal:
    case wire::PacketType::kAck:
    case wire::PacketType::kCommit:
    case wire::PacketType::kPing:
    case wire::PacketType::kRevalidate:
    case wire::PacketType::kSync:
    case wire::PacketType::kInform:
    case wire::PacketType::kCommitAndActivate:
    case wire::PacketType::kNewLeader:
    case wire::PacketType::kFollowerInfo:
    case wire::PacketType::kUpToDate:
    case wire::PacketType::kObserverInfo:
    case wire::PacketType::kLeaderInfo:
    case wire::PacketType::kAckEpoch:
    case wire::PacketType::kInformAndActivate:
      break;
  }
  if (!kind_) {
    out.push_back(out_of_order(incoming, "DIFF, TRUNC or SNAP"));
    return;
  }
  out.push_back(SyncStarted{*kind_, settings_.last_zxid, to});
}

// Learner.enforceContinuousProposal. False after a Leave.
bool Sync::follows(const Incoming& incoming, Zxid zxid, Effects& out) {
  Zxid last = last_queued_;
  last_queued_ = zxid;
  // A follower's log never repeats nor goes back.
  const bool strict = settings_.leave_on_gap || settings_.role == Role::kFollower;
  if (settings_.role == Role::kFollower) {
    if (last == Zxid(0) && kind_ == SyncKind::kDiff) last = settings_.last_zxid;
    if (last == Zxid(0) && kind_ == SyncKind::kTrunc) last = last_committed_;
  }
  if (last == Zxid(0) || zxid == next(last)) return true;
  const std::string expected =
      to_hex(next(last)) + ", found " + to_hex(zxid) + " after " + to_hex(last);
  if (strict && epoch_of(zxid) <= epoch_of(last)) {
    out.push_back(out_of_order(incoming, expected));
    return false;
  }
  if (epoch_of(zxid) <= epoch_of(last)) {
    out.push_back(Noted{"zxids do not follow each other: expected " + expected});
  }
  return true;
}

void Sync::proposal(const Incoming& incoming, Effects& out) {
  auto informed = read_informed(incoming, out);
  if (!informed || !follows(incoming, informed->txn.header.zxid, out)) return;
  outstanding_bytes_ += incoming.size;
  if (outstanding_.size() >= kMaxOutstandingTxns || outstanding_bytes_ > kMaxOutstandingBytes) {
    out.push_back(too_much(outstanding_.size(), outstanding_bytes_));
    return;
  }
  report_reconfig(informed->txn, ConfigSeen::From::kProposal, std::nullopt, out);
  out.push_back(TxnSeen{informed->txn, false});
  Bytes payload;
  if (settings_.keeps()) payload.assign(informed->payload.begin(), informed->payload.end());
  outstanding_.push_back({std::move(informed->txn), std::move(payload), incoming.size});
}

void Sync::commit(const Incoming& incoming, Effects& out) {
  const Zxid zxid = incoming.packet.zxid;
  const bool follows = settings_.role == Role::kFollower;
  if (follows && acknowledged_) {
    if (late_commits_.size() >= kMaxOutstandingTxns) {
      out.push_back(out_of_order(incoming, "UPTODATE"));
      return;
    }
    late_commits_.push_back(incoming);
    return;
  }
  if (outstanding_.empty()) {
    out.push_back(out_of_order(incoming, "a PROPOSAL before the COMMIT of " + to_hex(zxid)));
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
  if (follows && outstanding_.front().txn.header.zxid != zxid) {
    out.push_back(out_of_order(incoming, "the COMMIT of " +
                                             to_hex(outstanding_.front().txn.header.zxid) +
                                             ", found that of " + to_hex(zxid)));
    return;
  }
  const bool known = std::any_of(outstanding_.begin(), outstanding_.end(),
                                 [zxid](const auto& o) { return o.txn.header.zxid == zxid; });
  if (!known) {
    out.push_back(Noted{"COMMIT of " + to_hex(zxid) + ", but the next proposal is " +
                        to_hex(outstanding_.front().txn.header.zxid)});
    return;
  }
  while (true) {
    Outstanding next = std::move(outstanding_.front());
    outstanding_.pop_front();
    outstanding_bytes_ -= next.bytes;
    if (next.txn.header.zxid == zxid) {
      report_reconfig(next.txn, ConfigSeen::From::kCommitted, designated_leader, out);
      return committed(std::move(next.txn), next.payload, out);
    }
    out.push_back(Noted{"COMMIT of " + to_hex(zxid) + " passes over the proposal " +
                        to_hex(next.txn.header.zxid)});
  }
}

void Sync::inform(const Incoming& incoming, Effects& out) {
  if (settings_.role == Role::kFollower) {
    out.push_back(out_of_order(incoming, "PROPOSAL and COMMIT: a follower is not informed"));
    return;
  }
  auto informed = read_informed(incoming, out);
  if (!informed || !follows(incoming, informed->txn.header.zxid, out)) return;
  // 3.4.0 to 3.4.5 propose to observers first what they inform them of later.
  if (!outstanding_.empty() && outstanding_.front().txn.header.zxid == informed->txn.header.zxid) {
    outstanding_bytes_ -= outstanding_.front().bytes;
    outstanding_.pop_front();
  }
  report_reconfig(informed->txn, ConfigSeen::From::kCommitted, informed->designated_leader, out);
  committed(std::move(informed->txn), informed->payload, out);
}

// A leader's snapshot may be newer than the first transactions that follow it: those are in it.
void Sync::committed(wire::Txn txn, BytesView payload, Effects& out) {
  const Zxid zxid = txn.header.zxid;
  const bool in_snapshot = kind_ == SyncKind::kSnap && zxid <= snapshot_zxid_;
  if (settings_.keeps() && !in_snapshot) {
    out.push_back(Append{zxid, Bytes(payload.begin(), payload.end())});
  }
  last_committed_ = std::max(last_committed_, zxid);
  ++txns_;
  out.push_back(TxnSeen{std::move(txn), true});
}

void Sync::new_leader(const Incoming& incoming, Effects& out) {
  if (incoming.data().size() > 1) {
    out.push_back(read_config(ConfigSeen::From::kNewLeader, to_text(incoming.data()), out));
  }
  // What was cut off would come back with an old snapshot and a log that goes on beyond it.
  if (settings_.keeps() && kind_ == SyncKind::kTrunc && !acknowledged_) {
    out.push_back(TakeSnapshot{});
  }
  out.push_back(PersistEpoch{PersistEpoch::Which::kCurrent, epoch_of(new_leader_zxid_)});
  out.push_back(Send{{wire::PacketType::kAck, new_leader_zxid_, std::nullopt, std::nullopt},
                     settings_.keeps()});
  acknowledged_ = true;
}

void Sync::up_to_date(const Incoming& incoming, Instant now, Effects& out) {
  if (!before_zab_1_ && !acknowledged_) {
    out.push_back(out_of_order(incoming, "NEWLEADER before it"));
    return;
  }
  if (before_zab_1_ && !acknowledged_) {
    out.push_back(PersistEpoch{PersistEpoch::Which::kCurrent, epoch_of(new_leader_zxid_)});
  }
  out.push_back(Send{{wire::PacketType::kAck, make_zxid(epoch_of(new_leader_zxid_), 0),
                      std::nullopt, std::nullopt},
                     settings_.keeps()});
  done_ = true;
  SyncDone sync{*kind_, settings_.last_zxid, last_committed_, std::nullopt, bytes_,
                txns_,  now - started_};
  if (snapshot_) sync.snapshot = snapshot_->counts();
  out.push_back(std::move(sync));
}

Sync::Left Sync::take_left() {
  const Zxid last = std::max({last_queued_, last_committed_, snapshot_zxid_});
  return {std::move(outstanding_), std::move(late_commits_), last, snapshot_zxid_};
}

}  // namespace zkprobe::learner
