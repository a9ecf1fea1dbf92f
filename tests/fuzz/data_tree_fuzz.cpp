// A tree that is fed whatever decodes as transactions: its digest stays the sum of its nodes', and
// its snapshot reads back as the same tree. The input: chunks of a two-byte length each.
#include <map>

#include "fuzz/check.hpp"
#include "replica/tree_loader.hpp"
#include "wire/snapshot_encoder.hpp"

namespace {

using namespace zkprobe;
using namespace zkprobe::replica;

std::int64_t sum_of_nodes(const DataTree& tree) {
  TreeDigest sum;
  for (NodeId id = 0; id < tree.nodes().end(); ++id) {
    if (!tree.nodes().in_use(id)) continue;
    const std::string path = tree.nodes().path(id);
    fuzz::check(tree.find(path) == id);
    const NodeView node = tree.view(id);
    if (!counts_in_digest(path)) continue;
    sum.add(node_digest(content_crc(path, node.data.value_or(BytesView())), node.stat));
  }
  return sum.value();
}

DataTree read(BytesView stream) {
  wire::SnapshotLimits limits;
  limits.keep_data = true;
  wire::SnapshotReader reader(limits);
  TreeLoader loader({});
  fuzz::check(reader.feed(stream, loader).has_value() && reader.done());
  auto tree = loader.finish(Zxid(1));
  fuzz::check(tree.has_value());
  return std::move(*tree);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  BytesView rest(data, size);
  DataTree tree;
  Writer stream;
  std::int64_t digest_then = 0;
  for (int count = 0; rest.size() >= 2; ++count) {
    const std::size_t wanted = static_cast<std::size_t>(rest[0]) << 8 | rest[1];
    const BytesView chunk = rest.subspan(2, std::min(wanted, rest.size() - 2));
    rest = rest.subspan(2 + chunk.size());
    if (count == 2) {
      tree.begin_snapshot();
      digest_then = tree.digest();
    }
    if (const auto txn = wire::decode_txn(chunk)) tree.apply(*txn);
    stream.raw(tree.next_snapshot_part(50));
  }
  fuzz::check(tree.digest() == sum_of_nodes(tree));
  if (stream.size() > 0) {
    while (tree.snapshot_under_way()) stream.raw(tree.next_snapshot_part(50));
    wire::write_signature(stream);
    fuzz::check(read(stream.bytes()).digest() == digest_then);
  }
  return 0;
}
