#include "capture/tcp_stream.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "build.hpp"

namespace zkprobe::capture {
namespace {

struct Half {
  Budget budget{1'000'000, 0};
  HalfStream stream{budget};
  Recorder out;

  void put(std::uint32_t seq, std::string_view text, std::size_t missing = 0) {
    TcpSegment sent = segment(kDialler, kAcceptor, seq, as_bytes(text));
    sent.missing = missing;
    stream.segment(sent, {}, out);
  }
  void fin(std::uint32_t seq) {
    stream.segment(segment(kDialler, kAcceptor, seq, {}, {.fin = true}), {}, out);
  }
};

TEST(HalfStream, EveryOrderOfSegmentsAcrossTheWrapGivesTheSameBytes) {
  const std::uint32_t isn = 0xfffffff8U;
  std::vector<int> order{0, 1, 2, 3, 4};
  do {
    Half half;
    half.stream.begin(isn);
    for (const int i : order) {
      const std::string text(4, static_cast<char>('a' + i));
      half.put(isn + 1 + static_cast<std::uint32_t>(i) * 4, text);
    }
    EXPECT_EQ(half.out.text, "aaaabbbbccccddddeeee");
    EXPECT_EQ(half.budget.used, 0U);
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST(HalfStream, RetransmissionsAndOverlapsComeOutOnceAndTheFirstBytesStay) {
  Half half;
  half.stream.begin(99);
  half.put(100, "abcd");
  half.put(100, "abcd");
  half.put(110, "KLM");
  half.put(106, "ghijXXXnop");  // reaches over what waits
  half.put(102, "cdef");
  EXPECT_EQ(half.out.text, "abcdefghijKLMnop");
}

TEST(HalfStream, AKeepAliveIsNothing) {
  Half half;
  half.stream.begin(99);
  half.put(99, "");
  half.put(100, "a");
  half.put(100, "x");
  half.put(101, "b");
  EXPECT_EQ(half.out.text, "ab");
}

TEST(HalfStream, AnAcknowledgedHoleIsGivenUpAfterSomePatience) {
  Half half;
  half.stream.begin(99);
  half.put(105, "fgh");
  half.stream.acknowledged(108);
  for (unsigned i = 1; i < HalfStream::kPatience; ++i) half.stream.tick({}, half.out);
  EXPECT_EQ(half.out.text, "");
  half.stream.tick({}, half.out);
  EXPECT_EQ(half.out.text, "[5 lost]fgh");
}

TEST(HalfStream, AHoleThatNobodyAcknowledgedMayStillBeFilled) {
  Half half;
  half.stream.begin(99);
  half.put(105, "fgh");
  for (unsigned i = 0; i < 10 * HalfStream::kPatience; ++i) half.stream.tick({}, half.out);
  half.put(100, "abcde");
  EXPECT_EQ(half.out.text, "abcdefgh");
}

TEST(HalfStream, WhatTheCaptureCutOffIsAGapAtOnce) {
  Half half;
  half.stream.begin(99);
  half.put(100, "ab", 3);
  half.put(110, "kl", 1);
  half.put(105, "fghij");
  EXPECT_EQ(half.out.text, "ab[3 snapped]fghijkl[1 snapped]");
}

TEST(HalfStream, TheEndGivesUpWhatIsMissing) {
  Half half;
  half.stream.begin(99);
  half.put(105, "f");
  half.fin(110);
  half.stream.finish({}, half.out);
  EXPECT_EQ(half.out.text, "[5 lost]f[4 lost]");
  EXPECT_TRUE(half.stream.done());
}

TEST(HalfStream, AFinThatWasAcknowledgedAndNotCapturedIsNoGap) {
  Half half;
  half.stream.begin(99);
  half.put(100, "a");
  half.stream.acknowledged(102);
  half.stream.finish({}, half.out);
  EXPECT_EQ(half.out.text, "a");
}

TEST(HalfStream, WaitsWithinItsBounds) {
  Half half;
  half.stream.begin(0);
  const std::string text(1'000, 'x');
  std::uint32_t seq = 2;  // one byte is missing
  for (int i = 0; i < 3'000; ++i, seq += 1'001) half.put(seq, text);
  EXPECT_LE(half.budget.used, half.budget.limit);
  EXPECT_NE(half.out.text.find("bounded"), std::string::npos);
  half.stream.finish({}, half.out);
  EXPECT_EQ(half.budget.used, 0U);
}

TEST(HalfStream, WithoutMemoryTheHoleIsGivenUp) {
  Half half;
  half.budget.used = half.budget.limit;
  half.stream.begin(99);
  half.put(105, "fgh");
  EXPECT_EQ(half.out.text, "[5 bounded]fgh");
}

TEST(HalfStream, NumbersFromAnotherLifeAreIgnored) {
  Half half;
  half.stream.begin(99);
  half.put(100, "a");
  half.put(100 + (1U << 30) + 5, "z");
  half.put(101, "b");
  EXPECT_EQ(half.out.text, "ab");
}

}  // namespace
}  // namespace zkprobe::capture
