#include "peer/observed_tree.hpp"

namespace zkprobe::peer {

std::optional<replica::Applied> ObservedTree::take(const learner::Effect& effect) {
  if (const auto* sync = std::get_if<learner::SyncStarted>(&effect)) {
    sync_started(*sync);
  } else if (const auto* part = std::get_if<learner::SnapshotBytes>(&effect)) {
    snapshot_bytes(*part);
  } else if (const auto* seen = std::get_if<learner::TxnSeen>(&effect)) {
    if (seen->committed) return apply(seen->txn);
  } else if (const auto* done = std::get_if<learner::SyncDone>(&effect)) {
    if (!tree_) return std::nullopt;
    // What the leader's snapshot may hold already has all come before
    // NEWLEADER.
    tree_->compare_from_now();
    if (done->to > tree_->last_zxid()) tree_->set_last_zxid(done->to);
    complete_ = true;
  } else if (std::holds_alternative<learner::Leave>(effect)) {
    loader_.reset();
    reader_.reset();
    complete_ = false;
  }
  return std::nullopt;
}

std::optional<replica::DataTree> ObservedTree::release() {
  std::optional<replica::DataTree> tree = std::move(tree_);
  start_anew();
  return tree;
}

void ObservedTree::adopt(replica::DataTree tree) {
  start_anew();
  tree_.emplace(std::move(tree));
}

void ObservedTree::start_anew() {
  tree_.reset();
  lost_.reset();
  complete_ = false;
}

void ObservedTree::sync_started(const learner::SyncStarted& sync) {
  complete_ = false;
  switch (sync.kind) {
    case learner::SyncKind::kDiff:
      // From nothing: the tree that every server starts with.
      if (!tree_ && sync.from == Zxid(0)) tree_.emplace(settings_);
      if (!tree_) lost_ = "a DIFF from " + to_hex(sync.from) + ", of which nothing is held";
      return;
    case learner::SyncKind::kTrunc:
      tree_.reset();
      lost_ = "the leader takes back what came after " + to_hex(sync.to);
      return;
    case learner::SyncKind::kSnap: {
      tree_.reset();
      loader_.emplace(settings_);
      wire::SnapshotLimits limits;
      limits.keep_data = true;
      reader_.emplace(limits);
      return;
    }
  }
}

void ObservedTree::snapshot_bytes(const learner::SnapshotBytes& part) {
  if (!loader_) return;
  const auto used = reader_->feed(part.bytes, *loader_);
  if (!used) {
    lost_ = "the snapshot: " + to_string(used.error());
  } else if (loader_->error()) {
    lost_ = "the snapshot: " + *loader_->error();
  }
  if (lost_ || reader_->done()) {
    auto loaded = loader_->finish(part.zxid);
    loader_.reset();
    reader_.reset();
    if (!loaded && !lost_) lost_ = "the snapshot: " + loaded.error();
    if (lost_) return;
    tree_.emplace(std::move(*loaded));
    tree_->hold_comparison();
  }
}

std::optional<replica::Applied> ObservedTree::apply(const wire::Txn& txn) {
  if (!tree_) return std::nullopt;
  const bool compared =
      tree_->comparing() && txn.digest && txn.digest->version == replica::kDigestVersion;
  replica::Applied applied = tree_->apply(txn);
  if (compared) ++compared_;
  if (applied.difference) ++differences_;
  return applied;
}

}  // namespace zkprobe::peer
