#include "replica/crc32.hpp"

#include <gtest/gtest.h>

#include <string>

namespace zkprobe::replica {
namespace {

TEST(Crc32, OfTheUsualExample) {
  EXPECT_EQ(Crc32().update(as_bytes("123456789")).value(), 0xcbf43926U);
  EXPECT_EQ(Crc32().value(), 0U);
}

TEST(Crc32, IsTheSameInPartsOfAnySize) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += static_cast<char>(i * 7);
  const std::uint32_t whole = Crc32().update(as_bytes(text)).value();
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    const std::string_view view = text;
    const std::uint32_t first = Crc32().update(as_bytes(view.substr(0, cut))).value();
    EXPECT_EQ(Crc32(first).update(as_bytes(view.substr(cut))).value(), whole) << cut;
  }
}

}  // namespace
}  // namespace zkprobe::replica
