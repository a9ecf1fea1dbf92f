#include "capture/fragments.hpp"

#include <gtest/gtest.h>

#include "build.hpp"

namespace zkprobe::capture {
namespace {

Fragment piece(std::uint32_t id, std::size_t offset, bool more, BytesView bytes) {
  return {{kDialler.host, kAcceptor.host, id, 6}, offset, more, bytes};
}

TEST(Fragments, ComeTogetherInAnyOrder) {
  const Bytes text = bytes_of("0123456789abcdefghijklmn");
  const BytesView all(text);
  std::vector<int> order{0, 1, 2};
  do {
    Fragments fragments;
    BytesView whole;
    for (const int i : order) {
      EXPECT_TRUE(whole.empty());
      const auto offset = static_cast<std::size_t>(i) * 8;
      whole = fragments.add(piece(1, offset, i < 2, all.subspan(offset, 8)));
    }
    EXPECT_EQ(to_text(whole), to_text(all));
    EXPECT_EQ(fragments.waiting(), 0U);
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST(Fragments, OverlapsKeepTheBytesThatCameFirst) {
  Fragments fragments;
  EXPECT_TRUE(fragments.add(piece(1, 8, false, bytes_of("BBBBBBBB"))).empty());
  EXPECT_EQ(to_text(fragments.add(piece(1, 0, true, bytes_of("aaaaaaaaaaaaaaaa")))),
            "aaaaaaaaBBBBBBBB");
}

TEST(Fragments, TheOldestFallsOut) {
  Fragments fragments;
  for (std::uint32_t id = 0; id <= Fragments::kMaxDatagrams; ++id) {
    fragments.add(piece(id, 0, true, bytes_of("12345678")));
  }
  EXPECT_EQ(fragments.waiting(), Fragments::kMaxDatagrams);
  EXPECT_TRUE(fragments.add(piece(0, 8, false, bytes_of("x"))).empty());
  EXPECT_EQ(to_text(fragments.add(piece(2, 8, false, bytes_of("x")))), "12345678x");
}

TEST(Fragments, TooManyPiecesOrTooLongAreDropped) {
  Fragments fragments;
  EXPECT_TRUE(fragments.add(piece(1, 65'528, false, bytes_of("12345678"))).empty());
  EXPECT_EQ(fragments.waiting(), 0U);
  for (std::size_t i = 0; i <= Fragments::kMaxPieces; ++i) {
    fragments.add(piece(2, 16, true, bytes_of("12345678")));
  }
  EXPECT_EQ(fragments.waiting(), 0U);
}

}  // namespace
}  // namespace zkprobe::capture
