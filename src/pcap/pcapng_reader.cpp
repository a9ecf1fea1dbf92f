#include "pcap/pcapng_reader.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "pcap/link_type.hpp"
#include "pcap/pcapng_blocks.hpp"

namespace zkprobe::pcap {
namespace {

constexpr std::uint32_t kObsoletePacket = 2;
constexpr std::uint32_t kSimplePacket = 3;

constexpr std::size_t kHead = 8;  // type, total
constexpr std::size_t kTrailer = 4;
constexpr std::size_t kSectionBody = 16;  // magic, version, length of the section
constexpr std::size_t kInterfaceBody = 8;
constexpr std::size_t kPacketHead = 20;  // enhanced and obsolete
constexpr std::size_t kSimpleHead = 4;

constexpr std::uint16_t kOffset = 14;
constexpr std::uint8_t kPowerOfTwo = 0x80;
constexpr std::uint8_t kMostTens = 19;  // as much as 64 bits hold
constexpr std::uint8_t kMostTwos = 63;

constexpr std::int64_t kSecond = 1'000'000'000;
// Nanoseconds of 64 bits end in the year 2262; what a damaged file says beyond 2255 becomes that.
constexpr std::int64_t kLastSecond = 9'000'000'000;

std::uint32_t swap(std::uint32_t value) { return __builtin_bswap32(value); }

std::size_t padded(std::size_t size) { return (size + 3) & ~std::size_t{3}; }

bool is_packet(std::uint32_t type) {
  return type == kEnhancedPacketBlock || type == kSimplePacket || type == kObsoletePacket;
}

struct Parts {
  std::uint64_t seconds = 0;
  std::int64_t nanoseconds = 0;
};

// A stamp counts powers of ten or of two of a second.
Parts parts_of(std::uint64_t stamp, std::uint8_t resolution) {
  const unsigned power = resolution & ~kPowerOfTwo;
  if ((resolution & kPowerOfTwo) != 0) {
    std::uint64_t fraction = stamp & ((std::uint64_t{1} << power) - 1);
    if (power > 32) fraction >>= power - 32;
    const auto nanos = fraction * static_cast<std::uint64_t>(kSecond) >> std::min(power, 32U);
    return {stamp >> power, static_cast<std::int64_t>(nanos)};
  }
  std::uint64_t unit = 1;
  for (unsigned i = 0; i < power; ++i) unit *= 10;
  std::uint64_t fraction = stamp % unit;
  for (unsigned i = power; i < 9; ++i) fraction *= 10;
  for (unsigned i = 9; i < power; ++i) fraction /= 10;
  return {stamp / unit, static_cast<std::int64_t>(fraction)};
}

capture::CaptureTime time_of(std::uint64_t stamp, std::uint8_t resolution, std::int64_t offset) {
  const Parts parts = parts_of(stamp, resolution);
  const auto seconds =
      static_cast<std::int64_t>(std::min<std::uint64_t>(parts.seconds, kLastSecond)) +
      std::clamp(offset, -kLastSecond, kLastSecond);
  return std::chrono::seconds(std::clamp<std::int64_t>(seconds, 0, kLastSecond)) +
         std::chrono::nanoseconds(parts.nanoseconds);
}

}  // namespace

bool PcapngReader::begins(std::FILE* file) {
  const int first = std::fgetc(file);
  if (first == EOF) return false;
  std::ungetc(first, file);
  return first == (kSectionBlock & 0xff);
}

bool PcapngReader::fail(std::string why) {
  error_ = std::move(why);
  return false;
}

bool PcapngReader::truncated(std::size_t wanted, std::size_t got) {
  if (std::ferror(file_) != 0) {
    return fail(std::string("error reading the pcapng file: ") + std::strerror(errno));
  }
  return fail("truncated pcapng file: a block has " + std::to_string(wanted) + " bytes, only " +
              std::to_string(got) + " of them are there");
}

std::uint16_t PcapngReader::u16(std::size_t at) const {
  std::uint16_t value;
  std::memcpy(&value, block_.data() + at, sizeof value);
  return swapped_ ? __builtin_bswap16(value) : value;
}

std::uint32_t PcapngReader::u32(const std::uint8_t* at) const {
  std::uint32_t value;
  std::memcpy(&value, at, sizeof value);
  return swapped_ ? swap(value) : value;
}

bool PcapngReader::read_exactly(std::uint8_t* to, std::size_t size, std::size_t had) {
  const std::size_t got = std::fread(to, 1, size, file_);
  return got == size || truncated(total_, had + got);
}

// False at the end and at an error.
bool PcapngReader::read_head() {
  std::uint8_t head[kHead + 4];
  const std::size_t got = std::fread(head, 1, kHead, file_);
  if (got == 0 && std::ferror(file_) == 0) return false;
  total_ = kHead + kTrailer;
  if (got < kHead) return truncated(total_, got);
  type_ = u32(head);
  if (type_ == kSectionBlock) {
    if (!read_exactly(head + kHead, 4, kHead)) return false;
    swapped_ = false;
    if (u32(head + kHead) == swap(kSectionByteOrder)) swapped_ = true;
    if (u32(head + kHead) != kSectionByteOrder)
      return fail("a pcapng section without its byte order");
  } else if (!in_section_) {
    return fail("no pcapng section at the beginning");
  }
  total_ = u32(head + 4);
  const std::size_t least = kHead + kTrailer + (type_ == kSectionBlock ? kSectionBody : 0);
  if (total_ < least || total_ % 4 != 0) {
    return fail("a pcapng block of " + std::to_string(total_) + " bytes");
  }
  return true;
}

bool PcapngReader::read_body() {
  if (total_ > kMaxBlock) {
    return fail("a pcapng block of " + std::to_string(total_) + " bytes: expected at most " +
                std::to_string(kMaxBlock));
  }
  const std::size_t had = kHead + (type_ == kSectionBlock ? 4 : 0);
  const std::size_t left = total_ - had;
  if (block_.size() < left) block_.resize(left);
  if (!read_exactly(block_.data(), left, had)) return false;
  size_ = left - kTrailer;
  if (u32(size_) == total_) return true;
  return fail("a pcapng block whose two lengths are " + std::to_string(total_) + " and " +
              std::to_string(u32(size_)));
}

// Nothing of it is kept, so it may have any length.
bool PcapngReader::skip_body() {
  std::uint8_t piece[4'096];
  for (std::size_t had = kHead; had < total_;) {
    const std::size_t now = std::min(total_ - had, sizeof piece);
    if (!read_exactly(piece, now, had)) return false;
    had += now;
  }
  return true;
}

bool PcapngReader::section() {
  const std::uint16_t major = u16(0);
  const std::uint16_t minor = u16(2);
  if (major != 1 || (minor != 0 && minor != 2)) {
    return fail("pcapng version " + std::to_string(major) + "." + std::to_string(minor) +
                ": expected 1.0");
  }
  in_section_ = true;
  interfaces_.clear();
  return true;
}

bool PcapngReader::interface() {
  if (size_ < kInterfaceBody) return fail("a pcapng interface that is too short");
  if (interfaces_.size() == kMaxInterfaces) return fail("too many pcapng interfaces");
  Interface made;
  made.file_link = u16(0);
  made.link = link_type(datalink_in_file(made.file_link));
  made.kept = u32(4);
  if (!interface_options(made, kInterfaceBody)) return false;
  interfaces_.push_back(made);
  return true;
}

bool PcapngReader::interface_options(Interface& to, std::size_t at) {
  while (size_ - at >= 4) {
    const std::uint16_t code = u16(at);
    const std::size_t length = u16(at + 2);
    at += 4;
    if (code == 0) return true;
    if (padded(length) > size_ - at) return fail("a pcapng option longer than its block");
    if (code == kIfResolution && length == 1) {
      to.resolution = block_[at];
      const bool twos = (to.resolution & kPowerOfTwo) != 0;
      if ((to.resolution & ~kPowerOfTwo) > (twos ? kMostTwos : kMostTens)) {
        return fail("a pcapng resolution of time that 64 bits cannot hold");
      }
    } else if (code == kOffset && length == 8) {
      const std::uint64_t first = u32(at);
      const std::uint64_t second = u32(at + 4);
      // A whole number in the section's order.
      const bool big = swapped_ == (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__);
      to.offset = static_cast<std::int64_t>(big ? first << 32 | second : second << 32 | first);
    }
    at += padded(length);
  }
  return true;
}

bool PcapngReader::packet_block(capture::Packet& packet) {
  const bool simple = type_ == kSimplePacket;
  const std::size_t head = simple ? kSimpleHead : kPacketHead;
  if (size_ < head) return fail("a pcapng packet that is too short");
  if (simple) {
    const std::uint32_t wire = u32(std::size_t{0});
    std::uint32_t kept = std::min(wire, static_cast<std::uint32_t>(size_ - head));
    if (!interfaces_.empty() && interfaces_[0].kept > 0) {
      kept = std::min(kept, interfaces_[0].kept);
    }
    return fill(packet, 0, head, kept, wire, std::nullopt);
  }
  const std::uint32_t interface = type_ == kObsoletePacket ? u16(0) : u32(std::size_t{0});
  const std::uint64_t stamp = std::uint64_t{u32(4)} << 32 | u32(8);
  return fill(packet, interface, head, u32(12), u32(16), stamp);
}

bool PcapngReader::fill(capture::Packet& packet, std::uint32_t interface, std::size_t data,
                        std::uint32_t kept, std::uint32_t wire,
                        std::optional<std::uint64_t> stamp) {
  if (interface >= interfaces_.size()) {
    return fail("a packet of the pcapng interface " + std::to_string(interface) +
                ", which nothing describes");
  }
  if (kept > size_ - data) {
    return fail("a packet of " + std::to_string(kept) + " bytes in a pcapng block of " +
                std::to_string(total_));
  }
  const Interface& from = interfaces_[interface];
  packet.time = stamp ? time_of(*stamp, from.resolution, from.offset) : capture::CaptureTime(0);
  packet.link = from.link.value_or(capture::LinkType::kRaw);
  packet.bytes = BytesView(block_).subspan(data, from.link ? kept : 0);
  packet.wire_length = from.link ? std::max(wire, kept) : 0;
  return true;
}

PcapngReader::Step PcapngReader::step(capture::Packet* packet) {
  if (!head_read_ && !read_head()) return error_.empty() ? Step::kEnd : Step::kError;
  head_read_ = is_packet(type_) && packet == nullptr;
  if (head_read_) return Step::kPacket;
  if (is_packet(type_)) {
    return read_body() && packet_block(*packet) ? Step::kPacket : Step::kError;
  }
  bool good = true;
  if (type_ == kSectionBlock || type_ == kInterfaceBlock) {
    good = read_body() && (type_ == kSectionBlock ? section() : interface());
  } else {
    good = skip_body();
  }
  return good ? Step::kBlock : Step::kError;
}

bool PcapngReader::open() {
  while (true) {
    const Step now = step(nullptr);
    if (now == Step::kError) return false;
    if (now != Step::kBlock) break;
    if (!interfaces_.empty() && interfaces_.back().link) return true;
  }
  if (!in_section_) return fail("no pcapng section at the beginning");
  if (interfaces_.empty()) return fail("no pcapng interface before the first packet");
  return fail(unknown_link(datalink_in_file(interfaces_[0].file_link)));
}

PcapngReader::Next PcapngReader::next(capture::Packet& packet) {
  if (!error_.empty()) return Next::kError;
  while (true) {
    switch (step(&packet)) {
      case Step::kBlock:
        break;
      case Step::kPacket:
        return Next::kPacket;
      case Step::kEnd:
        return Next::kEnd;
      case Step::kError:
        return Next::kError;
    }
  }
}

}  // namespace zkprobe::pcap
