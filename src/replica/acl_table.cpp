#include "replica/acl_table.hpp"

#include <algorithm>
#include <tuple>

namespace zkprobe::replica {

bool AclTable::Less::operator()(const AclList* a, const AclList* b) const {
  const auto key = [](const wire::Acl& acl) {
    return std::tie(acl.perms, acl.id.scheme, acl.id.id);
  };
  return std::lexicographical_compare(
      a->begin(), a->end(), b->begin(), b->end(),
      [&key](const wire::Acl& x, const wire::Acl& y) { return key(x) < key(y); });
}

AclTable::AclTable() : entries_(1) {}

AclTable::Slot AclTable::use(const AclList& list) {
  if (list.empty()) return kNone;
  const auto found = by_list_.find(&list);
  if (found != by_list_.end()) {
    ++entries_[found->second].users;
    return found->second;
  }
  const Slot slot = make(++last_index_);
  entries_[slot].list = list;
  entries_[slot].users = 1;
  by_index_[last_index_] = slot;
  by_list_[&entries_[slot].list] = slot;
  return slot;
}

AclTable::Slot AclTable::use_index(std::int64_t index) {
  if (index == kOpenUnsafe) return kNone;
  const auto known = by_index_.find(index);
  if (known != by_index_.end()) {
    ++entries_[known->second].users;
    return known->second;
  }
  const auto [place, is_new] = missing_.try_emplace(index, kNone);
  if (is_new) place->second = make(index);
  ++entries_[place->second].users;
  return place->second;
}

void AclTable::release(Slot slot) {
  if (slot == kNone || entries_[slot].users == 0) return;
  if (--entries_[slot].users == 0) forget(slot);
}

void AclTable::load(std::int64_t index, const wire::Acl& acl) {
  if (index == kOpenUnsafe) return;
  const auto [place, is_new] = by_index_.try_emplace(index, kNone);
  if (is_new) place->second = make(index);
  entries_[place->second].list.push_back(acl);
  last_index_ = std::max(last_index_, index);
}

void AclTable::loaded() {
  by_list_.clear();
  for (const Slot slot : slots()) {
    const AclList* list = &entries_[slot].list;
    by_list_.erase(list);  // two numbers for one list: the higher one, with its own key
    by_list_.emplace(list, slot);
  }
}

void AclTable::purge_unused() {
  for (const Slot slot : slots()) {
    if (entries_[slot].users == 0) forget(slot);
  }
}

std::vector<AclTable::Slot> AclTable::slots() const {
  std::vector<Slot> slots;
  slots.reserve(by_index_.size());
  for (const auto& [index, slot] : by_index_) slots.push_back(slot);
  std::sort(slots.begin(), slots.end(),
            [this](Slot a, Slot b) { return index_of(a) < index_of(b); });
  return slots;
}

AclTable::Slot AclTable::make(std::int64_t index) {
  Slot slot = static_cast<Slot>(entries_.size());
  if (free_.empty()) {
    entries_.emplace_back();
  } else {
    slot = free_.back();
    free_.pop_back();
  }
  entries_[slot].index = index;
  return slot;
}

void AclTable::forget(Slot slot) {
  Entry& entry = entries_[slot];
  const auto same = by_list_.find(&entry.list);
  if (same != by_list_.end() && same->second == slot) by_list_.erase(same);
  const auto known = by_index_.find(entry.index);
  if (known != by_index_.end() && known->second == slot) by_index_.erase(known);
  const auto missing = missing_.find(entry.index);
  if (missing != missing_.end() && missing->second == slot) missing_.erase(missing);
  entry = Entry{};
  free_.push_back(slot);
}

}  // namespace zkprobe::replica
