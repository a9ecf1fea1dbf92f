// Which messages `zkprobe decode` prints.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "capture/conversation.hpp"

namespace zkprobe::tool {

// A point in a capture: RFC 3339 in UTC ("2026-03-01T12:00:00.5Z"), or a duration since its first
// packet ("1500ms", "60.46s", "2m").
struct CapturePoint {
  std::optional<capture::CaptureTime> absolute;
  capture::CaptureTime since_start{0};

  capture::CaptureTime at(capture::CaptureTime start) const {
    return absolute ? *absolute : start + since_start;
  }
};
std::optional<CapturePoint> parse_capture_point(std::string_view text);

struct DecodeFilter {
  std::vector<std::int64_t> servers;  // either side; empty: all
  std::vector<std::string> kinds;     // of records, or names of packet types; empty: all
  std::optional<CapturePoint> from;
  std::optional<CapturePoint> to;

  // `start`: the time of the capture's first packet.
  bool passes(const capture::Message& message, capture::CaptureTime start) const;
};

// "initial", "notification", "quorum_packet", "gap", "malformed", or a packet type in either case,
// which comes out in upper case. Nothing for anything else.
std::optional<std::string> parse_kind(std::string_view text);

}  // namespace zkprobe::tool
