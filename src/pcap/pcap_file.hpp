// Reads a capture: pcap or pcapng, microseconds or nanoseconds, as it is or gzipped, from a file or
// from standard input. The only place that includes libpcap.
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "capture/packet.hpp"

namespace zkprobe::pcap {

class PcapFile {
 public:
  // "-" is standard input. An error is one line that names the file and what was expected.
  static tl::expected<PcapFile, std::string> open(const std::string& path);
  // A capture that stands in memory, not gzipped; the bytes must outlive it.
  static tl::expected<PcapFile, std::string> from_memory(BytesView bytes);
  PcapFile(PcapFile&&) noexcept;
  PcapFile& operator=(PcapFile&&) noexcept;
  ~PcapFile();

  enum class Next { kPacket, kEnd, kError };
  // The bytes of the packet are valid until the next call.
  Next next(capture::Packet& packet);
  // After kError: "FILE: packet 17: ...", the number of the packet that could not be read.
  const std::string& error() const { return error_; }
  // It is no regular file: the next packet may be long in coming.
  bool may_wait() const;

 private:
  struct Handle;
  explicit PcapFile(std::unique_ptr<Handle> handle);
  static tl::expected<PcapFile, std::string> read_from(std::FILE* file,
                                                       std::unique_ptr<Handle> handle);
  static tl::expected<PcapFile, std::string> read_blocks(std::FILE* file,
                                                         std::unique_ptr<Handle> handle);
  Next next_of_blocks(capture::Packet& packet);
  Next next_of_libpcap(capture::Packet& packet);

  std::unique_ptr<Handle> handle_;
  std::uint64_t number_ = 0;
  std::string error_;
};

}  // namespace zkprobe::pcap
