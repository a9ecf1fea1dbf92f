#include "replica/node_store.hpp"

#include <algorithm>
#include <cstring>

namespace zkprobe::replica {
namespace {

constexpr std::size_t kFirstIndex = 64;

std::size_t size_of_length(std::uint64_t length) {
  std::size_t size = 1;
  for (; length >= 0x80; length >>= 7) ++size;
  return size;
}

std::uint8_t* put_length(std::uint8_t* at, std::uint64_t length) {
  for (; length >= 0x80; length >>= 7) *at++ = static_cast<std::uint8_t>(length | 0x80);
  *at++ = static_cast<std::uint8_t>(length);
  return at;
}

std::uint64_t take_length(const std::uint8_t*& at) {
  std::uint64_t length = *at & 0x7fU;
  for (int shift = 7; (*at++ & 0x80U) != 0; shift += 7) {
    length |= static_cast<std::uint64_t>(*at & 0x7fU) << shift;
  }
  return length;
}

std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  a = (a ^ b) * 0x9fb21c651e98df25ULL;
  return a ^ a >> 35;
}

}  // namespace

NodeStore::NodeStore(std::uint64_t seed) : seed_(seed), index_(kFirstIndex) {
  const NodeId root = take_id();
  (*this)[root].payload = make_payload("", BytesView());
  ++size_;
}

NodeId NodeStore::find(std::string_view path) const {
  NodeId id = kRootNode;
  if (path.empty() || path == "/") return id;
  if (path.front() != '/') return kNoNode;
  for (std::size_t at = 1; id != kNoNode;) {
    const std::size_t slash = path.find('/', at);
    id = find_child(id, path.substr(at, slash - at));
    if (slash == std::string_view::npos) break;
    at = slash + 1;
  }
  return id;
}

NodeId NodeStore::find_child(NodeId parent, std::string_view name) const {
  const std::uint32_t wanted = hash(parent, name);
  const std::size_t mask = index_.size() - 1;
  for (std::size_t at = wanted & mask; index_[at].id != kNoNode; at = (at + 1) & mask) {
    const NodeId id = index_[at].id;
    if (index_[at].hash == wanted && (*this)[id].parent == parent && this->name(id) == name) {
      return id;
    }
  }
  return kNoNode;
}

NodeId NodeStore::add(NodeId parent, std::string_view name, std::optional<BytesView> data) {
  auto payload = make_payload(name, data);
  if ((size_ + 1) * 4 > index_.size() * 3) grow_index();
  const NodeId id = take_id();
  Node& node = (*this)[id];
  node = Node{};
  node.payload = std::move(payload);
  node.parent = parent;
  Node& above = (*this)[parent];
  node.next_sibling = above.first_child;
  if (above.first_child != kNoNode) (*this)[above.first_child].previous_sibling = id;
  above.first_child = id;
  ++above.children;
  ++size_;
  index(id, hash(parent, name));
  return id;
}

void NodeStore::remove(NodeId id) {
  unindex(id);
  Node& node = (*this)[id];
  Node& above = (*this)[node.parent];
  if (node.previous_sibling == kNoNode) {
    above.first_child = node.next_sibling;
  } else {
    (*this)[node.previous_sibling].next_sibling = node.next_sibling;
  }
  if (node.next_sibling != kNoNode) {
    (*this)[node.next_sibling].previous_sibling = node.previous_sibling;
  }
  --above.children;
  node = Node{};
  node.parent = free_;
  free_ = id;
  --size_;
}

void NodeStore::set_data(NodeId id, std::optional<BytesView> data) {
  (*this)[id].payload = make_payload(name(id), data);
}

NodeStore::Parts NodeStore::parts(const std::uint8_t* payload) {
  const std::uint64_t name_size = take_length(payload);
  const std::uint64_t data_size = take_length(payload);
  Parts parts{{reinterpret_cast<const char*>(payload), name_size}, std::nullopt};
  if (data_size > 0) parts.data = BytesView(payload + name_size, data_size - 1);
  return parts;
}

std::string_view NodeStore::name(NodeId id) const { return parts((*this)[id].payload.get()).name; }

std::optional<BytesView> NodeStore::data(NodeId id) const {
  return parts((*this)[id].payload.get()).data;
}

std::string NodeStore::path(NodeId id) const {
  std::size_t size = 0;
  for (NodeId at = id; at != kRootNode; at = (*this)[at].parent) size += 1 + name(at).size();
  std::string path(size, '/');
  for (NodeId at = id; at != kRootNode; at = (*this)[at].parent) {
    const std::string_view part = name(at);
    size -= part.size();
    part.copy(path.data() + size, part.size());
    --size;
  }
  return path;
}

std::size_t NodeStore::fixed_bytes() const {
  return chunks_.size() * kChunk * sizeof(Node) + index_.size() * sizeof(Place);
}

std::uint32_t NodeStore::hash(NodeId parent, std::string_view name) const {
  std::uint64_t h = mix(seed_, parent + 1ULL);
  const char* at = name.data();
  std::size_t left = name.size();
  for (; left >= 8; at += 8, left -= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, 8);
    h = mix(h, word);
  }
  std::uint64_t tail = 0;
  if (left > 0) std::memcpy(&tail, at, left);
  h = mix(mix(h, tail), name.size() ^ seed_);
  return static_cast<std::uint32_t>(h ^ h >> 32);
}

std::size_t NodeStore::place_of(NodeId id) const {
  const std::size_t mask = index_.size() - 1;
  std::size_t at = hash((*this)[id].parent, name(id)) & mask;
  while (index_[at].id != id) at = (at + 1) & mask;
  return at;
}

void NodeStore::index(NodeId id, std::uint32_t hash) {
  const std::size_t mask = index_.size() - 1;
  std::size_t at = hash & mask;
  while (index_[at].id != kNoNode) at = (at + 1) & mask;
  index_[at] = {id, hash};
}

// What stands behind moves up, so that no search stops at the gap before it.
void NodeStore::unindex(NodeId id) {
  const std::size_t mask = index_.size() - 1;
  std::size_t gap = place_of(id);
  for (std::size_t at = (gap + 1) & mask; index_[at].id != kNoNode; at = (at + 1) & mask) {
    const std::size_t home = index_[at].hash & mask;
    if (((at - home) & mask) >= ((at - gap) & mask)) {
      index_[gap] = index_[at];
      gap = at;
    }
  }
  index_[gap] = {};
}

void NodeStore::grow_index() {
  std::vector<Place> old(index_.size() * 2);
  old.swap(index_);
  for (const Place& place : old) {
    if (place.id != kNoNode) index(place.id, place.hash);
  }
}

NodeId NodeStore::take_id() {
  if (free_ != kNoNode) {
    const NodeId id = free_;
    free_ = (*this)[id].parent;
    return id;
  }
  if (end_ == chunks_.size() * kChunk) chunks_.push_back(std::make_unique<Node[]>(kChunk));
  return end_++;
}

std::unique_ptr<std::uint8_t[]> NodeStore::make_payload(std::string_view name,
                                                        std::optional<BytesView> data) {
  const std::uint64_t data_length = data ? data->size() + 1 : 0;
  const std::size_t head = size_of_length(name.size()) + size_of_length(data_length);
  const std::size_t size = head + name.size() + (data ? data->size() : 0);
  auto payload = std::make_unique_for_overwrite<std::uint8_t[]>(size);
  std::uint8_t* at = put_length(put_length(payload.get(), name.size()), data_length);
  at = std::copy(name.begin(), name.end(), at);
  if (data) std::copy(data->begin(), data->end(), at);
  return payload;
}

}  // namespace zkprobe::replica
