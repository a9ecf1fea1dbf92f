#include "tree_view.hpp"

#include <gtest/gtest.h>

#include "output.hpp"

namespace zkprobe::tool {
namespace {

using replica::DataTree;

wire::Txn create(std::int64_t zxid, wire::TxnType type, wire::SimpleTxn body) {
  wire::Txn txn;
  txn.header = {0x77, 1, Zxid(zxid), 1'700'000'000'123, type};
  txn.body = std::move(body);
  return txn;
}

DataTree some_tree() {
  DataTree tree;
  const std::vector<wire::Acl> acl{{31, {"world", "anyone"}}};
  tree.apply(
      create(1, wire::TxnType::kCreate, wire::CreateTxn{"/a", Bytes{'h', 'i'}, acl, false, 1}));
  tree.apply(create(2, wire::TxnType::kCreate,
                    wire::CreateTxn{"/a/e\x1b", Bytes{0xff, 0, 1, 2}, acl, true, 1}));
  tree.apply(
      create(3, wire::TxnType::kCreateTtl, wire::CreateTtlTxn{"/t", std::nullopt, acl, 2, 500}));
  return tree;
}

std::string printed(const DataTree& tree, const TreeViewOptions& options) {
  std::string all;
  print_tree(tree, options, [&all](const std::string& text) {
    all += text;
    return true;
  });
  return all;
}

TEST(TreeView, ListsByPathWithTotalsLast) {
  const DataTree tree = some_tree();
  const std::string text = printed(tree, {});
  EXPECT_EQ(text.substr(0, text.rfind("zxid")),
            "    data  version  children  mzxid               path\n"
            "       0        0         3  0x0                 /\n"
            "       2        0         1  0x1                 /a\n"
            "       4        0         0  0x2                 /a/e\\x1b  ephemeral 0x77\n"
            "       0        0         0  0x3                 /t  ttl 500 ms\n"
            "       0        0         2  0x0                 /zookeeper\n"
            "       0        0         0  0x0                 /zookeeper/config\n"
            "       0        0         0  0x0                 /zookeeper/quota\n");
  EXPECT_EQ(text.substr(text.rfind("zxid")),
            "zxid 0x3  digest " + to_hex(tree.digest()) + "  7 nodes, 6 bytes of data\n");
}

TEST(TreeView, RecordsHoldWhatAClientReads) {
  const DataTree tree = some_tree();
  const Json a = Json::parse(node_record(tree, tree.find("/a")));
  EXPECT_EQ(a["path"], "/a");
  EXPECT_EQ(a["data"], "hi");
  EXPECT_EQ(a["kind"], "persistent");
  EXPECT_EQ(a["acl"].dump(), R"([{"perms":31,"scheme":"world","id":"anyone"}])");
  EXPECT_EQ(a["ctime"], "2023-11-14T22:13:20.123000Z");
  EXPECT_EQ(a["cversion"], 1);
  EXPECT_EQ(a["pzxid"], "0x2");
  const Json e = Json::parse(node_record(tree, tree.find("/a/e\x1b")));
  EXPECT_EQ(e["data_base64"], "/wABAg==");
  EXPECT_EQ(e["data_bytes"], 4);
  EXPECT_EQ(e["session"], "0x77");
  const Json t = Json::parse(node_record(tree, tree.find("/t")));
  EXPECT_TRUE(t["data"].is_null());
  EXPECT_EQ(t["ttl_ms"], 500);
}

TEST(TreeView, TheDigestOfASubtreeIsThatOfItsNodes) {
  const DataTree tree = some_tree();
  TreeViewOptions options;
  options.digest = true;
  options.json = true;
  const Json whole = Json::parse(printed(tree, options));
  EXPECT_EQ(whole["digest"], to_hex(tree.digest()));
  EXPECT_EQ(whole["zxid"], "0x3");
  EXPECT_EQ(whole["nodes"], 7);
  EXPECT_FALSE(whole.contains("below"));
  options.path = "/a";
  const Json part = Json::parse(printed(tree, options));
  EXPECT_EQ(part["below"], "/a");
  EXPECT_EQ(part["nodes"], 2);
  EXPECT_NE(part["digest"], whole["digest"]);
  options.json = false;
  EXPECT_EQ(printed(tree, options), "zxid 0x3  digest " + part["digest"].get<std::string>() +
                                        " of /a and below  2 nodes, 6 bytes of data\n");
}

TEST(TreeView, TimesThatNoClockShowsStayNumbers) {
  DataTree tree;
  wire::Txn txn = create(1, wire::TxnType::kCreate, wire::CreateTxn{"/a", Bytes{}, {}, false, 1});
  txn.header.time_ms = std::numeric_limits<std::int64_t>::max();
  tree.apply(txn);
  EXPECT_EQ(Json::parse(node_record(tree, tree.find("/a")))["ctime"],
            std::numeric_limits<std::int64_t>::max());
}

TEST(TreeView, StopsWhereNobodyReads) {
  const DataTree tree = some_tree();
  int calls = 0;
  print_tree(tree, {}, [&calls](const std::string&) {
    ++calls;
    return false;
  });
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace zkprobe::tool
