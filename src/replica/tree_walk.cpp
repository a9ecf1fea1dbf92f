#include "replica/tree_walk.hpp"

#include <algorithm>

namespace zkprobe::replica {

std::vector<NodeId> in_order(const DataTree& tree, NodeId top) {
  const NodeStore& nodes = tree.nodes();
  std::vector<NodeId> order;
  std::vector<NodeId> open{top};
  while (!open.empty()) {
    const NodeId id = open.back();
    open.pop_back();
    order.push_back(id);
    const auto begin = static_cast<std::ptrdiff_t>(open.size());
    for (NodeId at = nodes[id].first_child; at != kNoNode; at = nodes[at].next_sibling) {
      open.push_back(at);
    }
    std::sort(open.begin() + begin, open.end(),
              [&nodes](NodeId a, NodeId b) { return nodes.name(a) > nodes.name(b); });
  }
  return order;
}

std::int64_t digest_below(const DataTree& tree, NodeId top) {
  TreeDigest sum;
  for (const NodeId id : in_order(tree, top)) sum.add(tree.nodes()[id].digest);
  return sum.value();
}

}  // namespace zkprobe::replica
