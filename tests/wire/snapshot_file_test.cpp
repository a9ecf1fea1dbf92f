#include "wire/snapshot_file.hpp"

#include <gtest/gtest.h>

#include "support/fixtures.hpp"

namespace zkprobe::wire {
namespace {

const char* const kGolden[] = {"store/snapshot.3.9.6.hex", "store/snapshot.3.9.6-empty.hex"};

Decoded<SnapshotSections> read(BytesView bytes, std::size_t chunk) {
  SnapshotFileReader reader;
  SnapshotSink sink;
  for (std::size_t at = 0; at < bytes.size(); at += chunk) {
    const test::ExactBuffer part(bytes.subspan(at, std::min(chunk, bytes.size() - at)));
    const auto fed = reader.feed(part.view(), sink);
    if (!fed) return DecodeFailure(fed.error());
  }
  return reader.finish();
}

// The body, without header, seals and sections: the stream of the same tree without its signature.
Bytes body_of(const std::string& name) {
  Bytes body = test::read_golden(name);
  body.resize(body.size() - 4 - kSnapshotSignature.size());
  return body;
}

TEST(SnapshotFile, TheGoldenFilesAreReadInChunksOfAnySize) {
  for (const char* name : kGolden) {
    const Bytes bytes = test::read_golden(name);
    for (const std::size_t chunk :
         {std::size_t{1}, std::size_t{13}, std::size_t{54}, bytes.size()}) {
      const auto sections = read(bytes, chunk);
      ASSERT_TRUE(sections) << to_string(sections.error());
      EXPECT_TRUE(sections->digest && sections->last_processed);
    }
  }
  const auto sections = read(test::read_golden(kGolden[0]), 100);
  EXPECT_EQ(sections->digest, (ZxidDigest{Zxid(0x200000010), 2, 0x443fbd8a4}));
  EXPECT_EQ(sections->last_processed, Zxid(0x200000010));
}

TEST(SnapshotFile, TheGoldenFilesAreWrittenBackByteForByte) {
  for (const char* name : kGolden) {
    const Bytes bytes = test::read_golden(name);
    const auto sections = read(bytes, bytes.size());
    const Bytes body = body_of(std::string(name).replace(0, 14, "snapshot/file"));
    SnapshotFileEncoder encoder;
    Bytes again = encoder.header();
    encoder.body(body);
    again.insert(again.end(), body.begin(), body.end());
    const Bytes end = encoder.end(*sections);
    again.insert(again.end(), end.begin(), end.end());
    EXPECT_EQ(hex_encode(again), hex_encode(bytes));
  }
}

TEST(SnapshotFile, WithEachReleasesSectionsItIsReadAgain) {
  const Bytes body = body_of("snapshot/file.3.9.6.hex");
  const ZxidDigest digest{Zxid(0x200000010), 2, 77};
  for (const Release release : {Release{3, 5, 10}, Release{3, 6, 0}, Release{3, 9, 0}}) {
    const SnapshotSections sections = sections_of(release, digest, Zxid(0x200000011));
    EXPECT_EQ(sections.digest.has_value(), release >= Release(3, 6, 0));
    EXPECT_EQ(sections.last_processed.has_value(), release >= Release(3, 9, 0));
    SnapshotFileEncoder encoder;
    Bytes bytes = encoder.header();
    encoder.body(body);
    bytes.insert(bytes.end(), body.begin(), body.end());
    const Bytes end = encoder.end(sections);
    bytes.insert(bytes.end(), end.begin(), end.end());
    EXPECT_EQ(read(bytes, 11), sections);
  }
  EXPECT_EQ(sections_of({3, 8, 0}, std::nullopt, Zxid(5)).digest, ZxidDigest{});
  const SnapshotSections only_zxid{std::nullopt, Zxid(9)};
  SnapshotFileEncoder encoder;
  Bytes bytes = encoder.header();
  encoder.body(body);
  bytes.insert(bytes.end(), body.begin(), body.end());
  const Bytes end = encoder.end(only_zxid);
  bytes.insert(bytes.end(), end.begin(), end.end());
  EXPECT_EQ(read(bytes, 1), only_zxid);
}

// Cut behind a seal the file is one of an older release, and whole; cut anywhere else it is not.
TEST(SnapshotFile, EveryTruncationIsAnErrorButBehindASeal) {
  for (const char* name : kGolden) {
    const Bytes bytes = test::read_golden(name);
    for (std::size_t n = 0; n < bytes.size(); ++n) {
      const auto sections = read(BytesView(bytes).first(n), bytes.size());
      const std::size_t left = bytes.size() - n;
      EXPECT_EQ(sections.has_value(), left == 21 || left == 54) << n;
      if (!sections && n + 54 < bytes.size()) {
        EXPECT_EQ(sections.error().fault, DecodeFault::kTruncated);
      }
    }
  }
}

TEST(SnapshotFile, EveryFlippedByteIsNoticed) {
  const Bytes whole = test::read_golden(kGolden[1]);
  for (std::size_t at = 0; at < whole.size(); ++at) {
    Bytes bytes = whole;
    bytes[at] ^= 0x10;
    EXPECT_FALSE(read(bytes, bytes.size())) << at;
  }
}

TEST(SnapshotFile, AByteMoreIsAnError) {
  Bytes bytes = test::read_golden(kGolden[0]);
  bytes.push_back(0);
  const auto sections = read(bytes, bytes.size());
  ASSERT_FALSE(sections);
  EXPECT_EQ(sections.error().offset, 1388u);
}

TEST(SnapshotFile, HostileLengthsAreRefusedBeforeAnythingIsAllocated) {
  SnapshotFileEncoder encoder;
  Bytes bytes = encoder.header();
  Writer body;
  body.i32(0);
  body.i32(0);
  body.i32(0x7fffffff);
  bytes.insert(bytes.end(), body.bytes().begin(), body.bytes().end());
  const auto sections = read(bytes, bytes.size());
  ASSERT_FALSE(sections);
  EXPECT_EQ(to_string(sections.error()), "path at byte 24: expected -1..2097150, found 2147483647");
}

TEST(SnapshotFile, TheQuickLookWantsASealAtTheEnd) {
  const Bytes bytes = test::read_golden(kGolden[0]);
  EXPECT_TRUE(looks_sealed(bytes.size(), BytesView(bytes).last(5)));
  EXPECT_FALSE(looks_sealed(9, BytesView(bytes).last(5)));
  EXPECT_FALSE(looks_sealed(bytes.size(), BytesView(bytes).first(5)));
  EXPECT_FALSE(looks_sealed(bytes.size(), BytesView(bytes).last(4)));
}

}  // namespace
}  // namespace zkprobe::wire
