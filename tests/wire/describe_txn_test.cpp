// Every golden transaction's line is compared in txn_test.cpp; here is what none of them has.
#include <gtest/gtest.h>

#include "support/fixtures.hpp"
#include "wire/txn.hpp"

namespace zkprobe::wire {
namespace {

Txn decoded(SimpleTxn body, TxnType type) {
  Txn txn;
  txn.header.session = 0x1000;
  txn.header.cxid = 1;
  txn.header.type = type;
  txn.body = std::move(body);
  return txn;
}

TEST(DescribeTxn, PathsAreNamedInTheirOrder) {
  const auto paths = [](const std::string& name) {
    return paths_of(*decode_txn(test::read_golden("txn/" + name + ".hex")));
  };
  EXPECT_EQ(paths("multi"), (std::vector<std::string>{"/m1", "/m1", "/m1", "/m1"}));
  EXPECT_EQ(paths("closeSession-expired"), std::vector<std::string>{"/a/e"});
  EXPECT_EQ(paths("reconfig"), std::vector<std::string>{"/zookeeper/config"});
  EXPECT_EQ(paths("createSession"), std::vector<std::string>{});
  EXPECT_EQ(paths("error"), std::vector<std::string>{});
}

TEST(DescribeTxn, APathFromTheNetworkIsShownSafely) {
  const auto txn = decoded(SimpleTxn(DeleteTxn{"/\x1b["}), TxnType::kDelete);
  EXPECT_EQ(describe(txn), "delete /\\x1b[ session=0x1000 cxid=1");
}

TEST(DescribeTxn, AnErrorHasItsName) {
  EXPECT_EQ(describe(decoded(SimpleTxn(ErrorTxn{-103}), TxnType::kError)),
            "error -103 BadVersion session=0x1000 cxid=1");
  EXPECT_EQ(describe(decoded(SimpleTxn(ErrorTxn{-999}), TxnType::kError)),
            "error -999 unknown session=0x1000 cxid=1");
}

TEST(DescribeTxn, ACloseSessionWithoutARecordSaysNothingOfPaths) {
  EXPECT_EQ(describe(decoded(SimpleTxn(CloseSessionTxn{}), TxnType::kCloseSession)),
            "closeSession session=0x1000 cxid=1");
}

}  // namespace
}  // namespace zkprobe::wire
