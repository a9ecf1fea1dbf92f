#include "wire/snapshot_encoder.hpp"

#include <gtest/gtest.h>

#include "support/fixtures.hpp"

namespace zkprobe::wire {
namespace {

// Writes each thing as it is read.
struct Copy : SnapshotSink {
  void on_session(std::int64_t session, std::int32_t timeout_ms) override {
    write_session(sessions, session, timeout_ms);
    ++session_count;
  }
  void on_acl(std::int64_t index, const Acl& acl) override {
    if (lists.empty() || lists.back().first != index) lists.push_back({index, {}});
    lists.back().second.push_back(acl);
  }
  void on_node(const SnapshotNode& node) override {
    write_node(nodes, node.path, node.data ? std::optional(BytesView(*node.data)) : std::nullopt,
               node.acl, node.stat);
  }

  Writer sessions;
  std::size_t session_count = 0;
  std::vector<std::pair<std::int64_t, std::vector<Acl>>> lists;
  Writer nodes;
};

TEST(SnapshotEncoder, WritesTheBytesOfRealServers) {
  for (const std::string& name : test::list_fixtures("snapshot")) {
    if (!name.ends_with(".hex")) continue;
    const Bytes bytes = test::read_golden(name);
    SnapshotLimits limits;
    limits.keep_data = true;
    SnapshotReader reader(limits);
    Copy copy;
    ASSERT_TRUE(reader.feed(bytes, copy)) << name;
    Writer out;
    write_count(out, copy.session_count);
    out.raw(copy.sessions.bytes());
    write_count(out, copy.lists.size());
    for (const auto& [index, list] : copy.lists) write_acl_entry(out, index, list);
    out.raw(copy.nodes.bytes());
    write_nodes_end(out);
    write_signature(out);
    EXPECT_EQ(hex_encode(out.bytes()), hex_encode(bytes)) << name;
  }
}

}  // namespace
}  // namespace zkprobe::wire
