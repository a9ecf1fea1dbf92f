// What a data tree costs: bytes a node, time a transaction, time to read and
// write a snapshot. One JSON object. usage: data_tree_bench [NODES]
// [DATA-BYTES]
#include <malloc.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "replica/data_tree.hpp"
#include "replica/tree_loader.hpp"
#include "wire/snapshot_encoder.hpp"
#include "wire/snapshot_stream.hpp"

namespace {

using namespace zkprobe;
using namespace zkprobe::replica;

double seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double heap_bytes() {
  const struct mallinfo2 info = mallinfo2();
  return static_cast<double>(info.uordblks + info.hblkhd);
}

std::string path_of(std::int64_t number) {
  char path[64];
  std::snprintf(path, sizeof path, "/bench/d%03ld/n%010ld", static_cast<long>(number % 1000),
                static_cast<long>(number));
  return path;
}

// As the wire brings it: the time to decode counts too.
Bytes encoded(std::int64_t zxid, wire::TxnType type, const std::string& path, std::size_t size,
              std::int32_t last) {
  Writer out;
  out.i64(0x100000000000001);
  out.i32(1);
  out.i64(zxid);
  out.i64(1'700'000'000'000 + zxid);
  out.i32(static_cast<std::int32_t>(type));
  wire::write_ustring(out, path);
  wire::write_buffer(out, Bytes(size, 'x'));
  if (type == wire::TxnType::kCreate) {
    out.i32(1);
    out.i32(31);
    wire::write_ustring(out, "world");
    wire::write_ustring(out, "anyone");
    out.u8(0);
  }
  out.i32(last);
  out.i32(kDigestVersion);
  out.i64(0);
  return out.take();
}

double apply_all(DataTree& tree, const std::vector<Bytes>& txns) {
  const double start = seconds();
  for (const Bytes& txn : txns) {
    if (!tree.apply(*wire::decode_txn(txn)).problem.empty()) std::abort();
  }
  return (seconds() - start) / static_cast<double>(txns.size());
}

}  // namespace

int main(int argc, char** argv) {
  const std::int64_t nodes = argc > 1 ? std::atoll(argv[1]) : 1'000'000;
  const auto data = static_cast<std::size_t>(argc > 2 ? std::atoll(argv[2]) : 16);
  std::int64_t zxid = 0x100000000;
  DataTree tree;
  tree.hold_comparison();
  std::vector<Bytes> txns{encoded(++zxid, wire::TxnType::kCreate, "/bench", 0, -1)};
  for (int i = 0; i < 1000; ++i) {
    txns.push_back(encoded(++zxid, wire::TxnType::kCreate, path_of(i).substr(0, 11), 0, -1));
  }
  apply_all(tree, txns);

  double create = 0;
  constexpr std::int64_t kBatch = 20'000;
  const double before = heap_bytes();
  txns = {};
  for (std::int64_t at = 0; at < nodes; at += kBatch) {
    const std::int64_t end = std::min(nodes, at + kBatch);
    for (std::int64_t i = at; i < end; ++i) {
      txns.push_back(encoded(++zxid, wire::TxnType::kCreate, path_of(i), data, -1));
    }
    create += apply_all(tree, txns) * static_cast<double>(end - at);
    txns = {};
  }
  malloc_trim(0);
  const double bytes = (heap_bytes() - before) / static_cast<double>(nodes);

  for (std::int64_t i = 0; i < kBatch; ++i) {
    txns.push_back(encoded(++zxid, wire::TxnType::kSetData, path_of(i * 7919 % nodes), data, 1));
  }
  const double set = apply_all(tree, txns);

  double start = seconds();
  tree.begin_snapshot();
  const double begin = seconds() - start;
  Writer stream;
  double longest = 0;
  start = seconds();
  while (tree.snapshot_under_way()) {
    const double then = seconds();
    const Bytes part = tree.next_snapshot_part(65'536);
    longest = std::max(longest, seconds() - then);
    stream.raw(part);
  }
  const double write = seconds() - start;
  wire::write_signature(stream);

  start = seconds();
  wire::SnapshotLimits limits;
  limits.keep_data = true;
  wire::SnapshotReader reader(limits);
  TreeLoader loader({});
  if (!reader.feed(stream.bytes(), loader) || !reader.done()) std::abort();
  const auto again = loader.finish(Zxid(zxid));
  const double read = seconds() - start;
  if (!again || again->digest() != tree.digest()) std::abort();

  std::printf(
      "{\"nodes\": %zu, \"data_bytes\": %zu, \"bytes_per_node\": %.1f, "
      "\"create_us\": %.3f, "
      "\"set_us\": %.3f, \"snapshot_begin_ms\": %.2f, "
      "\"snapshot_part_max_ms\": %.2f, "
      "\"snapshot_write_s\": %.3f, \"snapshot_read_s\": %.3f, "
      "\"snapshot_bytes\": %zu}\n",
      tree.node_count(), data, bytes, create / static_cast<double>(nodes) * 1e6, set * 1e6,
      begin * 1e3, longest * 1e3, write, read, stream.size());
  return 0;
}
