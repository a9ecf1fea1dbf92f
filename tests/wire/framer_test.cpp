#include "wire/framer.hpp"

#include <gtest/gtest.h>

#include "support/fixtures.hpp"

namespace zkprobe::wire {
namespace {

Bytes hex(std::string_view text) { return *hex_decode(text); }

TEST(Framer, WaitsForTheWholePayload) {
  const Bytes bytes = hex("00000003 aabbcc 00000001 dd 0000");
  Framer framer;
  framer.append(test::ExactBuffer(bytes).view());
  EXPECT_EQ(framer.next().value(), hex("aabbcc"));
  EXPECT_EQ(framer.next().value(), hex("dd"));
  EXPECT_EQ(framer.next().value(), std::nullopt);
  EXPECT_EQ(framer.pending(), 2U);
}

TEST(Framer, EveryProperPrefixIsIncomplete) {
  const Bytes bytes = hex("00000003 aabbcc");
  for (std::size_t n = 0; n < bytes.size(); ++n) {
    Framer framer;
    framer.append(test::ExactBuffer(BytesView(bytes).first(n)).view());
    EXPECT_EQ(framer.next().value(), std::nullopt) << n;
    EXPECT_EQ(framer.pending(), n);
    framer.append(BytesView(bytes).subspan(n));
    EXPECT_EQ(framer.next().value(), hex("aabbcc")) << n;
  }
}

TEST(Framer, RefusesLengthsOutOfBoundsAndStaysThere) {
  for (const char* length : {"00000000", "ffffffff", "80000000", "00080001", "40000000"}) {
    Framer framer;
    framer.append(hex("00000001 aa"));
    ASSERT_TRUE(framer.next().value().has_value());
    framer.append(hex(length));
    const auto refused = framer.next();
    ASSERT_FALSE(refused.has_value()) << length;
    EXPECT_EQ(refused.error().fault, DecodeFault::kOutOfRange);
    EXPECT_EQ(refused.error().offset, 5U);
    EXPECT_EQ(refused.error().expected, "1..524288");
    framer.append(hex("00000001 bb"));
    EXPECT_EQ(framer.next(), refused);
    EXPECT_EQ(framer.pending(), 0U);
  }
}

TEST(Framer, TakesTheLongestPayloadOfTheRelease) {
  Dialect old;
  old.release = *parse_release("3.4.5");
  for (const std::size_t limit : {kMaxFrame, old.max_frame()}) {
    Framer framer(limit);
    framer.append(frame(Bytes(limit, 7)));
    EXPECT_EQ(framer.next().value()->size(), limit);
    framer.append(frame(Bytes(limit + 1, 7)));
    EXPECT_FALSE(framer.next().has_value());
  }
}

TEST(Framer, HoldsNoMoreThanOneFrameForACallerThatDrains) {
  Framer framer(100);
  const Bytes bytes = frame(Bytes(100, 1));
  for (int i = 0; i < 1000; ++i) {
    framer.append(BytesView(bytes).first(60));
    ASSERT_EQ(framer.next().value(), std::nullopt);
    ASSERT_LE(framer.pending(), 103U);
    framer.append(BytesView(bytes).subspan(60));
    ASSERT_TRUE(framer.next().value().has_value());
    ASSERT_EQ(framer.pending(), 0U);
  }
}

}  // namespace
}  // namespace zkprobe::wire
