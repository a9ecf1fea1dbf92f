// The records of a pcap file, cut out of large pieces of it. libpcap asks stdio twice for each
// packet, which costs as much as the decoder's own work. It still opens the file, reads its header
// and judges whatever is not plain: a file of the other byte order, an older version or pcapng has
// no such reader, and at the first record that is not whole, or holds numbers that need judgement,
// the reader stops and says where.
//
//   record  seconds:u32 fraction:u32 kept:u32 wire:u32, kept bytes; in the order of this machine
#pragma once

#include <cstdint>
#include <optional>

#include "capture/packet.hpp"

struct pcap;

namespace zkprobe::pcap {

class RecordReader {
 public:
  // Longer records are left to libpcap.
  static constexpr std::size_t kPiece = 128 * 1024;

  // For a file that libpcap has opened, whose position is not touched. Nothing where the file is no
  // regular one or not plain.
  static std::optional<RecordReader> of_file(::pcap* opened);
  // The same for a file in memory, which must outlive the reader.
  static std::optional<RecordReader> of_memory(::pcap* opened, BytesView file);

  // Sets time, bytes and wire_length. False where no plain record stands: at the end, or for
  // libpcap to judge. The bytes are valid until the next call.
  bool next(capture::Packet& packet);
  // Where the next record begins in the file.
  std::uint64_t position() const { return begin_ + at_; }

 private:
  RecordReader(::pcap* opened, bool nanoseconds);
  // Makes so many bytes stand at `at_`, if the file has them.
  bool want(std::size_t bytes);

  int fd_ = -1;  // none for memory
  std::uint32_t most_ = 0;
  std::uint32_t fraction_ = 0;  // nanoseconds in one
  Bytes buffer_;
  BytesView piece_;
  std::uint64_t begin_ = 0;  // of the piece in the file
  std::size_t at_ = 0;       // of the next record in the piece
};

}  // namespace zkprobe::pcap
