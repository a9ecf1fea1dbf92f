#include "wire/txn.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "support/fixtures.hpp"
#include "wire/golden_line.hpp"

namespace zkprobe::wire {
namespace {

template <class T>
const T& simple(const Txn& txn) {
  return std::get<T>(std::get<SimpleTxn>(txn.body));
}

class GoldenTxn : public testing::TestWithParam<std::string> {};

TEST_P(GoldenTxn, IsDescribedInOneLine) {
  const test::ExactBuffer bytes(test::read_golden(GetParam()));
  const auto txn = decode_txn(bytes.view());
  ASSERT_TRUE(txn) << to_string(txn.error());
  EXPECT_EQ("zxid=" + to_hex(txn->header.zxid) + " " + describe(*txn),
            test::golden_line(GetParam()));
}

// A digest that is cut is no digest; a record that is cut is an error, but for the two records that
// older releases write shorter: create without parentCVersion, closeSession without anything.
TEST_P(GoldenTxn, EveryTruncationIsAnErrorOrALesserRecord) {
  const Bytes bytes = test::read_golden(GetParam());
  const auto whole = decode_txn(bytes);
  const std::size_t record = bytes.size() - (whole->digest ? kTxnDigestSize : 0);
  for (std::size_t n = 0; n < bytes.size(); ++n) {
    const test::ExactBuffer cut(BytesView(bytes).first(n));
    const auto txn = decode_txn(cut.view());
    if (n >= record) {
      ASSERT_TRUE(txn) << n;
      EXPECT_FALSE(txn->digest);
      EXPECT_EQ(txn->body, whole->body);
    } else if (whole->header.type == TxnType::kCreate && n + 4 >= record) {
      ASSERT_TRUE(txn) << n;
      EXPECT_FALSE(simple<CreateTxn>(*txn).parent_cversion);
    } else if (whole->header.type == TxnType::kCloseSession && n >= kTxnHeaderSize) {
      ASSERT_TRUE(txn) << n;
      EXPECT_FALSE(simple<CloseSessionTxn>(*txn).paths);
    } else {
      EXPECT_FALSE(txn) << n;
    }
  }
}

TEST_P(GoldenTxn, BytesAfterItAreIgnored) {
  Bytes bytes = test::read_golden(GetParam());
  const auto whole = decode_txn(bytes);
  EXPECT_EQ(whole->digest.has_value(), whole->header.type != TxnType::kError);
  bytes.push_back(0xff);
  const test::ExactBuffer longer(bytes);
  EXPECT_EQ(decode_txn(longer.view()), *whole);
}

INSTANTIATE_TEST_SUITE_P(Fixtures, GoldenTxn, testing::ValuesIn([] {
                           auto names = test::list_fixtures("txn");
                           std::erase_if(names, [](const auto& n) { return !n.ends_with(".hex"); });
                           return names;
                         }()),
                         [](const testing::TestParamInfo<std::string>& param) {
                           std::string name = param.param.substr(4, param.param.size() - 8);
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST(Txn, TheSamplesHaveEveryTypeThatTheLogHas) {
  std::set<TxnType> seen;
  for (const std::string& name : test::list_fixtures("txn")) {
    if (name.ends_with(".hex")) seen.insert(decode_txn(test::read_golden(name))->header.type);
  }
  EXPECT_EQ(seen, (std::set<TxnType>{
                      TxnType::kCreate, TxnType::kDelete, TxnType::kSetData, TxnType::kSetAcl,
                      TxnType::kMulti, TxnType::kCreate2, TxnType::kReconfig,
                      TxnType::kCreateContainer, TxnType::kDeleteContainer, TxnType::kCreateTtl,
                      TxnType::kError, TxnType::kCreateSession, TxnType::kCloseSession}));
}

// Writes: header, then what is given as hex.
Bytes txn_with(std::int32_t type, const std::string& body) {
  Writer writer;
  writer.i64(0x1000);
  writer.i32(1);
  writer.i64(2);
  writer.i64(3);
  writer.i32(type);
  writer.raw(*hex_decode(body));
  return writer.take();
}

TEST(Txn, ACreateOf33HasNoParentVersion) {
  // path "/a", data "d", no ACL, not ephemeral
  const auto txn = decode_txn(txn_with(1, "00000002 2f61 00000001 64 00000000 00"));
  ASSERT_TRUE(txn);
  EXPECT_EQ(simple<CreateTxn>(*txn).path, "/a");
  EXPECT_FALSE(simple<CreateTxn>(*txn).parent_cversion);
  // create2 was never written that way.
  EXPECT_FALSE(decode_txn(txn_with(15, "00000002 2f61 00000001 64 00000000 00")));
}

TEST(Txn, ACloseSessionMayHaveADigestAlone) {
  const auto txn = decode_txn(txn_with(-11, "00000002 0000000431d86d8d"));
  ASSERT_TRUE(txn);
  EXPECT_FALSE(simple<CloseSessionTxn>(*txn).paths);
  EXPECT_EQ(txn->digest, (TxnDigest{2, 0x431d86d8d}));
}

TEST(Txn, AMultiWithAnErrorInItIsNotApplied) {
  const auto failed = decode_txn(test::read_golden("txn/multi-failed.hex"));
  const auto whole = decode_txn(test::read_golden("txn/multi.hex"));
  EXPECT_TRUE(std::get<MultiTxn>(failed->body).failed());
  EXPECT_FALSE(std::get<MultiTxn>(whole->body).failed());
}

TEST(Txn, HostileLengthsAreRefused) {
  for (const char* length : {"fffffffe", "80000000", "7fffffff", "001fffff"}) {
    const auto txn = decode_txn(txn_with(2, length));
    ASSERT_FALSE(txn) << length;
    EXPECT_EQ(txn.error().fault, DecodeFault::kOutOfRange) << length;
    EXPECT_EQ(txn.error().offset, kTxnHeaderSize);
  }
  // A count of ACLs and of multi elements that cannot fit.
  EXPECT_EQ(decode_txn(txn_with(7, "00000001 2f 7fffffff")).error().fault,
            DecodeFault::kOutOfRange);
  EXPECT_EQ(decode_txn(txn_with(14, "7fffffff")).error().fault, DecodeFault::kOutOfRange);
  // A null path.
  EXPECT_EQ(decode_txn(txn_with(2, "ffffffff")).error().fault, DecodeFault::kMalformed);
}

TEST(Txn, AnErrorInsideAMultiNamesItsPlaceInTheMessage) {
  // one element: delete whose data is two bytes
  const auto txn = decode_txn(txn_with(14, "00000001 00000002 00000002 0000"), 8);
  ASSERT_FALSE(txn);
  EXPECT_EQ(to_string(txn.error()), "txns.path at byte 52: expected 4 bytes, found 2");
}

TEST(Txn, AnUnknownTypeIsKeptUnread) {
  const auto txn = decode_txn(txn_with(99, "0102"));
  ASSERT_TRUE(txn);
  EXPECT_EQ(describe(*txn), "unknown(99) 2 bytes session=0x1000 cxid=1");
  const auto nested = decode_txn(txn_with(14, "00000001 0000000e 00000004 00000000"));
  EXPECT_EQ(describe(*nested), "multi [multi 4 bytes] session=0x1000 cxid=1");
}

}  // namespace
}  // namespace zkprobe::wire
