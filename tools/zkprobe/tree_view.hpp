// A data tree as `zkprobe tree` prints it: for people, and as JSON Lines that
// can be compared with diff: by path, and without what differs between two
// servers that hold the same.
#pragma once

#include <functional>
#include <string>

#include "replica/data_tree.hpp"

namespace zkprobe::tool {

struct TreeViewOptions {
  std::string path = "/";  // what is listed: this node and everything below it
  bool digest = false;     // zxid and digest alone
  bool json = false;
};

// Takes text; false where nobody reads it any more.
using TextSink = std::function<bool(const std::string&)>;

// The node at options.path must be there.
void print_tree(const replica::DataTree& tree, const TreeViewOptions& options, const TextSink& out);

// One line, with its end: {"path":"/a",...}, or "   5 ...  /a".
std::string node_record(const replica::DataTree& tree, replica::NodeId id);
std::string node_line(const replica::DataTree& tree, replica::NodeId id);

}  // namespace zkprobe::tool
