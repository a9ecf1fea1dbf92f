// Writes what SnapshotReader reads, and what a snapshot file holds between its header and its seal:
// the layout stands in snapshot_stream.hpp. Java: SerializeUtils.serializeSnapshot.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/bytes.hpp"
#include "wire/snapshot_stream.hpp"

namespace zkprobe::wire {

// count:int before the sessions, and again before the ACL lists.
void write_count(Writer& writer, std::size_t count);
void write_session(Writer& writer, std::int64_t session, std::int32_t timeout_ms);
// One entry of the table of lists.
void write_acl_entry(Writer& writer, std::int64_t index, std::span<const Acl> list);
// `path` is "" for the root. No data: null.
void write_node(Writer& writer, std::string_view path, std::optional<BytesView> data,
                std::int64_t acl, const NodeStat& stat);
// The path "/", which ends the nodes.
void write_nodes_end(Writer& writer);
// On the wire alone.
void write_signature(Writer& writer);

}  // namespace zkprobe::wire
