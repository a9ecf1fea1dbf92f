// A tree in an order that two trees have in common.
#pragma once

#include <cstdint>
#include <vector>

#include "replica/data_tree.hpp"

namespace zkprobe::replica {

// `top` and everything below it, each node before its children, children by the
// bytes of their names.
std::vector<NodeId> in_order(const DataTree& tree, NodeId top);

// What `top` and everything below it add to the digest of the tree; all of it
// for the root. Two trees that differ are compared subtree by subtree with it.
std::int64_t digest_below(const DataTree& tree, NodeId top);

}  // namespace zkprobe::replica
