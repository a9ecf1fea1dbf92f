#include "pcap/pcapng_reader.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "pcap/pcap_file.hpp"

namespace zkprobe::pcap {
namespace {

using capture::LinkType;

// Blocks by draft-ietf-opsawg-pcapng, in either order of bytes.
class Blocks {
 public:
  explicit Blocks(bool big = false) { section(big); }

  void section(bool big) {
    big_ = big;
    block(0x0a0d0d0a, u32(0x1a2b3c4d) + u16(1) + u16(0) + std::string(8, '\xff'));
  }
  void interface(std::uint16_t link, std::uint32_t kept = 0, const std::string& options = "") {
    block(1, u16(link) + u16(0) + u32(kept) + options);
  }
  void packet(std::uint32_t interface, std::uint64_t stamp, const std::string& kept) {
    block(6, u32(interface) + u64(stamp) + size(kept) + size(kept) + padded(kept));
  }
  void obsolete(std::uint16_t interface, std::uint64_t stamp, const std::string& kept) {
    block(2, u16(interface) + u16(7) + u64(stamp) + size(kept) + u32(99) + padded(kept));
  }
  void simple(std::uint32_t wire, const std::string& kept) { block(3, u32(wire) + padded(kept)); }
  void block(std::uint32_t type, const std::string& body) {
    const std::string total = u32(static_cast<std::uint32_t>(body.size() + 12));
    bytes += u32(type) + total + body + total;
  }
  std::string resolution(std::uint8_t value) const {
    return u16(9) + u16(1) + std::string(1, static_cast<char>(value)) + std::string(3, '\0');
  }
  std::string offset(std::uint64_t seconds) const {
    const std::string high = u32(static_cast<std::uint32_t>(seconds >> 32));
    const std::string low = u32(static_cast<std::uint32_t>(seconds));
    return u16(14) + u16(8) + (big_ ? high + low : low + high);
  }
  std::string u16(std::uint16_t value) const { return in_order(value, 2); }
  std::string u32(std::uint32_t value) const { return in_order(value, 4); }

  std::string bytes;

 private:
  // Of a stamp the upper half stands first, in either order.
  std::string u64(std::uint64_t value) const {
    return u32(static_cast<std::uint32_t>(value >> 32)) + u32(static_cast<std::uint32_t>(value));
  }
  std::string size(const std::string& text) const {
    return u32(static_cast<std::uint32_t>(text.size()));
  }
  static std::string padded(std::string text) {
    text.resize((text.size() + 3) / 4 * 4);
    return text;
  }
  std::string in_order(std::uint32_t value, int count) const {
    std::string text;
    for (int i = 0; i < count; ++i) text += static_cast<char>(value >> 8 * i & 0xff);
    if (big_) std::reverse(text.begin(), text.end());
    return text;
  }
  bool big_ = false;
};

std::string link_name(LinkType link) {
  if (link == LinkType::kEthernet) return "ethernet";
  return link == LinkType::kRaw ? "raw" : "other";
}

// One line for each packet, and one for an error.
std::vector<std::string> told_by(const std::string& bytes) {
  std::vector<std::string> lines;
  auto file = PcapFile::from_memory(as_bytes(bytes));
  if (!file) return {file.error()};
  capture::Packet packet;
  while (file->next(packet) == PcapFile::Next::kPacket) {
    lines.push_back(std::to_string(packet.number) + " " + std::to_string(packet.time.count()) +
                    " " + link_name(packet.link) + " " + std::to_string(packet.wire_length) + " " +
                    to_text(packet.bytes));
  }
  if (!file->error().empty()) lines.push_back(file->error());
  return lines;
}

using Lines = std::vector<std::string>;

TEST(PcapngReader, EachPacketHasTheLinkTypeOfItsInterface) {
  for (const bool big : {false, true}) {
    Blocks file(big);
    file.interface(1, 96);
    file.interface(101, 262'144);
    file.interface(276);
    file.packet(1, 1, "raw");
    file.packet(0, 2, "ether");
    file.packet(2, 0x1'0000'0003, "any");
    EXPECT_EQ(told_by(file.bytes), (Lines{"1 1000 raw 3 raw", "2 2000 ethernet 5 ether",
                                          "3 4294967299000 other 3 any"}));
  }
}

TEST(PcapngReader, ASectionBeginsWithItsOwnOrderAndInterfaces) {
  Blocks file(false);
  file.interface(1);
  file.packet(0, 1, "one");
  file.section(true);
  file.interface(101);
  file.packet(0, 2, "two");
  file.section(false);
  file.packet(0, 3, "of no interface");
  EXPECT_EQ(told_by(file.bytes),
            (Lines{"1 1000 ethernet 3 one", "2 2000 raw 3 two",
                   "memory: packet 3: a packet of the pcapng interface 0, which nothing "
                   "describes"}));
}

TEST(PcapngReader, TimesHaveTheResolutionAndOffsetOfTheirInterface) {
  for (const bool big : {false, true}) {
    Blocks file(big);
    file.interface(1, 0, file.resolution(9));
    file.interface(1, 0, file.resolution(3) + file.offset(1'000));
    file.interface(1, 0, file.resolution(0x80 | 10) + file.u16(0) + file.u16(0));
    file.interface(1, 0, file.resolution(12));
    file.interface(1, 0, file.offset(~std::uint64_t{0}));  // a second less
    file.interface(1, 0, file.resolution(0x80 | 63));
    file.packet(0, 1'700'000'000'123'456'789, "a");
    file.packet(1, 2'500, "b");
    file.packet(2, 1'536, "c");
    file.packet(3, 5'000'000'004'999, "d");
    file.packet(4, 3'000'000, "e");
    file.packet(5, 0xc000'0000'0000'0000, "f");
    EXPECT_EQ(told_by(file.bytes),
              (Lines{"1 1700000000123456789 ethernet 1 a", "2 1002500000000 ethernet 1 b",
                     "3 1500000000 ethernet 1 c", "4 5000000004 ethernet 1 d",
                     "5 2000000000 ethernet 1 e", "6 1500000000 ethernet 1 f"}));
  }
  Blocks fine;
  fine.interface(1, 0, fine.resolution(20));
  EXPECT_NE(told_by(fine.bytes)[0].find("64 bits cannot hold"), std::string::npos);
}

TEST(PcapngReader, SimpleAndObsoletePacketsAreRead) {
  for (const bool big : {false, true}) {
    Blocks file(big);
    file.interface(1, 4);
    file.interface(101);
    file.simple(3, "abc");
    file.simple(60, "kept");
    file.obsolete(1, 5, "old");
    EXPECT_EQ(told_by(file.bytes),
              (Lines{"1 0 ethernet 3 abc", "2 0 ethernet 60 kept", "3 5000 raw 99 old"}));
  }
}

TEST(PcapngReader, OtherBlocksArePassedOverWhateverTheirLength) {
  Blocks file;
  file.block(4, std::string(16, 'n'));
  file.interface(1);
  file.block(0x0bad, std::string(PcapngReader::kMaxBlock, 'x'));
  file.packet(0, 1, "one");
  file.block(5, "");
  EXPECT_EQ(told_by(file.bytes), Lines{"1 1000 ethernet 3 one"});
}

TEST(PcapngReader, APacketOfAnUnknownLinkCountsAndHasNoBytes) {
  Blocks file;
  file.interface(105);
  file.interface(1);
  file.packet(0, 1, "wifi");
  file.packet(1, 2, "ether");
  EXPECT_EQ(told_by(file.bytes), (Lines{"1 1000 raw 0 ", "2 2000 ethernet 5 ether"}));
  Blocks alone;
  alone.interface(105);
  alone.packet(0, 1, "wifi");
  EXPECT_EQ(told_by(alone.bytes)[0].find("memory: link type 105 (IEEE802_11): expected"), 0U);
}

TEST(PcapngReader, LengthsThatContradictThemselvesAreSaid) {
  const auto last = [](const std::string& body, std::uint32_t type = 6) {
    Blocks file;
    file.interface(1);
    file.packet(0, 1, "one");
    file.block(type, body);
    return told_by(file.bytes).back();
  };
  EXPECT_NE(last("short").find("a pcapng block of 17 bytes"), std::string::npos);
  EXPECT_NE(last("four").find("too short"), std::string::npos);
  EXPECT_NE(last("four", 1).find("too short"), std::string::npos);
  EXPECT_NE(last(std::string(20, '\x01')).find("interface 16843009"), std::string::npos);
  const Blocks order;
  EXPECT_NE(last(std::string(12, '\0') + order.u32(5) + order.u32(5) + "four").find("5 bytes"),
            std::string::npos);
  EXPECT_NE(last(std::string(8, '\0') + order.u16(9) + order.u16(999), 1).find("option longer"),
            std::string::npos);
  Blocks two;
  two.interface(1);
  two.packet(0, 1, "one");
  two.bytes[two.bytes.size() - 4] ^= 4;
  EXPECT_NE(told_by(two.bytes)[0].find("two lengths"), std::string::npos);
}

TEST(PcapngReader, ALengthBeyondTheBoundIsRefusedBeforeAnythingIsRead) {
  Blocks file;
  file.interface(1);
  file.packet(0, 1, "one");
  file.bytes += file.u32(6) + file.u32(0xffff'fff0);
  EXPECT_EQ(told_by(file.bytes).back(),
            "memory: packet 2: a pcapng block of 4294967280 bytes: expected at most 16777216");
}

TEST(PcapngReader, AFileMayEndAnywhere) {
  Blocks file;
  file.interface(1);
  const std::size_t head = file.bytes.size();
  file.packet(0, 1, "one");
  const std::size_t first = file.bytes.size();
  file.packet(0, 2, "two");
  for (std::size_t size = 1; size <= file.bytes.size(); ++size) {
    const Lines lines = told_by(file.bytes.substr(0, size));
    if (size < head) {
      EXPECT_EQ(lines.size(), 1U) << size;
      EXPECT_NE(lines[0].find("expected a pcap or pcapng capture: "), std::string::npos);
      continue;
    }
    const bool whole = size == head || size == first || size == file.bytes.size();
    EXPECT_EQ(lines.size(), (size >= first) + (size >= file.bytes.size()) + (whole ? 0U : 1U));
    if (whole) continue;
    EXPECT_NE(lines.back().find("truncated pcapng file"), std::string::npos) << size;
  }
}

TEST(PcapngReader, WhatIsNoSectionIsNoCapture) {
  for (const char* const text : {"\nno capture at all", "\n\r\r\nno byte order here at all"}) {
    const Lines lines = told_by(text);
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_NE(lines[0].find("expected a pcap or pcapng capture: "), std::string::npos) << lines[0];
  }
  Blocks later;
  later.bytes[12] = 9;  // version 9.0
  EXPECT_NE(told_by(later.bytes)[0].find("pcapng version 9.0: expected 1.0"), std::string::npos);
}

}  // namespace
}  // namespace zkprobe::pcap
