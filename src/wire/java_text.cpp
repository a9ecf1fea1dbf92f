#include "wire/java_text.hpp"

#include <charconv>
#include <limits>

namespace zkprobe::wire {

std::optional<std::int64_t> java_long(std::string_view text, int radix) {
  if (!text.empty() && text.front() == '+') {
    text.remove_prefix(1);
    if (!text.empty() && text.front() == '-') return std::nullopt;
  }
  std::int64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [next, error] = std::from_chars(text.data(), end, value, radix);
  if (error != std::errc() || next != end) return std::nullopt;
  return value;
}

std::optional<std::int32_t> java_int(std::string_view text) {
  const auto value = java_long(text);
  if (!value || *value < std::numeric_limits<std::int32_t>::min() ||
      *value > std::numeric_limits<std::int32_t>::max()) {
    return std::nullopt;
  }
  return static_cast<std::int32_t>(*value);
}

std::optional<std::uint16_t> java_port(std::string_view text) {
  const auto value = java_int(text);
  if (!value || *value < 0 || *value > 65535) return std::nullopt;
  return static_cast<std::uint16_t>(*value);
}

std::vector<std::string_view> java_split(std::string_view text, char separator) {
  std::vector<std::string_view> pieces;
  std::size_t from = 0;
  while (true) {
    const std::size_t at = text.find(separator, from);
    pieces.push_back(text.substr(from, at - from));
    if (at == std::string_view::npos) break;
    from = at + 1;
  }
  if (pieces.size() == 1) return pieces;  // no separator: the text itself, even when empty
  while (!pieces.empty() && pieces.back().empty()) pieces.pop_back();
  return pieces;
}

std::string_view java_trim(std::string_view text) {
  const auto is_blank = [](char c) { return static_cast<unsigned char>(c) <= ' '; };
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

std::optional<std::vector<std::string>> java_host_and_ports(std::string_view text) {
  std::vector<std::string> parts;
  if (!text.starts_with('[')) {
    for (const auto piece : java_split(text, ':')) parts.emplace_back(piece);
    return parts;
  }
  const std::size_t close = text.find(']');
  if (close == std::string_view::npos) return std::nullopt;  // no matching bracket
  if (close + 2 == text.size()) return std::nullopt;         // nothing behind the colon
  parts.emplace_back(text.substr(1, close - 1));
  if (close + 2 > text.size()) return parts;
  // Java skips one character behind the bracket without looking at it.
  for (const auto piece : java_split(text.substr(close + 2), ':')) parts.emplace_back(piece);
  return parts;
}

std::string printable(std::string_view text, std::size_t limit) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string shown;
  for (const char c : text.substr(0, limit)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7f) {
      shown.push_back(c);
    } else {
      shown += {'\\', 'x', kDigits[byte >> 4], kDigits[byte & 0xf]};
    }
  }
  if (text.size() > limit) shown += "...";
  return shown;
}

}  // namespace zkprobe::wire
