// Every list of ACLs once, by the number that nodes and snapshots name it with.
//
// Numbers are given as Java gives them: the next one after the highest ever seen, and a list that
// no node uses any more loses its own. -1 is "no list": the nodes that a server makes itself.
// Java: ReferenceCountedACLCache.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <unordered_map>
#include <vector>

#include "wire/txn.hpp"

namespace zkprobe::replica {

using AclList = std::vector<wire::Acl>;

class AclTable {
 public:
  // The place of a list in this table, which nodes keep: half the size of Java's number.
  using Slot = std::uint32_t;
  static constexpr Slot kNone = 0;  // Java's -1
  static constexpr std::int64_t kOpenUnsafe = -1;

  AclTable();

  // The list's slot with one user more; kNone for an empty list, which is Java's null.
  Slot use(const AclList& list);
  // The slot of a number that a snapshot's node names, with one user more. A number that the
  // snapshot's table has not is kept, without a list.
  Slot use_index(std::int64_t index);
  void release(Slot slot);

  // One entry of the list with this number, as a snapshot's table brings it; nobody uses it yet.
  void load(std::int64_t index, const wire::Acl& acl);
  // The table is read: lists are found by what they hold from now on.
  void loaded();
  // Forgets the lists that nobody uses.
  void purge_unused();

  std::int64_t index_of(Slot slot) const { return entries_[slot].index; }
  const AclList& list_of(Slot slot) const { return entries_[slot].list; }
  // Lists, those without users included.
  std::size_t size() const { return by_index_.size(); }
  // The slots of all lists, by rising number.
  std::vector<Slot> slots() const;

 private:
  struct Entry {
    std::int64_t index = kOpenUnsafe;
    std::uint64_t users = 0;
    AclList list;
  };
  struct Less {
    bool operator()(const AclList* a, const AclList* b) const;
  };

  Slot make(std::int64_t index);
  void forget(Slot slot);

  // A deque: lists are found by their address.
  std::deque<Entry> entries_;
  std::vector<Slot> free_;
  std::map<const AclList*, Slot, Less> by_list_;
  std::unordered_map<std::int64_t, Slot> by_index_;
  std::unordered_map<std::int64_t, Slot> missing_;  // numbers without a list
  std::int64_t last_index_ = 0;
};

}  // namespace zkprobe::replica
