// Counts the memory that a decoder holds while hostile captures pass through it: streams that are
// never closed, messages that never end, holes that nobody fills, fragments without an end. Every
// allocation of the program is counted.
#include <malloc.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <new>

#include "../capture/build.hpp"

namespace {
std::size_t live_bytes = 0;
std::size_t peak_bytes = 0;
}  // namespace

void* operator new(std::size_t size) {
  void* const at = std::malloc(size);
  if (at == nullptr) throw std::bad_alloc();
  live_bytes += malloc_usable_size(at);
  peak_bytes = std::max(peak_bytes, live_bytes);
  return at;
}
void operator delete(void* at) noexcept {
  if (at != nullptr) live_bytes -= malloc_usable_size(at);
  std::free(at);
}
void operator delete(void* at, std::size_t) noexcept { operator delete(at); }

namespace zkprobe::capture {
namespace {

constexpr std::size_t kMegabyte = 1'048'576;
// 16 MB that wait for more (DecoderOptions), as much again for vectors that grow, and the streams.
constexpr std::size_t kBound = 48 * kMegabyte;

struct Silent : MessageSink {
  std::uint64_t messages = 0;
  void on_message(const Message&) override { ++messages; }
};

Endpoint attacker(int i) {
  const auto low = static_cast<std::uint8_t>(i >> 14);
  const std::uint8_t four[4] = {10, 1, low, static_cast<std::uint8_t>(i >> 6 & 0xff)};
  return {IpAddress::v4(four), static_cast<std::uint16_t>(20'000 + i % 64)};
}

// Streams that begin a frame of 512 KiB, send some of it, and then leave a hole.
void unfinished_frames(Decoder& decoder) {
  const Bytes block(1'400, 0);
  for (int i = 0; i < 40'000; ++i) {
    Wire wire(decoder, attacker(i));
    wire.open();
    wire.say(Side::kDialler, hex("000000000000000300080000"));
    wire.say(Side::kDialler, block);
    wire.lose(Side::kDialler, 1);
    wire.say(Side::kDialler, block);
  }
}

// Streams that never say what they are.
void unrecognised(Decoder& decoder) {
  for (int i = 0; i < 80'000; ++i) {
    Wire wire(decoder, attacker(i));
    wire.put(Side::kDialler, hex("00"), {});
    wire.put(Side::kAcceptor, hex("00"), {});
  }
}

// One stream whose holes are never filled, in pieces of one byte.
void holes(Decoder& decoder) {
  Wire wire(decoder);
  wire.open();
  for (int i = 0; i < 80'000; ++i) {
    wire.lose(Side::kDialler, 1);
    wire.say(Side::kDialler, hex("00"));
  }
}

// Greetings of ever other ids from ever other addresses, and configurations that name many servers.
void directories(Decoder& decoder) {
  for (int i = 0; i < 40'000; ++i) {
    Wire wire(decoder, attacker(i));
    wire.open();
    Writer greeting;
    greeting.i64(i);
    wire.say(Side::kDialler, greeting.bytes());
    if (i % 20 == 0) {
      wire::Notification vote;
      std::string text;
      for (int n = 0; n < 50; ++n) {
        text += "server." + std::to_string(i * 50 + n) + "=10." + std::to_string(i % 250) + "." +
                std::to_string(i / 250 % 250) + "." + std::to_string(n) + ":" +
                std::to_string(1'000 + i % 60'000) + ":3888:participant\n";
      }
      vote.config = text + "version=1";
      wire.say(Side::kDialler, wire::frame(wire::encode(vote, wire::NotificationForm::kConfig)));
    }
    if (i % 2 == 0) wire.close();
  }
}

// Beginnings of large datagrams.
void fragments(Decoder& decoder) {
  const Bytes piece(1'400, 0);
  for (int i = 0; i < 40'000; ++i) {
    const Bytes bytes = ipv4(attacker(i), kAcceptor, piece, 60'000, true);
    Packet packet;
    packet.number = static_cast<std::uint64_t>(i) + 1;
    packet.link = LinkType::kRaw;
    packet.bytes = bytes;
    packet.wire_length = bytes.size();
    decoder.packet(packet);
  }
}

bool holds(const char* name, const std::function<void(Decoder&)>& attack) {
  const std::size_t before = live_bytes;
  peak_bytes = live_bytes;
  {
    Silent sink;
    Decoder decoder(sink);
    attack(decoder);
    decoder.finish();
  }
  const std::size_t peak = peak_bytes - before;
  const bool kept = live_bytes > before + 65'536;  // lazily made things of the library are small
  const bool well = peak > 0 && peak <= kBound && !kept;
  std::printf("%-18s peak %6zu KiB of %zu, left %zu bytes%s\n", name, peak / 1'024, kBound / 1'024,
              live_bytes - std::min(live_bytes, before), well ? "" : "  FAILED");
  return well;
}

}  // namespace
}  // namespace zkprobe::capture

int main() {
  using namespace zkprobe::capture;
  bool well = true;
  well &= holds("unfinished frames", unfinished_frames);
  well &= holds("unrecognised", unrecognised);
  well &= holds("holes", holes);
  well &= holds("directories", directories);
  well &= holds("fragments", fragments);
  return well ? 0 : 1;
}
