// Writes a capture as pcapng, with nanoseconds:
//   section header   byte-order magic, version 1.0, unknown length
//   interface        link type, bytes kept, options if_name, if_filter, if_tsresol
//   packets          enhanced packet blocks
//   statistics       at the end: isb_ifrecv, isb_ifdrop
// Numbers are little-endian. draft-ietf-opsawg-pcapng.
#pragma once

#include <cstdio>
#include <memory>
#include <string>
#include <tl/expected.hpp>

#include "base/bytes.hpp"
#include "capture/packet.hpp"

namespace zkprobe::pcap {

struct PcapngInterface {
  int datalink = 1;  // libpcap's number
  int snap_length = 262'144;
  std::string name;
  std::string filter;
};

class PcapngWriter {
 public:
  // Replaces the file. An error is one line that names it.
  static tl::expected<PcapngWriter, std::string> create(const std::string& path,
                                                        const PcapngInterface& interface);

  void packet(const capture::Packet& packet);
  // What was not captured, and the end of the capture.
  void statistics(capture::CaptureTime time, std::uint64_t received, std::uint64_t dropped);
  // Hands what was written to the system. False from the first write on that failed: error() says
  // why.
  bool flush();
  const std::string& error() const { return error_; }

 private:
  struct Close {
    std::unique_ptr<char[]> buffer;  // of the file; goes after it
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  PcapngWriter(std::string path, std::FILE* file) : path_(std::move(path)), file_(file) {}
  // The block that was put together in block_.
  void write();

  std::string path_;
  std::size_t unwritten_ = 0;  // in the file's buffer
  std::unique_ptr<std::FILE, Close> file_;
  Bytes block_;
  std::string error_;
};

}  // namespace zkprobe::pcap
