#include "pcap/link_type.hpp"

#include <gtest/gtest.h>

#include <array>

namespace zkprobe::pcap {
namespace {

// The numbers of pcap files: https://www.tcpdump.org/linktypes.html; 12 is raw IP on Linux.
TEST(LinkType, KnowsTheLinksThatTheDecoderReads) {
  EXPECT_EQ(link_type(1), capture::LinkType::kEthernet);
  EXPECT_EQ(link_type(113), capture::LinkType::kLinuxSll);
  EXPECT_EQ(link_type(276), capture::LinkType::kLinuxSll2);
  EXPECT_EQ(link_type(0), capture::LinkType::kNull);
  EXPECT_EQ(link_type(108), capture::LinkType::kLoop);
  for (const int raw : {12, 228, 229}) EXPECT_EQ(link_type(raw), capture::LinkType::kRaw);
  EXPECT_EQ(link_type(105), std::nullopt);
}

TEST(LinkType, RawIpHasANumberOfItsOwnInFiles) {
  EXPECT_EQ(link_type(datalink_in_file(101)), capture::LinkType::kRaw);
  EXPECT_EQ(link_type(datalink_in_file(1)), capture::LinkType::kEthernet);
  for (const std::uint16_t type : std::array<std::uint16_t, 4>{101, 1, 113, 276}) {
    EXPECT_EQ(file_link_of(datalink_in_file(type)), type);
  }
}

TEST(LinkType, AnUnknownOneIsNamedWithWhatWasExpected) {
  EXPECT_EQ(unknown_link(105),
            "link type 105 (IEEE802_11): expected Ethernet, Linux cooked v1 or v2, loopback or raw "
            "IP");
  EXPECT_EQ(unknown_link(9'999).find("link type 9999: expected"), 0U);
}

}  // namespace
}  // namespace zkprobe::pcap
