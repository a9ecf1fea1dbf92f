#include "pcap/pcapng_writer.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <vector>

#include "pcap/pcap_file.hpp"

namespace zkprobe::pcap {
namespace {

using std::chrono::nanoseconds;

struct Path {
  std::string text = testing::TempDir() + "zkprobe-pcapng-" +
                     ::testing::UnitTest::GetInstance()->current_test_info()->name();
  ~Path() { std::remove(text.c_str()); }
};

capture::Packet packet_of(const Bytes& bytes, std::int64_t time, std::size_t wire) {
  capture::Packet packet;
  packet.bytes = bytes;
  packet.time = nanoseconds(time);
  packet.wire_length = wire;
  return packet;
}

TEST(PcapngWriter, WhatItWritesIsReadBackToTheNanosecond) {
  const Path path;
  const Bytes lengths[] = {Bytes(1, 7), Bytes(4, 8), Bytes(15, 9)};
  {
    auto writer = PcapngWriter::create(path.text, {101, 64, "lo", "tcp"});
    ASSERT_TRUE(writer) << writer.error();
    std::int64_t time = 1'700'000'000'123'456'789;
    for (const Bytes& bytes : lengths) writer->packet(packet_of(bytes, time++, 1'000));
    writer->statistics(nanoseconds(time), 5, 2);
    EXPECT_TRUE(writer->flush());
  }
  auto file = PcapFile::open(path.text);
  ASSERT_TRUE(file) << file.error();
  capture::Packet packet;
  std::int64_t time = 1'700'000'000'123'456'789;
  for (const Bytes& bytes : lengths) {
    ASSERT_EQ(file->next(packet), PcapFile::Next::kPacket);
    EXPECT_EQ(Bytes(packet.bytes.begin(), packet.bytes.end()), bytes);
    EXPECT_EQ(packet.time, nanoseconds(time++));
    EXPECT_EQ(packet.wire_length, 1'000U);
    EXPECT_EQ(packet.link, capture::LinkType::kRaw);
  }
  EXPECT_EQ(file->next(packet), PcapFile::Next::kEnd);
}

// Whoever reads a growing file finds whole packets, however many are waiting in the buffer.
TEST(PcapngWriter, NoBlockIsInTheFileInPart) {
  const Path path;
  auto writer = PcapngWriter::create(path.text, {1, 262'144, "lo", "tcp"});
  ASSERT_TRUE(writer) << writer.error();
  const Bytes bytes(10'007, 5);
  bool some = false;
  for (std::size_t written = 1; written <= 120; ++written) {
    writer->packet(packet_of(bytes, 1, bytes.size()));
    auto file = PcapFile::open(path.text);
    ASSERT_TRUE(file) << file.error();
    capture::Packet packet;
    std::size_t found = 0;
    PcapFile::Next next;
    while ((next = file->next(packet)) == PcapFile::Next::kPacket) ++found;
    ASSERT_EQ(next, PcapFile::Next::kEnd) << file->error();
    ASSERT_LE(found, written);
    some = some || found > 0;
  }
  EXPECT_TRUE(some);
}

// Written by hand from draft-ietf-opsawg-pcapng, sections 4.1, 4.2, 4.3 and 4.6.
TEST(PcapngWriter, WritesTheBlocksOfTheDraft) {
  const Path path;
  {
    auto writer = PcapngWriter::create(path.text, {1, 96, "lo", "ip"});
    ASSERT_TRUE(writer) << writer.error();
    writer->packet(packet_of(Bytes{0xaa}, 0x0000'0001'0000'0002, 60));
    writer->statistics(nanoseconds(3), 9, 1);
  }
  std::ifstream in(path.text, std::ios::binary);
  const Bytes bytes{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  const auto expected = hex_decode(
      "0a0d0d0a 1c000000 4d3c2b1a 0100 0000 ffffffffffffffff 1c000000"
      "01000000 30000000 0100 0000 60000000"
      "  0200 0200 6c6f 0000  0900 0100 09 000000  0b00 0300 00 6970 00  0000 0000 30000000"
      "06000000 24000000 00000000 01000000 02000000 01000000 3c000000 aa 000000 24000000"
      "05000000 34000000 00000000 00000000 03000000"
      "  0400 0800 0900000000000000  0500 0800 0100000000000000  0000 0000 34000000");
  ASSERT_TRUE(expected);
  EXPECT_EQ(hex_encode(bytes), hex_encode(*expected));
}

TEST(PcapngWriter, AFileThatCannotBeWrittenIsNamed) {
  const auto writer = PcapngWriter::create("/nowhere/x.pcapng", {});
  ASSERT_FALSE(writer);
  EXPECT_EQ(writer.error().find("/nowhere/x.pcapng: cannot be written: "), 0U);
}

TEST(PcapngWriter, AFullDiskIsSaidOnce) {
  auto writer = PcapngWriter::create("/dev/full", {});
  ASSERT_FALSE(writer);
  EXPECT_EQ(writer.error().find("/dev/full: cannot be written: "), 0U);
}

}  // namespace
}  // namespace zkprobe::pcap
