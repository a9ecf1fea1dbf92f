#include "peer/keeper.hpp"

#include <utility>

namespace zkprobe::peer {
namespace {

// Behind the stream of a SNAP: ustring "BenWasHere".
constexpr std::size_t kSignatureSize = 4 + wire::kSnapshotSignature.size();
constexpr std::size_t kPartSize = 256 * 1024;
// Parts that wait for the disk: enough to keep it busy, little enough that making them holds
// nothing up.
constexpr std::size_t kPartsWaiting = 4 * kPartSize;

}  // namespace

Keeper::Keeper(Settings settings, Storage& storage, Kept kept)
    : settings_(std::move(settings)),
      storage_(storage),
      observed_(settings_.tree),
      schedule_(settings_.snap_count, settings_.seed),
      last_logged_(kept.last_zxid),
      accepted_(kept.accepted_epoch),
      current_(kept.current_epoch),
      prepared_(kept.current_epoch),
      has_snapshot_(kept.has_snapshot) {
  observed_.adopt(std::move(kept.tree));
}

election::LogPosition Keeper::position() const { return {last_logged_, current_epoch()}; }

Keeper::Outcome Keeper::take(learner::Effect effect) {
  Outcome out;
  if (failed_) {
    if (std::holds_alternative<learner::Leave>(effect)) linked_ = false;
    return out;
  }
  linked_ = true;
  if (blocked()) {
    waiting_.push_back(std::move(effect));
  } else {
    process(effect, out);
  }
  settle(out);
  return out;
}

void Keeper::process(learner::Effect& effect, Outcome& out) {
  if (const auto* send = std::get_if<learner::Send>(&effect)) {
    on(*send, out);
  } else if (const auto* persist = std::get_if<learner::PersistEpoch>(&effect)) {
    on(*persist);
  } else if (const auto* cut = std::get_if<learner::Truncate>(&effect)) {
    if (own_snapshot_is_gone(effect)) truncate(cut->last);
  } else if (const auto* sync = std::get_if<learner::SyncStarted>(&effect)) {
    if (sync->kind != learner::SyncKind::kSnap || own_snapshot_is_gone(effect)) on(*sync);
  } else if (const auto* part = std::get_if<learner::SnapshotBytes>(&effect)) {
    on(*part, out);
  } else if (auto* append = std::get_if<learner::Append>(&effect)) {
    on(*append);
  } else if (std::holds_alternative<learner::TakeSnapshot>(effect)) {
    if (own_snapshot_is_gone(effect)) take_snapshot(StorageLane::kLog);
  } else if (auto* seen = std::get_if<learner::TxnSeen>(&effect)) {
    on(*seen, out);
  } else if (std::holds_alternative<learner::SyncDone>(effect)) {
    observed_.take(effect);
  } else if (std::holds_alternative<learner::Leave>(effect)) {
    left(out);
  }
}

// What waited for the disk.
void Keeper::drain(Outcome& out) {
  while (!waiting_.empty() && !blocked() && !failed_ && !out.leave) {
    learner::Effect effect = std::move(waiting_.front());
    waiting_.pop_front();
    process(effect, out);
  }
  if (!out.leave) return;
  // What follows something that cannot be kept is not kept either. Where the link has ended
  // meanwhile, its end still counts.
  while (!waiting_.empty() && !std::holds_alternative<learner::Leave>(waiting_.front())) {
    waiting_.pop_front();
  }
  if (waiting_.empty()) return;
  waiting_.pop_front();
  out.leave.reset();
  left(out);
}

void Keeper::on(const learner::Send& send, Outcome& out) {
  if (!send.durable) return;
  if (settled()) {
    out.send.push_back(send.packet);
  } else {
    gated_.push_back({log_submitted_, send.packet});
  }
}

void Keeper::on(const learner::PersistEpoch& persist) {
  const bool accepted = persist.which == learner::PersistEpoch::Which::kAccepted;
  (accepted ? accepted_ : current_) = persist.epoch;
  if (!accepted) prepared_ = persist.epoch;
  submit(StorageLane::kLog,
         WriteEpoch{accepted ? WriteEpoch::Which::kAccepted : WriteEpoch::Which::kCurrent,
                    persist.epoch});
}

void Keeper::on(const learner::SyncStarted& sync) {
  switch (sync.kind) {
    case learner::SyncKind::kDiff:
      if (wants_snapshot_) return no_way_back("sends no snapshot", sync.to);
      observed_.take(sync);
      if (!has_snapshot_) take_snapshot(StorageLane::kLog);
      return;
    case learner::SyncKind::kSnap:
      observed_.take(sync);
      proposals_.clear();
      tail_.clear();
      return;
    case learner::SyncKind::kTrunc:  // Truncate came before it
      return;
  }
}

void Keeper::on(const learner::SnapshotBytes& part, Outcome& out) {
  if (!installing_) {
    prepare_epoch(part.zxid);
    // A history that ends before ours, or has none of it, is not let replace it: that may be a
    // mistake, and ours the only copy.
    const bool backward = wants_snapshot_ || (has_snapshot_ && part.zxid < last_logged_);
    submit(StorageLane::kLog, BeginSnapshot{part.zxid, true, backward ? set_aside_name() : ""});
    installing_ = true;
  }
  observed_.take(part);
  if (observed_.lost()) {
    out.leave = *observed_.lost();
    return;
  }
  store_snapshot(part);
}

void Keeper::store_snapshot(const learner::SnapshotBytes& part) {
  tail_.insert(tail_.end(), part.bytes.begin(), part.bytes.end());
  if (tail_.size() > kSignatureSize) {
    const auto end = tail_.end() - static_cast<std::ptrdiff_t>(kSignatureSize);
    Bytes body(tail_.begin(), end);
    tail_.erase(tail_.begin(), end);
    submit(StorageLane::kLog, SnapshotChunk{std::move(body)});
  }
  if (!part.complete) return;
  const wire::ZxidDigest digest{part.zxid, replica::kDigestVersion, observed_.tree()->digest()};
  installed_ = submit(StorageLane::kLog,
                      FinishSnapshot{wire::sections_of(settings_.tree.release, digest, part.zxid)});
  installing_ = false;
  tail_ = Bytes();
  has_snapshot_ = true;
  wants_snapshot_ = false;
  last_logged_ = part.zxid;
  schedule_.begin_anew();
}

void Keeper::on(learner::Append& append) {
  prepare_epoch(append.zxid);
  submit(StorageLane::kLog, AppendTxn{std::move(append.payload)});
  last_logged_ = append.zxid;
  if (schedule_.logged()) own_snapshot_if_due();
}

void Keeper::on(learner::TxnSeen& seen, Outcome& out) {
  const Zxid zxid = seen.txn.header.zxid;
  if (!seen.committed) {
    proposals_.push_back(std::move(seen.txn));
    return;
  }
  while (!proposals_.empty() && proposals_.front().header.zxid <= zxid) proposals_.pop_front();
  apply(std::move(seen.txn), out);
}

void Keeper::apply(wire::Txn txn, Outcome& out) {
  const Zxid zxid = txn.header.zxid;
  const auto applied = observed_.take(learner::TxnSeen{std::move(txn), true});
  if (!applied) return;
  if (applied->difference) out.differences.push_back(*applied->difference);
  // A Java server ends there: from then on its tree is another than the leader's.
  if (!applied->problem.empty()) {
    fail("transaction " + to_hex(zxid) + " cannot be applied: " + applied->problem);
  }
}

void Keeper::left(Outcome& out) {
  linked_ = false;
  gated_.clear();
  observed_.take(learner::Leave{});
  if (std::exchange(installing_, false)) submit(StorageLane::kLog, AbortSnapshot{});
  tail_ = Bytes();
  const std::deque<wire::Txn> proposals = std::exchange(proposals_, {});
  if (!tree()) return load();
  for (const wire::Txn& txn : proposals) {
    if (txn.header.zxid <= last_logged_) apply(txn, out);
  }
}

// ---- the disk ---------------------------------------------------------------------------------

bool Keeper::own_snapshot_is_gone(const learner::Effect& effect) {
  if (!writing_) return true;
  if (observed_.tree()) observed_.tree()->abandon_snapshot();
  writing_.reset();
  busy_ = Busy::kAbort;
  awaited_ = submit(StorageLane::kSnapshot, AbortSnapshot{});
  waiting_.push_front(effect);
  return false;
}

void Keeper::truncate(Zxid last) {
  if (wants_snapshot_) return no_way_back("cuts off again", last);
  observed_.start_anew();
  proposals_.clear();
  cut_to_ = last;
  busy_ = Busy::kTruncate;
  awaited_ = submit(StorageLane::kLog, TruncateLog{last});
}

// The store cannot end where the leader's history does, and is as it was. Java ends there, at every
// start again, or keeps what was to go. Here the next link says that it holds nothing, which every
// leader answers with a snapshot: that takes the place of the store when it is on the disk.
void Keeper::cannot_truncate(const StorageError& error, Outcome& out) {
  busy_ = Busy::kNo;
  cut_to_.reset();
  wants_snapshot_ = true;
  out.notes.push_back("the leader's TRUNC cannot be done: " + to_string(error) +
                      ". A snapshot is asked for instead. What is there stays until it is on the "
                      "disk, and is then found in " +
                      set_aside_name() + " beside it");
  out.leave = "its TRUNC cannot be done, a snapshot is asked for";
}

std::string Keeper::set_aside_name() const {
  return kSetAsidePrefix + to_hex(last_logged_).substr(2);
}

void Keeper::no_way_back(const std::string& what, Zxid zxid) {
  fail("asked for a snapshot, since its TRUNC could not be done, the leader " + what + " (zxid " +
       to_hex(zxid) + ", while " + to_hex(last_logged_) +
       " is on the disk): has the ensemble lost its data? Nothing was removed. If what it holds is "
       "right, move dataDir and dataLogDir away and start again: the seat is filled from it");
}

void Keeper::load() {
  loading_ = std::make_shared<LoadedTree>(settings_.tree);
  busy_ = Busy::kLoad;
  awaited_ = submit(StorageLane::kLog, LoadStore{loading_});
}

// The tree of what is on the disk: the snapshot, and the log over it.
void Keeper::truncated_or_loaded(const StorageDone& done, Outcome& out) {
  if (busy_ == Busy::kTruncate) return load();
  const std::shared_ptr<LoadedTree> loaded = std::exchange(loading_, nullptr);
  busy_ = Busy::kNo;
  out.notes.insert(out.notes.end(), done.notes.begin(), done.notes.end());
  if (loaded->error()) return fail(*loaded->error());
  last_logged_ = done.last_zxid.value_or(loaded->tree().last_zxid());
  const std::optional<Zxid> cut_to = std::exchange(cut_to_, std::nullopt);
  if (cut_to && last_logged_ != *cut_to) {
    return fail("after TRUNC the directory ends at " + to_hex(last_logged_) + " and not at " +
                to_hex(*cut_to) + ", where the leader's history ends");
  }
  observed_.adopt(std::move(loaded->tree()));
}

// On the log's lane the snapshot takes the place of the log, and everything waits for it.
void Keeper::take_snapshot(StorageLane lane) {
  replica::DataTree& tree = *observed_.tree();
  prepare_epoch(tree.last_zxid());
  tree.begin_snapshot();
  writing_ = Writing{lane, {tree.last_zxid(), replica::kDigestVersion, tree.digest()}, 0};
  submit(lane, BeginSnapshot{tree.last_zxid(), lane == StorageLane::kLog, ""});
  if (lane == StorageLane::kLog) busy_ = Busy::kSnapshot;
  schedule_.begin_anew();
  pump();
}

void Keeper::pump() {
  while (!failed_ && writing_ && writing_->last == 0 &&
         storage_.queued_bytes(writing_->lane) < kPartsWaiting) {
    Bytes part = observed_.tree()->next_snapshot_part(kPartSize);
    if (!part.empty()) {
      submit(writing_->lane, SnapshotChunk{std::move(part)});
      continue;
    }
    writing_->last = submit(
        writing_->lane, FinishSnapshot{wire::sections_of(settings_.tree.release, writing_->digest,
                                                         writing_->digest.zxid)});
    has_snapshot_ = true;
    if (writing_->lane == StorageLane::kLog) {
      busy_ = Busy::kNo;
      installed_ = writing_->last;
    }
  }
}

void Keeper::own_snapshot_if_due() {
  // Java: "Too busy to snap, skipping". What is being installed removes whatever is newer.
  if (writing_ || installing_ || !tree() || log_done_ < installed_) return schedule_.begin_anew();
  submit(StorageLane::kLog, RollLog{});
  take_snapshot(StorageLane::kSnapshot);
}

void Keeper::prepare_epoch(Zxid zxid) {
  if (epoch_of(zxid) <= prepared_) return;
  prepared_ = epoch_of(zxid);
  submit(StorageLane::kLog, PrepareCurrentEpoch{prepared_});
}

StorageTicket Keeper::submit(StorageLane lane, StorageOperation operation) {
  if (failed_) return 0;
  ++ticket_;
  if (!storage_.submit(lane, ticket_, std::move(operation))) {
    fail("the disk does not keep up: " + std::to_string(storage_.queued_bytes(lane)) +
         " bytes wait for it");
  }
  if (lane == StorageLane::kLog) log_submitted_ = ticket_;
  return ticket_;
}

Keeper::Outcome Keeper::done(const StorageDone& done) {
  Outcome out;
  if (failed_) return out;
  const bool answers_trunc = busy_ == Busy::kTruncate && done.ticket == awaited_;
  if (done.error && answers_trunc && done.error->kind == StorageError::Kind::kRefused) {
    log_done_ = done.ticket;
    cannot_truncate(*done.error, out);
    drain(out);
  } else if (done.error) {
    fail(to_string(*done.error));
  } else {
    if (done.lane == StorageLane::kLog) log_done_ = done.ticket;
    while (!gated_.empty() && gated_.front().after <= log_done_) {
      out.send.push_back(std::move(gated_.front().packet));
      gated_.pop_front();
    }
    if (writing_ && done.ticket == writing_->last) {
      ++snapshots_written_;
      const bool own = writing_->lane == StorageLane::kSnapshot;
      writing_.reset();
      if (own && settings_.retain > 0) {
        submit(StorageLane::kSnapshot, PurgeOld{settings_.retain});
      }
    }
    pump();
    if (busy_ != Busy::kNo && done.ticket == awaited_) {
      if (busy_ == Busy::kAbort) {
        busy_ = Busy::kNo;
      } else if (busy_ != Busy::kSnapshot) {
        truncated_or_loaded(done, out);
      }
    }
    drain(out);
  }
  settle(out);
  return out;
}

// A failure is the end: nothing is sent or kept after it.
void Keeper::settle(Outcome& out) {
  if (!failed_ || std::exchange(failure_told_, true)) return;
  out.send.clear();
  gated_.clear();
  waiting_.clear();
  busy_ = Busy::kNo;
  out.failed = failed_;
}

}  // namespace zkprobe::peer
