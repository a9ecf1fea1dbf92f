// What `zkprobe replay FILE` prints: for each server what agreed, and each difference in words.
#pragma once

#include <string>
#include <vector>

#include "analysis/replay.hpp"
#include "capture/packet.hpp"
#include "output.hpp"

namespace zkprobe::tool {

class ReplayView {
 public:
  // `start`: of the capture, for the times.
  ReplayView(const Style& style, capture::CaptureTime start) : style_(style), start_(start) {}

  std::string text(const std::vector<analysis::ServerReplay>& servers) const;
  // One record for each server, and one for all.
  std::string json(const std::vector<analysis::ServerReplay>& servers) const;
  std::string trace_line(Sid self, Duration at, const std::string& line) const;

 private:
  std::string time(Duration at) const;

  Style style_;
  capture::CaptureTime start_;
};

}  // namespace zkprobe::tool
