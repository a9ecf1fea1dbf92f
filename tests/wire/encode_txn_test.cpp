#include <gtest/gtest.h>

#include "support/fixtures.hpp"
#include "wire/txn.hpp"

namespace zkprobe::wire {
namespace {

TEST(EncodeTxn, EveryGoldenTransactionIsWrittenBackByteForByte) {
  std::size_t count = 0;
  for (const std::string& name : test::list_fixtures("txn")) {
    if (!name.ends_with(".hex")) continue;
    const Bytes bytes = test::read_golden(name);
    const auto txn = decode_txn(bytes);
    ASSERT_TRUE(txn) << name;
    EXPECT_EQ(hex_encode(encode_txn(*txn)), hex_encode(bytes)) << name;
    ++count;
  }
  EXPECT_GE(count, 18u);
}

TEST(EncodeTxn, RecordsOfOldReleasesStayShort) {
  CreateTxn create{"/a", std::nullopt, {}, true, std::nullopt};
  Txn txn{{1, 2, Zxid(3), 4, TxnType::kCreate}, SimpleTxn(create), std::nullopt};
  EXPECT_EQ(decode_txn(encode_txn(txn)), txn);
  txn.header.type = TxnType::kCloseSession;
  txn.body = SimpleTxn(CloseSessionTxn{});
  EXPECT_EQ(encode_txn(txn).size(), kTxnHeaderSize);
}

}  // namespace
}  // namespace zkprobe::wire
