// Synchronisation: from DIFF, TRUNC or SNAP to UPTODATE.
//
//   DIFF | TRUNC | SNAP and the snapshot stream    exactly one, first
//   (PROPOSAL COMMIT | INFORM)*                    what we lack, and what happens meanwhile
//   NEWLEADER                                      answered with ACK; 3.4.0 to 3.4.5 may repeat it
//   ...
//   UPTODATE                                       answered with ACK; the end
//
// After the handshake of 3.3 there is no NEWLEADER and no ACK but the last.
//
// A follower has on disk what is committed when it acknowledges NEWLEADER, in the order of 3.9.3
// and later; what is proposed and not committed by then is logged and acknowledged after UPTODATE,
// by Following, together with the commits that came meanwhile. Java: Learner.syncWithLeader.
#pragma once

#include <deque>
#include <vector>

#include "learner/types.hpp"

namespace zkprobe::learner {

// A transaction that waits for its COMMIT.
struct Outstanding {
  wire::Txn txn;
  Bytes payload;          // as it was proposed, where it will be kept
  std::size_t bytes = 0;  // of its packet
};

class Sync {
 public:
  Sync(const Settings& settings, Zxid new_leader_zxid, bool before_zab_1, Instant now);

  // Bytes of the snapshot stream come next, not packets.
  bool wants_snapshot() const { return snapshot_ && !snapshot_->done(); }
  // How many of the bytes belong to the stream. `offset` is the place of the first one in the
  // leader's stream, for errors.
  std::size_t receive_snapshot(BytesView bytes, std::uint64_t offset, Effects& out);
  void receive(const Incoming& incoming, Instant now, Effects& out);

  bool done() const { return done_; }
  // A follower's, after done(): what waits for its COMMIT, and the commits that came since the ACK.
  struct Left {
    std::deque<Outstanding> proposals;
    std::vector<Incoming> commits;
    Zxid last_queued;  // the newest that the leader proposed to us, or that we hold
    Zxid snapshot;     // of SNAP; 0: none
  };
  Left take_left();
  // NEWLEADER was acknowledged: 3.5.10, 3.6.3 and later wait syncLimit from here on.
  bool acknowledged() const { return acknowledged_; }
  // The last transaction known committed; 0 while a TRUNC or a SNAP is not complete, because
  // what we hold then is neither the old nor the new.
  Zxid last_zxid() const;

 private:
  void first_packet(const Incoming& incoming, Effects& out);
  void proposal(const Incoming& incoming, Effects& out);
  void commit(const Incoming& incoming, Effects& out);
  void inform(const Incoming& incoming, Effects& out);
  void new_leader(const Incoming& incoming, Effects& out);
  void up_to_date(const Incoming& incoming, Instant now, Effects& out);
  bool follows(const Incoming& incoming, Zxid zxid, Effects& out);
  void committed(wire::Txn txn, BytesView payload, Effects& out);

  const Settings& settings_;
  const Zxid new_leader_zxid_;
  const bool before_zab_1_;
  const Instant started_;

  std::optional<SyncKind> kind_;
  std::optional<wire::SnapshotReader> snapshot_;
  std::uint64_t next_progress_ = 0;
  std::deque<Outstanding> outstanding_;
  std::size_t outstanding_bytes_ = 0;
  Zxid snapshot_zxid_;  // of SNAP
  Zxid last_queued_;    // 0: none in this synchronisation yet
  Zxid last_committed_;
  std::uint64_t bytes_ = 0;
  std::uint64_t txns_ = 0;
  bool acknowledged_ = false;
  std::vector<Incoming> late_commits_;
  bool done_ = false;
};

}  // namespace zkprobe::learner
