#include "capture/side_reader.hpp"

#include <gtest/gtest.h>

#include "build.hpp"
#include "support/fixtures.hpp"
#include "wire/describe.hpp"

namespace zkprobe::capture {
namespace {

using Step = SideReader::Step;

// What came out, in one line: kinds and offsets.
struct Side1 : SideOutput {
  Budget budget{1'000'000, 0};
  SideReader reader{budget, *this};
  std::string text;
  std::uint64_t skipped = 0;
  int sasl = 0, unfinished = 0;
  std::vector<MessageBody> bodies;

  explicit Side1(Step step) { reader.become(step, {}); }
  void on_body(const Place&, std::uint64_t offset, BytesView, const MessageBody& body) override {
    static constexpr const char* kNames[] = {"greeting", "vote", "packet", "gap", "malformed"};
    text += std::string(kNames[body.index()]) + "@" + std::to_string(offset) + " ";
    bodies.push_back(body);
  }
  void on_sasl() override { ++sasl; }
  void on_skipped(std::uint64_t bytes) override { skipped += bytes; }
  void on_unfinished() override { ++unfinished; }
};

TEST(SideReader, CutsTheSameMessagesWhereverTheBytesAreCut) {
  const Bytes stream = joined(joined(hex("0000000000000003"), vote(3)), vote(2));
  for (std::size_t first = 0; first <= stream.size(); ++first) {
    for (std::size_t second = first; second <= stream.size(); second += 7) {
      Side1 side(Step::kGreeting);
      const BytesView all(stream);
      side.reader.bytes({}, all.first(first));
      side.reader.bytes({}, all.subspan(first, second - first));
      side.reader.bytes({}, all.subspan(second));
      EXPECT_EQ(side.text, "greeting@0 vote@8 vote@52 ");
      EXPECT_EQ(side.budget.used, 0U);
    }
  }
}

TEST(SideReader, AGapInsideAFrameEndsWithThatFrame) {
  Side1 side(Step::kFrames);
  const Bytes frames = joined(vote(1), vote(2));
  side.reader.bytes({}, BytesView(frames).first(10));
  side.reader.gap({}, {20, GapReason::kLost});
  side.reader.bytes({}, BytesView(frames).subspan(30));
  EXPECT_EQ(side.text, "gap@10 vote@44 ");
}

TEST(SideReader, AfterAGapOfAnyLengthTheNextVoteIsFound) {
  Bytes frames;
  for (int i = 0; i < 6; ++i) frames = joined(frames, vote(i + 1));
  for (std::size_t from = 0; from < 90; ++from) {
    for (std::size_t size = 1; size < 100; size += 3) {
      Side1 side(Step::kFrames);
      side.reader.bytes({}, BytesView(frames).first(from));
      side.reader.gap({}, {size, GapReason::kLost});
      side.reader.bytes({}, BytesView(frames).subspan(from + size));
      const std::size_t whole = from / 44 + (frames.size() - from - size) / 44;
      std::size_t votes = 0;
      for (const auto& body : side.bodies) votes += std::holds_alternative<SeenNotification>(body);
      EXPECT_EQ(votes, whole) << from << " " << size;
    }
  }
}

TEST(SideReader, ARefusedLengthIsSaidAndTheNextFrameFound) {
  Side1 side(Step::kFrames);
  side.reader.bytes({}, joined(hex("7fffffff01020304"), vote(3)));
  EXPECT_EQ(side.text, "malformed@0 vote@8 ");
  EXPECT_EQ(side.skipped, 8U);
  const auto& bad = std::get<Malformed>(side.bodies.front());
  EXPECT_EQ(bad.what, "frame");
  EXPECT_EQ(bad.error.field, "length");
  EXPECT_EQ(bad.error.expected, "1..1048576");
}

TEST(SideReader, AVoteWithAStateThatNobodySendsIsMalformedAndTheNextIsRead) {
  Bytes bad = vote(3);
  bad[7] = 9;
  Side1 side(Step::kFrames);
  side.reader.bytes({}, joined(bad, vote(2)));
  EXPECT_EQ(side.text, "malformed@0 vote@44 ");
  EXPECT_EQ(std::get<Malformed>(side.bodies.front()).error.offset, 4U);
}

TEST(SideReader, SaslStandsBetweenGreetingAndVotes) {
  Side1 side(Step::kGreeting);
  const Bytes token = hex("5f2435013501edcc0000000000000003616263");
  side.reader.bytes({}, joined(joined(hex("0000000000000003"), token), vote(3)));
  EXPECT_EQ(side.text, "greeting@0 vote@27 ");
  EXPECT_EQ(side.sasl, 1);
}

TEST(SideReader, AGreetingWithABadAddressIsSkippedByItsLength) {
  Side1 side(Step::kGreeting);
  side.reader.bytes({}, joined(hex("ffffffffffff0000000000000000000300000004"
                                   "61616161"),
                               vote(3)));
  EXPECT_EQ(side.text, "malformed@0 vote@24 ");
}

// The snapshot of a real server, behind the packet that announces it.
Bytes snap() {
  wire::QuorumPacket packet;
  packet.type = wire::PacketType::kSnap;
  const auto files = test::list_fixtures("snapshot");
  for (const auto& file : files) {
    if (file.ends_with(".hex")) return joined(wire::encode(packet), test::read_golden(file));
  }
  throw std::runtime_error("no golden snapshot");
}

TEST(SideReader, ASnapshotCountsAsOneMessageWithItsPacket) {
  const Bytes bytes = snap();
  Side1 side(Step::kPackets);
  for (const std::uint8_t byte : joined(bytes, ping())) side.reader.bytes({}, {&byte, 1});
  EXPECT_EQ(side.text, "packet@0 packet@" + std::to_string(bytes.size()) + " ");
  const auto& seen = std::get<SeenPacket>(side.bodies.front());
  ASSERT_TRUE(seen.snapshot);
  EXPECT_TRUE(seen.snapshot->complete);
  EXPECT_EQ(seen.snapshot->counts.bytes, bytes.size() - 20);
  EXPECT_GT(seen.snapshot->counts.nodes, 2U);
}

TEST(SideReader, AGapInASnapshotIsLeftBehindAtItsSignature) {
  const Bytes bytes = snap();
  Side1 side(Step::kPackets);
  side.reader.bytes({}, BytesView(bytes).first(60));
  side.reader.gap({}, {20, GapReason::kSnapped});
  side.reader.bytes({}, joined(Bytes(bytes.begin() + 80, bytes.end()), ping()));
  EXPECT_EQ(side.text, "packet@0 gap@60 packet@" + std::to_string(bytes.size()) + " ");
  EXPECT_FALSE(std::get<SeenPacket>(side.bodies.front()).snapshot->complete);
}

TEST(SideReader, AfterAGapTheNextPacketIsFound) {
  Side1 side(Step::kPackets);
  side.reader.bytes({}, joined(ping(1), BytesView(ping(2)).first(7)));
  side.reader.gap({}, {5, GapReason::kLost});
  side.reader.bytes({}, BytesView(ping(2)).subspan(12));
  side.reader.bytes({}, ping(3));
  EXPECT_EQ(side.text, "packet@0 gap@27 packet@40 ");
}

TEST(SideReader, AnUnknownTypeIsSaidAndTheNextPacketFound) {
  Side1 side(Step::kPackets);
  side.reader.bytes({}, joined(hex("0000004d00000000"), ping()));
  EXPECT_EQ(side.text, "malformed@0 packet@8 ");
}

TEST(SideReader, WhatTheEndCutsOffIsCountedAndNotMalformed) {
  Side1 side(Step::kFrames);
  side.reader.bytes({}, BytesView(vote(3)).first(4));
  side.reader.close({});
  EXPECT_EQ(side.text, "");
  EXPECT_EQ(side.unfinished, 1);
  EXPECT_EQ(side.budget.used, 0U);
}

TEST(SideReader, WithoutMemoryALongMessageIsGivenUp) {
  Side1 side(Step::kFrames);
  side.budget.limit = 100;
  side.reader.bytes({}, hex("00080000"));
  side.reader.bytes({}, Bytes(200));
  side.reader.bytes({}, vote(3));
  EXPECT_EQ(side.text, "gap@0 vote@204 ");
}

}  // namespace
}  // namespace zkprobe::capture
