// What a learner keeps: joins what the learner's machine says (learner/types.hpp) to the disk
// (storage.hpp) and to the data tree, and lets a durable packet go only when everything before it
// is on the disk. A pure machine but for the Storage that it is given.
//
//   learner::Effect --take()--> Storage::submit ... StorageDone --done()--> packets that may go
//
// The order on the disk, which no failure and no kill may turn into a lie:
//   - acceptedEpoch, before ACKEPOCH
//   - currentEpoch.tmp with the epoch of an entry or snapshot, before the first one of that epoch:
//   a
//     server that dies there starts again with the epoch of what it has, which is no more than it
//     may claim
//   - snapshot or entries, then currentEpoch, then the ACK of NEWLEADER, then entries and their
//   ACKs
//   - an empty store gets its snapshot.0 before the first entry
// After a link what was logged and not committed is applied, as a Java server does when it leaves
// its leader (ZKDatabase.fastForwardDataBase): the next leader says what becomes of it.
//
// Java: Learner.syncWithLeader, FollowerZooKeeperServer.logRequest, SyncRequestProcessor,
// SendAckRequestProcessor.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "election/election.hpp"
#include "learner/types.hpp"
#include "peer/loaded_tree.hpp"
#include "peer/observed_tree.hpp"
#include "peer/snapshot_schedule.hpp"
#include "peer/storage.hpp"

namespace zkprobe::peer {

// What was found in the directory.
struct Kept {
  replica::DataTree tree;
  Zxid last_zxid;  // of the log, or of the snapshot where that is newer
  PeerEpoch accepted_epoch;
  PeerEpoch current_epoch;
  bool has_snapshot = false;
};

class Keeper {
 public:
  struct Settings {
    replica::DataTree::Settings tree;  // its release decides on the sections of snapshots
    std::int64_t snap_count = SnapshotSchedule::kSnapCount;
    // autopurge.snapRetainCount after each snapshot of one's own; 0: everything stays.
    std::size_t retain = 0;
    std::uint64_t seed = 0;  // of the snapshots' moments
  };

  // What follows from an event, in order.
  struct Outcome {
    std::vector<wire::QuorumPacket> send;  // may go to the leader now
    std::vector<replica::DigestDifference> differences;
    std::vector<std::string> notes;
    // What the leader sent makes no sense, or cannot be done: close the link and take() the Leave.
    std::optional<std::string> leave;
    // The disk failed, or there is no way to what the leader holds. Nothing is kept or sent any
    // more; the directory holds what was acknowledged. Once.
    std::optional<std::string> failed;
  };

  // `storage` has been loaded and outlives the keeper.
  Keeper(Settings settings, Storage& storage, Kept kept);

  // Every effect of the learner, in order, to the Leave at the end. Its settings have keeps_state.
  Outcome take(learner::Effect effect);
  // Every completion of the storage.
  Outcome done(const StorageDone& done);

  // The disk must be waited for before more can be taken in: do not read from the leader. What
  // comes nevertheless waits.
  bool blocked() const { return busy_ != Busy::kNo; }
  // The link has ended, and what the next one says about us is known.
  bool ready() const { return !linked_ && !blocked() && !failed_; }
  // Everything that was submitted to the log is on the disk.
  bool settled() const { return log_done_ == log_submitted_; }
  // Acknowledgements wait for the disk: what is read from the leader meanwhile has to wait for the
  // next fsync anyway.
  bool acknowledges_later() const { return !gated_.empty(); }

  // ---- for the next link and the next election
  Zxid last_zxid() const { return last_logged_; }
  // What the next leader is told that we hold: nothing where a TRUNC could not be done, so that a
  // snapshot comes.
  Zxid claimed_zxid() const { return wants_snapshot_ ? Zxid(0) : last_logged_; }
  PeerEpoch accepted_epoch() const { return accepted_; }
  // Never below the epoch of the last transaction.
  PeerEpoch current_epoch() const { return std::max(current_, epoch_of(last_logged_)); }
  election::LogPosition position() const;

  // Nothing while it is read from the disk or comes from the leader.
  const replica::DataTree* tree() const { return observed_.tree(); }
  const ObservedTree& observed() const { return observed_; }
  bool writes_snapshot() const { return writing_.has_value(); }
  std::uint64_t snapshots_written() const { return snapshots_written_; }

 private:
  enum class Busy { kNo, kAbort, kTruncate, kLoad, kSnapshot };
  struct Gated {
    StorageTicket after = 0;
    wire::QuorumPacket packet;
  };
  // A snapshot of the tree that is on its way to the disk.
  struct Writing {
    StorageLane lane = StorageLane::kSnapshot;
    wire::ZxidDigest digest;
    StorageTicket last = 0;  // of FinishSnapshot; 0: parts are still to come
  };

  void process(learner::Effect& effect, Outcome& out);
  void drain(Outcome& out);
  void on(const learner::Send& send, Outcome& out);
  void on(const learner::PersistEpoch& persist);
  void on(const learner::SyncStarted& sync);
  void on(const learner::SnapshotBytes& part, Outcome& out);
  void on(learner::Append& append);
  void on(learner::TxnSeen& seen, Outcome& out);
  void left(Outcome& out);

  // False: `effect` waits until a snapshot of one's own has been given up.
  bool own_snapshot_is_gone(const learner::Effect& effect);
  void truncate(Zxid last);
  void cannot_truncate(const StorageError& error, Outcome& out);
  std::string set_aside_name() const;
  void no_way_back(const std::string& what, Zxid zxid);
  void truncated_or_loaded(const StorageDone& done, Outcome& out);
  void load();
  void store_snapshot(const learner::SnapshotBytes& part);
  void take_snapshot(StorageLane lane);
  void pump();
  void own_snapshot_if_due();
  void apply(wire::Txn txn, Outcome& out);
  void prepare_epoch(Zxid zxid);
  StorageTicket submit(StorageLane lane, StorageOperation operation);
  void fail(std::string why) {
    if (!failed_) failed_ = std::move(why);
  }
  void settle(Outcome& out);

  const Settings settings_;
  Storage& storage_;
  ObservedTree observed_;
  SnapshotSchedule schedule_;

  Zxid last_logged_;
  PeerEpoch accepted_;
  PeerEpoch current_;
  PeerEpoch prepared_;
  bool has_snapshot_;
  bool wants_snapshot_ = false;  // a TRUNC could not be done

  bool linked_ = false;              // an effect has come since the last Leave
  std::deque<wire::Txn> proposals_;  // seen, not yet committed
  std::deque<Gated> gated_;
  StorageTicket ticket_ = 0;
  StorageTicket log_submitted_ = 0;
  StorageTicket log_done_ = 0;

  Busy busy_ = Busy::kNo;
  StorageTicket awaited_ = 0;   // ends kAbort, kTruncate, kLoad
  std::optional<Zxid> cut_to_;  // of kTruncate and the kLoad behind it
  std::deque<learner::Effect> waiting_;
  std::shared_ptr<LoadedTree> loading_;

  bool installing_ = false;      // a leader's snapshot is being stored
  Bytes tail_;                   // of its stream: the end is not part of the file
  StorageTicket installed_ = 0;  // of the last snapshot that took the place of the log
  std::optional<Writing> writing_;
  std::uint64_t snapshots_written_ = 0;

  std::optional<std::string> failed_;
  bool failure_told_ = false;
};

}  // namespace zkprobe::peer
