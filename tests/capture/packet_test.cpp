#include "capture/packet.hpp"

#include <gtest/gtest.h>

#include "build.hpp"

namespace zkprobe::capture {
namespace {

const Bytes kHello = bytes_of("hello");

Bytes hello_v4() {
  return ipv4(kDialler, kAcceptor, tcp_bytes(segment(kDialler, kAcceptor, 7, kHello)));
}

std::optional<TcpSegment> read(PacketReader& reader, LinkType link, BytesView bytes,
                               std::size_t cut = 0) {
  Packet packet;
  packet.link = link;
  packet.bytes = bytes.first(bytes.size() - cut);
  packet.wire_length = bytes.size();
  const TcpSegment* const segment = reader.read(packet);
  return segment == nullptr ? std::nullopt : std::optional(*segment);
}

TEST(Packet, IsReadBehindEveryLinkHeader) {
  const std::string zeros(40, '0');
  const std::pair<LinkType, std::string> links[] = {
      {LinkType::kRaw, ""},
      {LinkType::kEthernet, zeros.substr(0, 24) + "0800"},
      {LinkType::kEthernet, zeros.substr(0, 24) + "8100000a0800"},
      {LinkType::kEthernet, zeros.substr(0, 24) + "88a8000a8100000b0800"},
      {LinkType::kLinuxSll, zeros.substr(0, 28) + "0800"},
      {LinkType::kLinuxSll2, "0800" + zeros.substr(0, 36)},
      {LinkType::kNull, "02000000"},
      {LinkType::kLoop, "00000002"}};
  for (const auto& [link, head] : links) {
    PacketReader reader;
    const Bytes bytes = joined(hex(head), hello_v4());
    const auto found = read(reader, link, bytes);
    ASSERT_TRUE(found) << head;
    EXPECT_EQ(found->src, kDialler);
    EXPECT_EQ(found->dst, kAcceptor);
    EXPECT_EQ(found->seq, 7U);
    EXPECT_EQ(to_text(found->payload), "hello");
    EXPECT_EQ(found->missing, 0U);
  }
}

TEST(Packet, ThePaddingOfShortEthernetFramesIsNoPayload) {
  PacketReader reader;
  const Bytes bytes = joined(hello_v4(), bytes_of("padding"));
  EXPECT_EQ(to_text(read(reader, LinkType::kRaw, bytes)->payload), "hello");
}

TEST(Packet, SaysHowMuchTheCaptureCutOff) {
  const Bytes bytes = hello_v4();
  PacketReader reader;
  const auto some = read(reader, LinkType::kRaw, bytes, 2);
  EXPECT_EQ(to_text(some->payload), "hel");
  EXPECT_EQ(some->missing, 2U);
  EXPECT_EQ(read(reader, LinkType::kRaw, bytes, 5)->missing, 5U);
  EXPECT_FALSE(read(reader, LinkType::kRaw, bytes, 6));
  EXPECT_EQ(reader.counts().snapped, 3U);
}

TEST(Packet, Ipv6IsReadBehindItsExtensionHeaders) {
  const Endpoint src = at("2001:db8::1", 40'000);
  const Endpoint dst = at("2001:db8::2", 3'888);
  const Bytes tcp = tcp_bytes(segment(src, dst, 7, kHello));
  PacketReader reader;
  EXPECT_EQ(to_text(read(reader, LinkType::kRaw, ipv6(src, dst, tcp))->payload), "hello");
  const Bytes hop_by_hop = joined(hex("3c00000000000000"), joined(hex("0600000000000000"), tcp));
  const Bytes extended = ipv6(src, dst, hop_by_hop, 0);
  const auto found = read(reader, LinkType::kRaw, extended);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->dst, dst);
  EXPECT_EQ(to_text(found->payload), "hello");
}

TEST(Packet, FragmentsOfBothFamiliesComeTogether) {
  const Bytes tcp =
      tcp_bytes(segment(kDialler, kAcceptor, 7, bytes_of("a long message, in pieces")));
  PacketReader reader;
  EXPECT_FALSE(read(reader, LinkType::kRaw,
                    ipv4(kDialler, kAcceptor, BytesView(tcp).subspan(24), 24, false)));
  const Bytes first = ipv4(kDialler, kAcceptor, BytesView(tcp).first(24), 0, true);
  const auto whole = read(reader, LinkType::kRaw, first);
  ASSERT_TRUE(whole);
  EXPECT_EQ(to_text(whole->payload), "a long message, in pieces");

  const Endpoint src = at("::1", 1), dst = at("::2", 2);
  const Bytes tcp6 = tcp_bytes(segment(src, dst, 7, bytes_of("again, and longer than 24")));
  const auto part = [&](const char* head, std::size_t from, std::size_t size) {
    return ipv6(src, dst, joined(hex(head), BytesView(tcp6).subspan(from, size)), 44);
  };
  EXPECT_FALSE(read(reader, LinkType::kRaw, part("0600000100000009", 0, 24)));
  const Bytes last = part("0600001800000009", 24, tcp6.size() - 24);
  const auto whole6 = read(reader, LinkType::kRaw, last);
  ASSERT_TRUE(whole6);
  EXPECT_EQ(to_text(whole6->payload), "again, and longer than 24");
  EXPECT_EQ(reader.counts().fragments, 4U);
}

TEST(Packet, ALengthOfZeroIsTheNetworkCardsSegmentation) {
  Bytes bytes = hello_v4();
  bytes[2] = bytes[3] = 0;
  PacketReader reader;
  EXPECT_EQ(to_text(read(reader, LinkType::kRaw, bytes)->payload), "hello");
}

TEST(Packet, NoPrefixAndNoChangedByteIsReadBeyondItsEnd) {
  const Bytes bytes =
      joined(hex("00000000000000000000000081000001"), joined(hex("0800"), hello_v4()));
  for (std::size_t size = 0; size <= bytes.size(); ++size) {
    for (std::size_t i = 0; i <= size; ++i) {
      // A buffer of exactly that size, so that the sanitizer sees an overrun.
      Bytes copy(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
      if (i < size) copy[i] ^= 0xff;
      PacketReader reader;
      const auto found = read(reader, LinkType::kEthernet, copy);
      if (found) {
        EXPECT_LE(found->payload.size(), copy.size());
      }
      EXPECT_EQ(reader.counts().packets, 1U);
    }
  }
}

TEST(Packet, OtherTrafficIsCounted) {
  Bytes udp = hello_v4();
  udp[9] = 17;
  PacketReader reader;
  EXPECT_FALSE(read(reader, LinkType::kRaw, udp));
  Bytes bad = hello_v4();
  bad[0] = 0x41;  // a header of four bytes
  EXPECT_FALSE(read(reader, LinkType::kRaw, bad));
  EXPECT_EQ(reader.counts().other, 1U);
  EXPECT_EQ(reader.counts().malformed, 1U);
}

}  // namespace
}  // namespace zkprobe::capture
