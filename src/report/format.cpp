#include "report/format.hpp"

#include <algorithm>

#include <cstdio>

namespace zkprobe::report {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::minutes;
using std::chrono::seconds;

template <class... Values>
std::string print(const char* format, Values... values) {
  char text[80];
  std::snprintf(text, sizeof text, format, values...);
  return text;
}

}  // namespace

std::string clock_time(capture::CaptureTime time) {
  const auto day = std::chrono::floor<days>(time);
  const auto in_day = std::chrono::floor<microseconds>(time - day);
  const auto h = std::chrono::duration_cast<hours>(in_day);
  const auto m = std::chrono::duration_cast<minutes>(in_day - h);
  const auto s = std::chrono::duration_cast<seconds>(in_day - h - m);
  return print("%02ld:%02ld:%02ld.%06ld", static_cast<long>(h.count()),
               static_cast<long>(m.count()), static_cast<long>(s.count()),
               static_cast<long>((in_day - h - m - s).count()));
}

std::string rfc3339(capture::CaptureTime time) {
  const std::chrono::year_month_day date(std::chrono::sys_days(std::chrono::floor<days>(time)));
  return print("%04d-%02u-%02uT", static_cast<int>(date.year()),
               static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day())) +
         clock_time(time) + "Z";
}

std::string span(capture::CaptureTime length) {
  const double ms = static_cast<double>(length.count()) / 1e6;
  if (ms < 10) return print("%.1f ms", ms);
  if (ms < 1'000) return print("%.0f ms", ms);
  if (ms < 60'000) return print("%.2f s", ms / 1'000);
  const auto whole = std::chrono::duration_cast<seconds>(length).count();
  return print("%ld min %ld s", static_cast<long>(whole / 60), static_cast<long>(whole % 60));
}

std::string list(const std::vector<Sid>& sids) {
  std::string text;
  for (std::size_t i = 0; i < sids.size(); ++i) {
    if (i > 0) text += i + 1 == sids.size() ? " and " : ", ";
    text += to_string(sids[i]);
  }
  return text;
}

std::string count(std::uint64_t number, const std::string& one, const std::string& many) {
  return std::to_string(number) + " " + (number == 1 ? one : many);
}

std::string wrapped(const std::string& text, const std::string& indent) {
  std::string out, line;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    const std::string word = text.substr(begin, end - begin);
    if (!line.empty() && indent.size() + line.size() + 1 + word.size() > kLineWidth) {
      out += indent + line + "\n";
      line.clear();
    }
    line += (line.empty() ? "" : " ") + word;
    begin = end + 1;
  }
  return line.empty() ? out : out + indent + line + "\n";
}

}  // namespace zkprobe::report
