#include "wire/snapshot_encoder.hpp"

namespace zkprobe::wire {
namespace {

void write_text(Writer& writer, std::string_view text) {
  writer.i32(static_cast<std::int32_t>(text.size()));
  writer.text(text);
}

void put_stat(Writer& writer, const NodeStat& stat) {
  writer.i64(stat.czxid.value);
  writer.i64(stat.mzxid.value);
  writer.i64(stat.ctime_ms);
  writer.i64(stat.mtime_ms);
  writer.i32(stat.version);
  writer.i32(stat.cversion);
  writer.i32(stat.aversion);
  writer.i64(stat.ephemeral_owner);
  writer.i64(stat.pzxid.value);
}

}  // namespace

void write_count(Writer& writer, std::size_t count) {
  writer.i32(static_cast<std::int32_t>(count));
}

void write_session(Writer& writer, std::int64_t session, std::int32_t timeout_ms) {
  writer.i64(session);
  writer.i32(timeout_ms);
}

void write_acl_entry(Writer& writer, std::int64_t index, std::span<const Acl> list) {
  writer.i64(index);
  write_acl_list(writer, list);
}

void write_node(Writer& writer, std::string_view path, std::optional<BytesView> data,
                std::int64_t acl, const NodeStat& stat) {
  write_text(writer, path);
  if (data) {
    write_count(writer, data->size());
    writer.raw(*data);
  } else {
    writer.i32(-1);
  }
  writer.i64(acl);
  put_stat(writer, stat);
}

void write_nodes_end(Writer& writer) { write_text(writer, "/"); }

void write_signature(Writer& writer) { write_text(writer, kSnapshotSignature); }

}  // namespace zkprobe::wire
