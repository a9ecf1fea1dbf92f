#include "capture/decoder.hpp"

#include <gtest/gtest.h>

#include "build.hpp"

namespace zkprobe::capture {
namespace {

TEST(Decoder, ALostSegmentIsAGapAndWhatFollowsIsRead) {
  Messages out;
  Decoder decoder(out);
  Wire wire(decoder);
  wire.open();
  wire.say(Side::kDialler, hex("0000000000000003"));
  wire.say(Side::kDialler, vote(1));
  wire.lose(Side::kDialler, 44);
  wire.say(Side::kDialler, vote(3));
  decoder.finish();
  ASSERT_EQ(out.seen.size(), 4U);
  EXPECT_EQ(std::get<Gap>(out.seen[2].body).bytes, 44U);
  EXPECT_EQ(out.seen[2].offset, 52U);
  EXPECT_EQ(std::get<SeenNotification>(out.seen[3].body).notification.leader, Sid(3));
  EXPECT_EQ(out.seen[3].offset, 96U);
  EXPECT_EQ(decoder.streams().gap_bytes, 44U);
}

TEST(Decoder, NumbersWrapWithoutAGap) {
  Messages out;
  Decoder decoder(out);
  Wire wire(decoder);  // the acceptor begins 256 bytes before the wrap
  wire.open();
  wire.say(Side::kDialler, hex("0000000000000003"));
  for (int i = 0; i < 20; ++i) wire.say(Side::kAcceptor, vote(i));
  decoder.finish();
  EXPECT_EQ(out.seen.size(), 21U);
  EXPECT_EQ(decoder.streams().gaps, 0U);
}

TEST(Decoder, HoldsNothingBeyondItsBoundsWhateverComes) {
  Messages out;
  DecoderOptions options;
  options.memory = 100'000;
  options.max_streams = 50;
  Decoder decoder(out, options);
  const Bytes block(1'000, 0);
  for (std::uint16_t port = 1; port < 2'000; ++port) {
    Wire wire(decoder, at("10.0.0.9", static_cast<std::uint16_t>(10'000 + port)));
    wire.open();
    wire.say(Side::kDialler, hex("000000000000000300080000"));  // announces 512 KiB
    wire.say(Side::kDialler, block);
    wire.lose(Side::kDialler, 1);
    wire.say(Side::kDialler, block);
  }
  decoder.finish();
  EXPECT_EQ(decoder.streams().streams, 1'999U);
  EXPECT_EQ(decoder.streams().evicted, 1'949U);
  EXPECT_EQ(decoder.conversations().streams[static_cast<std::size_t>(Protocol::kElection)], 1'999U);
}

}  // namespace
}  // namespace zkprobe::capture
