// The data tree of a learner that keeps none on disk: made of what it is sent,
// over one connection after another.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "learner/types.hpp"
#include "replica/data_tree.hpp"
#include "replica/tree_loader.hpp"
#include "wire/snapshot_stream.hpp"

namespace zkprobe::peer {

class ObservedTree {
 public:
  explicit ObservedTree(const replica::DataTree::Settings& settings) : settings_(settings) {}

  // Every effect of the learner, in order; its settings have keeps_state and
  // keep_data. What became of a transaction, if it was one and the tree is
  // known.
  std::optional<replica::Applied> take(const learner::Effect& effect);

  // Nothing before the first synchronisation, and after a TRUNC.
  const replica::DataTree* tree() const { return tree_ ? &*tree_ : nullptr; }
  // The same, for who writes snapshots of it.
  replica::DataTree* tree() { return tree_ ? &*tree_ : nullptr; }
  // The tree, if there is one; none is kept here afterwards.
  std::optional<replica::DataTree> release();
  // Goes on from a tree that was loaded.
  void adopt(replica::DataTree tree);
  // UPTODATE has come, and nothing since that the tree does not hold.
  bool complete() const { return complete_; }
  // A TRUNC takes back what the tree holds already, and a snapshot may make no
  // sense: the next connection must ask for everything (last_zxid 0). Why, or
  // nothing.
  const std::optional<std::string>& lost() const { return lost_; }
  // The next connection asks for everything.
  void start_anew();

  // Digests that a leader sent and that were compared; those that differed.
  std::uint64_t compared() const { return compared_; }
  std::uint64_t differences() const { return differences_; }

 private:
  void sync_started(const learner::SyncStarted& sync);
  void snapshot_bytes(const learner::SnapshotBytes& part);
  std::optional<replica::Applied> apply(const wire::Txn& txn);

  replica::DataTree::Settings settings_;
  std::optional<replica::DataTree> tree_;
  std::optional<replica::TreeLoader> loader_;  // while a snapshot comes in
  std::optional<wire::SnapshotReader> reader_;
  std::optional<std::string> lost_;
  bool complete_ = false;
  std::uint64_t compared_ = 0;
  std::uint64_t differences_ = 0;
};

}  // namespace zkprobe::peer
