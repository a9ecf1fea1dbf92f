#include "wire/snapshot_stream.hpp"

#include <gtest/gtest.h>

#include "support/fixtures.hpp"
#include "wire/golden_line.hpp"
#include "wire/snapshot_encoder.hpp"

namespace zkprobe::wire {
namespace {

struct Collect : SnapshotSink {
  std::vector<std::pair<std::int64_t, std::int32_t>> sessions;
  std::vector<std::pair<std::int64_t, Acl>> acls;
  std::vector<SnapshotNode> nodes;

  void on_session(std::int64_t session, std::int32_t timeout_ms) override {
    sessions.emplace_back(session, timeout_ms);
  }
  void on_acl(std::int64_t index, const Acl& acl) override { acls.emplace_back(index, acl); }
  void on_node(const SnapshotNode& node) override { nodes.push_back(node); }
};

std::string counts_line(const SnapshotCounts& counts) {
  return "sessions=" + std::to_string(counts.sessions) + " acls=" + std::to_string(counts.acls) +
         " nodes=" + std::to_string(counts.nodes) + " data=" + std::to_string(counts.data_bytes) +
         " bytes=" + std::to_string(counts.bytes);
}

// Feeds in chunks of `size`, each on the heap by itself. The first error, if there is one.
std::optional<DecodeError> feed_in_chunks(SnapshotReader& reader, SnapshotSink& sink,
                                          BytesView bytes, std::size_t size) {
  for (std::size_t at = 0; at < bytes.size(); at += size) {
    const test::ExactBuffer chunk(bytes.subspan(at, std::min(size, bytes.size() - at)));
    const auto used = reader.feed(chunk.view(), sink);
    if (!used) return used.error();
    EXPECT_TRUE(*used == chunk.view().size() || reader.done());
  }
  return std::nullopt;
}

class GoldenSnapshot : public testing::TestWithParam<std::string> {};

TEST_P(GoldenSnapshot, IsCountedInChunksOfAnySize) {
  const Bytes bytes = test::read_golden(GetParam());
  for (const std::size_t size : {std::size_t{1}, std::size_t{7}, std::size_t{64}, bytes.size()}) {
    SnapshotReader reader;
    Collect sink;
    const auto error = feed_in_chunks(reader, sink, bytes, size);
    ASSERT_FALSE(error) << to_string(*error);
    EXPECT_TRUE(reader.done());
    EXPECT_EQ(counts_line(reader.counts()), test::golden_line(GetParam()));
    EXPECT_EQ(sink.nodes.size(), reader.counts().nodes);
    EXPECT_EQ(sink.sessions.size(), reader.counts().sessions);
  }
}

TEST_P(GoldenSnapshot, IsNotDoneAtAnyTruncation) {
  const Bytes bytes = test::read_golden(GetParam());
  for (std::size_t n = 0; n < bytes.size(); ++n) {
    SnapshotReader reader;
    Collect sink;
    const test::ExactBuffer cut(BytesView(bytes).first(n));
    ASSERT_TRUE(reader.feed(cut.view(), sink)) << n;
    EXPECT_FALSE(reader.done()) << n;
  }
}

TEST_P(GoldenSnapshot, LeavesWhatFollowsToTheNextReader) {
  Bytes bytes = test::read_golden(GetParam());
  const std::size_t size = bytes.size();
  bytes.push_back(0);
  const test::ExactBuffer longer(bytes);
  SnapshotReader reader;
  Collect sink;
  EXPECT_EQ(reader.feed(longer.view(), sink), size);
  EXPECT_EQ(reader.feed(longer.view(), sink), 0u);
}

INSTANTIATE_TEST_SUITE_P(Fixtures, GoldenSnapshot, testing::ValuesIn([] {
                           auto names = test::list_fixtures("snapshot");
                           std::erase_if(names, [](const auto& n) { return !n.ends_with(".hex"); });
                           return names;
                         }()),
                         [](const testing::TestParamInfo<std::string>& param) {
                           std::string name = param.param.substr(9, param.param.size() - 13);
                           for (char& c : name) {
                             if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
                           }
                           return name;
                         });

// What a sink was told, written out again.
Bytes written_back(const Collect& sink) {
  Writer writer;
  write_count(writer, sink.sessions.size());
  for (const auto& [session, timeout] : sink.sessions) write_session(writer, session, timeout);
  std::vector<std::pair<std::int64_t, std::vector<Acl>>> lists;
  for (const auto& [index, acl] : sink.acls) {
    if (lists.empty() || lists.back().first != index) lists.push_back({index, {}});
    lists.back().second.push_back(acl);
  }
  write_count(writer, lists.size());
  for (const auto& [index, list] : lists) write_acl_entry(writer, index, list);
  for (const SnapshotNode& node : sink.nodes) {
    write_node(writer, node.path, node.data, node.acl, node.stat);
  }
  write_nodes_end(writer);
  write_signature(writer);
  return writer.take();
}

TEST_P(GoldenSnapshot, IsWrittenBackByteForByte) {
  const Bytes bytes = test::read_golden(GetParam());
  SnapshotLimits limits;
  limits.keep_data = true;
  SnapshotReader reader(limits);
  Collect sink;
  ASSERT_TRUE(reader.feed(bytes, sink));
  EXPECT_EQ(hex_encode(written_back(sink)), hex_encode(bytes));
}

TEST_P(GoldenSnapshot, WithoutASignatureEndsAtTheLastPath) {
  const Bytes bytes = test::read_golden(GetParam());
  SnapshotLimits limits;
  limits.signature = false;
  SnapshotReader reader(limits);
  Collect sink;
  EXPECT_EQ(reader.feed(bytes, sink), bytes.size() - 4 - kSnapshotSignature.size());
  EXPECT_TRUE(reader.done());
}

TEST(SnapshotStream, NodesComeWithPathStatAndDataWhenAsked) {
  const Bytes bytes = test::read_golden("snapshot/file.3.9.6.hex");
  SnapshotLimits limits;
  limits.keep_data = true;
  SnapshotReader reader(limits);
  Collect sink;
  ASSERT_TRUE(reader.feed(bytes, sink));
  EXPECT_EQ(sink.sessions[0], (std::pair<std::int64_t, std::int32_t>{0x100004943900000, 12000}));
  EXPECT_EQ(sink.acls[1].first, 2);
  EXPECT_EQ(sink.acls[1].second, (Acl{31, {"world", "anyone"}}));
  EXPECT_EQ(sink.nodes[0].path, "");
  EXPECT_EQ(sink.nodes[0].acl, -1);
  const SnapshotNode& a = sink.nodes[1];
  EXPECT_EQ(a.path, "/a");
  EXPECT_EQ(a.data, Bytes{'z'});
  EXPECT_EQ(a.acl, 1);
  EXPECT_EQ(a.stat.czxid, Zxid(0x100000002));
  EXPECT_EQ(a.stat.mzxid, Zxid(0x200000008));
  EXPECT_EQ(a.stat.ctime_ms, 0x1a1fc217f27);
  EXPECT_EQ(a.stat.version, 6);
  EXPECT_EQ(a.stat.cversion, 2);
  EXPECT_EQ(a.stat.aversion, 1);
  EXPECT_EQ(a.stat.ephemeral_owner, 0);
  EXPECT_EQ(a.stat.pzxid, Zxid(0x10000001d));
}

TEST(SnapshotStream, DataThatNobodyAskedForIsCountedAndNotKept) {
  const Bytes bytes = test::read_golden("snapshot/file.3.9.6.hex");
  SnapshotReader reader;
  Collect sink;
  ASSERT_TRUE(reader.feed(bytes, sink));
  EXPECT_EQ(sink.nodes[1].data_size, 1u);
  EXPECT_FALSE(sink.nodes[1].data);
}

// The error of a stream of these bytes, whole and byte by byte: both must agree.
DecodeError refused(const std::string& hex, SnapshotLimits limits = {}) {
  const Bytes bytes = *hex_decode(hex);
  Collect sink;
  SnapshotReader at_once(limits);
  const test::ExactBuffer exact(bytes);
  const auto whole = at_once.feed(exact.view(), sink);
  EXPECT_FALSE(whole);
  SnapshotReader slowly(limits);
  EXPECT_EQ(feed_in_chunks(slowly, sink, bytes, 1), whole.error());
  EXPECT_EQ(slowly.feed(exact.view(), sink).error(), whole.error()) << "an error stays";
  return whole.error();
}

const std::string kNoSessionsNoAcls = "00000000 00000000";

TEST(SnapshotStream, CountsBelowZeroAreRefused) {
  EXPECT_EQ(to_string(refused("ffffffff")), "sessions at byte 0: expected 0 or more, found -1");
  EXPECT_EQ(refused("00000000 80000000").field, "acls");
}

TEST(SnapshotStream, LengthsOutsideTheirLimitAreRefused) {
  for (const char* length : {"fffffffe", "80000000", "7fffffff", "001fffff"}) {
    const DecodeError path = refused(kNoSessionsNoAcls + length);
    EXPECT_EQ(path.field, "path");
    EXPECT_EQ(path.offset, 8u);
    const DecodeError data = refused(kNoSessionsNoAcls + "00000000" + length);
    EXPECT_EQ(data.field, "data");
    EXPECT_EQ(data.offset, 12u);
    EXPECT_EQ(
        refused("00000000 00000001 0000000000000001 00000001 0000001f" + std::string(length)).field,
        "acl.scheme");
  }
}

TEST(SnapshotStream, ACountOfAclEntriesAboveTheLimitIsRefused) {
  EXPECT_EQ(refused("00000000 00000001 0000000000000001 00010001").field, "acl");
}

TEST(SnapshotStream, LimitsCanBeTighter) {
  SnapshotLimits limits;
  limits.max_data = 3;
  EXPECT_EQ(refused(kNoSessionsNoAcls + "00000000 00000004", limits).expected, "-1..3");
}

TEST(SnapshotStream, APathIsAbsoluteOrTheRoot) {
  EXPECT_EQ(to_string(refused(kNoSessionsNoAcls + "00000001 61")),
            "path at byte 8: expected an absolute path, found \"a\"");
  EXPECT_EQ(refused(kNoSessionsNoAcls + "ffffffff").found, "null");
}

TEST(SnapshotStream, AnotherSignatureIsRefused) {
  const std::string end = kNoSessionsNoAcls + "00000001 2f";
  EXPECT_EQ(to_string(refused(end + "0000000a 42656e57617349657265")),
            "signature at byte 13: expected \"BenWasHere\", found \"BenWasIere\"");
  EXPECT_EQ(refused(end + "0000000b").fault, DecodeFault::kOutOfRange);
  EXPECT_EQ(refused(end + "ffffffff").found, "\"\"");
}

TEST(SnapshotStream, AListWithoutEntriesIsAList) {
  SnapshotReader reader;
  Collect sink;
  ASSERT_TRUE(reader.feed(*hex_decode("00000000 00000002 0000000000000001 ffffffff"
                                      "0000000000000002 00000000 00000001 2f"
                                      "0000000a 42656e57617348657265"),
                          sink));
  EXPECT_TRUE(reader.done());
  EXPECT_EQ(reader.counts().acls, 2u);
  EXPECT_TRUE(sink.acls.empty());
}

}  // namespace
}  // namespace zkprobe::wire
