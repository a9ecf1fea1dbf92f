#include "output.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>

namespace zkprobe::tool {

std::string rfc3339(std::chrono::system_clock::time_point time) {
  const auto micros =
      std::chrono::floor<std::chrono::microseconds>(time.time_since_epoch()).count();
  std::int64_t seconds = micros / 1'000'000;
  std::int64_t fraction = micros % 1'000'000;
  if (fraction < 0) {
    fraction += 1'000'000;
    --seconds;
  }
  const std::time_t whole = static_cast<std::time_t>(seconds);
  std::tm parts{};
  gmtime_r(&whole, &parts);
  char date[32];
  const std::size_t length = std::strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &parts);
  char end[16];
  std::snprintf(end, sizeof end, ".%06dZ", static_cast<int>(fraction));
  return std::string(date, length) + end;
}

std::string to_line(const Json& record) {
  return record.dump(-1, ' ', true, Json::error_handler_t::replace) + "\n";
}

std::string printable(std::string_view text) {
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7f) {
      result += c;
      continue;
    }
    char escaped[8];
    std::snprintf(escaped, sizeof escaped, "\\x%02x", static_cast<unsigned>(byte));
    result += escaped;
  }
  return result;
}

Style Style::of_standard_output() {
  const char* const no_colour = std::getenv("NO_COLOR");
  const char* const terminal = std::getenv("TERM");
  const bool dumb = terminal == nullptr || std::string_view(terminal) == "dumb";
  return Style(no_colour == nullptr && !dumb && ::isatty(STDOUT_FILENO) == 1);
}

std::string Style::paint(Colour colour, std::string_view text) const {
  const char* code = "";
  switch (colour) {
    case Colour::kPlain:
      return std::string(text);
    case Colour::kGood:
      code = "32";
      break;
    case Colour::kWarning:
      code = "33";
      break;
    case Colour::kBad:
      code = "31";
      break;
    case Colour::kFaint:
      code = "2";
      break;
  }
  if (!colour_ || text.empty()) return std::string(text);
  return "\x1b[" + std::string(code) + "m" + std::string(text) + "\x1b[0m";
}

std::string Table::render(const Style& style) const {
  std::vector<std::size_t> widths;
  for (const auto& row : rows_) {
    if (row.size() > widths.size()) widths.resize(row.size(), 0);
    for (std::size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], row[i].text.size());
  }
  std::string result;
  for (const auto& row : rows_) {
    std::size_t owed = 0;  // spaces that stand before the next cell that is not empty
    for (std::size_t i = 0; i < row.size(); ++i) {
      const Cell& cell = row[i];
      if (!cell.text.empty()) {
        result.append(owed, ' ');
        result += style.paint(cell.colour, cell.text);
        owed = 0;
      }
      owed += widths[i] - cell.text.size() + 2;
    }
    result += '\n';
  }
  return result;
}

}  // namespace zkprobe::tool
