#include "wire/adler32.hpp"

#include <gtest/gtest.h>

namespace zkprobe::wire {
namespace {

// The value that RFC 1950's definition gives by hand, one addition at a time.
std::uint32_t by_definition(BytesView bytes) {
  std::uint32_t a = 1;
  std::uint32_t b = 0;
  for (const std::uint8_t byte : bytes) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  return b << 16 | a;
}

TEST(Adler32, KnownValues) {
  EXPECT_EQ(adler32({}), 1u);
  EXPECT_EQ(adler32(as_bytes("Wikipedia")), 0x11e60398u);
}

TEST(Adler32, LongRunsOfTheHighestByteDoNotOverflow) {
  const Bytes bytes(20'000, 0xff);
  EXPECT_EQ(adler32(bytes), by_definition(bytes));
}

TEST(Adler32, PiecesOfAnySizeComeToTheSame) {
  Bytes bytes(7000);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i * 31);
  for (const std::size_t size : {1u, 7u, 5552u, 6999u}) {
    Adler32 sum;
    for (std::size_t at = 0; at < bytes.size(); at += size) {
      sum.update(BytesView(bytes).subspan(at, std::min(size, bytes.size() - at)));
    }
    EXPECT_EQ(sum.value(), by_definition(bytes)) << size;
  }
}

}  // namespace
}  // namespace zkprobe::wire
