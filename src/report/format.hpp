// Times, lengths of time and paragraphs as people read them.
#pragma once

#include <string>

#include "analysis/recording.hpp"

namespace zkprobe::report {

// "02:40:22.827902", UTC.
std::string clock_time(capture::CaptureTime time);
// "2026-11-21T05:00:00.000123Z"
std::string rfc3339(capture::CaptureTime time);
// "0.4 ms", "213 ms", "4.81 s", "2 min 5 s".
std::string span(capture::CaptureTime length);
// "1, 2 and 3"
std::string list(const std::vector<Sid>& sids);
// "1 server", "3 servers"
std::string count(std::uint64_t number, const std::string& one, const std::string& many);
// Words into lines of at most kLineWidth that begin with `indent`; a longer word has its own.
inline constexpr std::size_t kLineWidth = 98;
std::string wrapped(const std::string& text, const std::string& indent);

}  // namespace zkprobe::report
