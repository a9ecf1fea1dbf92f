#include "base/ids.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace zkprobe {
namespace {

TEST(Ids, AZxidHasAnEpochAndACounter) {
  const Zxid zxid = make_zxid(PeerEpoch(3), 0xfffffffe);
  EXPECT_EQ(zxid.value, 0x3fffffffe);
  EXPECT_EQ(epoch_of(zxid), PeerEpoch(3));
  EXPECT_EQ(counter_of(zxid), 0xfffffffe);
}

TEST(Ids, CompareAsSignedLongs) {
  EXPECT_LT(Zxid::min(), Zxid(-1));
  EXPECT_LT(Zxid(-1), Zxid(0));
  EXPECT_EQ(epoch_of(Zxid(-1)), PeerEpoch(-1));
}

TEST(Ids, TheNextZxidWrapsAsJavasLongDoes) {
  EXPECT_EQ(next(Zxid(0x100000002)), Zxid(0x100000003));
  EXPECT_EQ(next(Zxid(0x1ffffffff)), Zxid(0x200000000));
  EXPECT_EQ(next(Zxid(-1)), Zxid(0));
  EXPECT_EQ(next(Zxid(std::numeric_limits<std::int64_t>::max())), Zxid::min());
}

TEST(Ids, PrintAsJavaDoes) {
  EXPECT_EQ(to_hex(Zxid(0x100000002)), "0x100000002");
  EXPECT_EQ(to_hex(Zxid(0)), "0x0");
  EXPECT_EQ(to_hex(Zxid(-1)), "0xffffffffffffffff");
  EXPECT_EQ(to_string(Sid(-5)), "-5");
}

}  // namespace
}  // namespace zkprobe
