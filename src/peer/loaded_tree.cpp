#include "peer/loaded_tree.hpp"

namespace zkprobe::peer {

void LoadedTree::begin_snapshot(const std::string& file, Zxid zxid) {
  file_ = file;
  zxid_ = zxid;
  error_.reset();
  loader_.emplace(settings_);
}

void LoadedTree::on_session(std::int64_t session, std::int32_t timeout_ms) {
  if (loader_) loader_->on_session(session, timeout_ms);
}

void LoadedTree::on_acl(std::int64_t index, const wire::Acl& acl) {
  if (loader_) loader_->on_acl(index, acl);
}

void LoadedTree::on_node(const wire::SnapshotNode& node) {
  if (loader_) loader_->on_node(node);
}

// The digest is that of the tree when the file was finished. One that is older
// than the file's name is of an epoch before, and says nothing
// (DataTree.deserializeZxidDigest).
void LoadedTree::end_snapshot(const wire::SnapshotSections& sections) {
  if (!loader_) return;
  auto loaded = loader_->finish(zxid_);
  loader_.reset();
  if (!loaded) {
    error_ = file_ + ": " + loaded.error();
    return;
  }
  tree_ = std::move(*loaded);
  const auto& digest = sections.digest;
  if (!digest || digest->zxid == Zxid(0) || digest->zxid < zxid_) return;
  if (digest->zxid > zxid_) {
    tree_.hold_comparison_until(digest->zxid, digest->version, digest->digest);
  } else if (digest->version == replica::kDigestVersion && digest->digest != tree_.digest()) {
    ++differences_;
    first_difference_ = replica::DigestDifference{zxid_,          wire::TxnType::kError, {file_},
                                                  digest->digest, tree_.digest(),        true};
  }
}

void LoadedTree::on_txn(const wire::Txn& txn, BytesView) {
  if (error_) return;
  const replica::Applied applied = tree_.apply(txn);
  if (!applied.problem.empty()) {
    error_ = "transaction " + to_hex(txn.header.zxid) + ": " + applied.problem;
  }
  if (!applied.difference) return;
  ++differences_;
  if (!first_difference_) first_difference_ = applied.difference;
}

}  // namespace zkprobe::peer
