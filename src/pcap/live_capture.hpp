// Packets as they pass an interface of this machine, through a BPF filter.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "capture/packet.hpp"

namespace zkprobe::pcap {

struct LiveOptions {
  std::string interface;              // "eth0", "lo", "any"
  std::string filter = "tcp";         // pcap-filter(7); fragments of TCP packets pass it too
  int snap_length = 262'144;          // bytes kept of each packet
  int buffer_bytes = 16 * 1'048'576;  // what the kernel holds for us
};

struct LiveCounts {
  std::uint64_t received = 0;  // by the filter
  std::uint64_t dropped = 0;   // of these, because the buffer was full, or by the interface
};

// "lo", "eth0", "any".
std::vector<std::string> interfaces();

class LiveCapture {
 public:
  // An error is one line: an interface that does not exist and those that do, a privilege that is
  // missing and how to get it, a filter that cannot be read.
  static tl::expected<LiveCapture, std::string> open(const LiveOptions& options);
  LiveCapture(LiveCapture&&) noexcept;
  LiveCapture& operator=(LiveCapture&&) noexcept;
  ~LiveCapture();

  enum class Next { kPacket, kNothing, kError };
  // The next packet that waits, or kNothing. Its bytes are valid until the next call.
  Next next(capture::Packet& packet);
  // Returns when packets wait, after this time, or when a signal came.
  void wait(std::chrono::milliseconds time);

  // libpcap's number of the link type.
  int datalink() const;
  LiveCounts counts() const;
  // After kError: "eth0: the interface went down".
  const std::string& error() const { return error_; }

 private:
  struct Handle;
  explicit LiveCapture(std::unique_ptr<Handle> handle);

  std::unique_ptr<Handle> handle_;
  std::uint64_t number_ = 0;
  std::string error_;
};

}  // namespace zkprobe::pcap
