// The nodes of a tree in little memory: 104 bytes, name and data with a byte or two before each,
// and a place in the index. A node is named by a 32-bit id; it is found by its parent and its own
// name, so that a path stands nowhere as a whole.
//
// Nothing here knows ZooKeeper's rules: DataTree does.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "wire/snapshot_stream.hpp"

namespace zkprobe::replica {

using NodeId = std::uint32_t;
inline constexpr NodeId kNoNode = 0xffffffffU;
inline constexpr NodeId kRootNode = 0;

struct Node {
  wire::NodeStat stat;
  std::uint32_t content_crc = 0;  // of path and data
  std::uint32_t digest = 0;       // of the node; 0 where it does not count
  std::uint32_t acl = 0;          // AclTable::Slot
  NodeId parent = kNoNode;
  NodeId first_child = kNoNode;
  NodeId next_sibling = kNoNode;
  NodeId previous_sibling = kNoNode;
  std::uint32_t children : 31 = 0;
  std::uint32_t counted : 1 = 0;  // in the tree's digest
  // See NodeStore::Parts. Nothing: not in use.
  std::unique_ptr<std::uint8_t[]> payload;
};

class NodeStore {
 public:
  // An empty root. `seed` goes into the index, so that whoever chooses names cannot choose where
  // they collide.
  explicit NodeStore(std::uint64_t seed);

  // "" and "/" are the root. kNoNode for what is not there.
  NodeId find(std::string_view path) const;
  NodeId find_child(NodeId parent, std::string_view name) const;

  // `name` must not be there yet.
  NodeId add(NodeId parent, std::string_view name, std::optional<BytesView> data);
  // A node without children; not the root.
  void remove(NodeId id);
  void set_data(NodeId id, std::optional<BytesView> data);

  Node& operator[](NodeId id) { return chunks_[id / kChunk][id % kChunk]; }
  const Node& operator[](NodeId id) const { return chunks_[id / kChunk][id % kChunk]; }
  bool in_use(NodeId id) const { return (*this)[id].payload != nullptr; }
  std::string_view name(NodeId id) const;
  std::optional<BytesView> data(NodeId id) const;
  // "" for the root.
  std::string path(NodeId id) const;

  std::size_t size() const { return size_; }
  // Above every id in use.
  NodeId end() const { return end_; }
  // What nodes and index take, without names and data.
  std::size_t fixed_bytes() const;

 private:
  static constexpr NodeId kChunk = 1024;
  // What a payload holds: the length of the name, the length of the data and 1 (0: null), both
  // seven bits a byte and the lowest first; name; data.
  struct Parts {
    std::string_view name;
    std::optional<BytesView> data;
  };
  struct Place {
    NodeId id = kNoNode;
    std::uint32_t hash = 0;
  };

  std::uint32_t hash(NodeId parent, std::string_view name) const;
  std::size_t place_of(NodeId id) const;
  void index(NodeId id, std::uint32_t hash);
  void unindex(NodeId id);
  void grow_index();
  NodeId take_id();
  static Parts parts(const std::uint8_t* payload);
  static std::unique_ptr<std::uint8_t[]> make_payload(std::string_view name,
                                                      std::optional<BytesView> data);

  std::uint64_t seed_;
  std::vector<std::unique_ptr<Node[]>> chunks_;
  NodeId end_ = 0;
  NodeId free_ = kNoNode;  // a list by Node::parent
  std::size_t size_ = 0;
  std::vector<Place> index_;  // open addressing, a power of two
};

}  // namespace zkprobe::replica
