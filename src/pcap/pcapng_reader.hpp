// Reads the packets of a pcapng file: each with the link type of its own interface. libpcap refuses
// files whose interfaces differ in link type or in the bytes that were kept, which is what merged
// captures and captures of several interfaces are.
//
//   block      type:u32 total:u32 body total:u32, body padded to 4 bytes
//   section    0x0a0d0d0a: byte-order magic, version 1.0 or 1.2; what follows has its order, and no
//              interface of the section before
//   interface  1: link type, bytes kept, options if_tsresol and if_tsoffset
//   packet     6 (enhanced), 3 (simple, without a time), 2 (obsolete)
//
// All other blocks are passed over, whatever their length. draft-ietf-opsawg-pcapng.
#pragma once

#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "capture/packet.hpp"

namespace zkprobe::pcap {

class PcapngReader {
 public:
  // A longer block of those that are read is damage. (A packet of TCP has a megabyte at most.)
  static constexpr std::uint32_t kMaxBlock = 16 * 1'048'576;
  // Of one section.
  static constexpr std::size_t kMaxInterfaces = 65'536;

  // Whether the file begins as a section does; no capture of another kind has this first byte. The
  // position stays.
  static bool begins(std::FILE* file);

  // Reads from the file's position on; the file must outlive it.
  explicit PcapngReader(std::FILE* file) : file_(file) {}

  // Reads as far as the first interface whose link type is known. False with an error where none
  // stands before the first packet.
  bool open();

  // It is pcapng: a section and an interface were read.
  bool any_interface() const { return !interfaces_.empty(); }

  enum class Next { kPacket, kEnd, kError };
  // Sets all but the number. A packet of an interface whose link type is not known has no bytes.
  // The bytes are valid until the next call.
  Next next(capture::Packet& packet);
  // After false or kError: "truncated pcapng file: ...".
  const std::string& error() const { return error_; }

 private:
  struct Interface {
    std::uint16_t file_link = 0;            // LINKTYPE_...
    std::optional<capture::LinkType> link;  // none: not known
    std::uint32_t kept = 0;                 // bytes of a packet; 0: no bound
    std::uint8_t resolution = 6;            // if_tsresol
    std::int64_t offset = 0;                // seconds, if_tsoffset
  };

  enum class Step { kBlock, kPacket, kEnd, kError };
  // The next block of any kind; a packet block only where `packet` is given, else it waits.
  Step step(capture::Packet* packet);
  bool read_head();
  // Takes the rest of the block into block_, up to its second length.
  bool read_body();
  bool skip_body();
  bool read_exactly(std::uint8_t* to, std::size_t size, std::size_t had);
  bool section();
  bool interface();
  bool interface_options(Interface& to, std::size_t at);
  bool packet_block(capture::Packet& packet);
  bool fill(capture::Packet& packet, std::uint32_t interface, std::size_t data, std::uint32_t kept,
            std::uint32_t wire, std::optional<std::uint64_t> stamp);
  bool fail(std::string why);
  bool truncated(std::size_t wanted, std::size_t got);
  std::uint16_t u16(std::size_t at) const;
  std::uint32_t u32(const std::uint8_t* at) const;
  std::uint32_t u32(std::size_t at) const { return u32(block_.data() + at); }

  std::FILE* file_;
  bool swapped_ = false;  // the section's order is not this machine's
  bool in_section_ = false;
  bool head_read_ = false;  // of a packet block that waits
  std::uint32_t type_ = 0;
  std::uint32_t total_ = 0;
  std::size_t size_ = 0;  // of the body in block_
  Bytes block_;           // grows, and is kept
  std::vector<Interface> interfaces_;
  std::string error_;
};

}  // namespace zkprobe::pcap
