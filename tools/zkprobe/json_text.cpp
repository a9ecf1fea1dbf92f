#include "json_text.hpp"

#include <algorithm>
#include <charconv>

#include "output.hpp"

namespace zkprobe::tool {
namespace {

bool plain(char c) { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; }

}  // namespace

void JsonText::key(std::string_view name) {
  separate();
  out_ += '"';
  out_ += name;
  out_ += "\":";
}

void JsonText::integer(std::int64_t value) {
  char digits[24];
  out_.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
}

void JsonText::hex(std::string_view name, std::uint64_t value) {
  key(name);
  char digits[24];
  out_ += "\"0x";
  out_.append(digits, std::to_chars(digits, digits + sizeof digits, value, 16).ptr);
  out_ += '"';
}

void JsonText::string(std::string_view value) {
  // A configuration's line ends are the only thing that most texts have to escape.
  const bool simple =
      std::all_of(value.begin(), value.end(), [](char c) { return plain(c) || c == '\n'; });
  if (!simple) {
    out_ += Json(value).dump(-1, ' ', true, Json::error_handler_t::replace);
    return;
  }
  out_ += '"';
  std::size_t from = 0;
  for (std::size_t at = value.find('\n'); at != std::string_view::npos;
       at = value.find('\n', from)) {
    out_ += value.substr(from, at - from);
    out_ += "\\n";
    from = at + 1;
  }
  out_ += value.substr(from);
  out_ += '"';
}

}  // namespace zkprobe::tool
