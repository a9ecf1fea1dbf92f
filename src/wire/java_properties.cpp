#include "wire/java_properties.hpp"

#include <cstdint>
#include <optional>
#include <unordered_map>

#include "wire/java_text.hpp"

namespace zkprobe::wire {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\f'; }
bool is_line_end(char c) { return c == '\n' || c == '\r'; }

struct LogicalLine {
  std::string text;  // continuations joined, escapes still in place
  int line = 0;
  std::size_t offset = 0;
};

// Cuts a text into logical lines; blank lines and comments do not come out.
class LogicalLines {
 public:
  explicit LogicalLines(std::string_view text) : text_(text) {}

  std::optional<LogicalLine> next() {
    LogicalLine logical;
    while (true) {
      skip_blanks();
      if (logical.text.empty()) {
        logical.line = line_;
        logical.offset = position_;
        if (at_comment()) {
          skip_to_line_end();
          continue;
        }
      }
      const bool continues = append_rest_of_line(logical.text);
      if (continues) {
        logical.text.pop_back();
        // A backslash that nothing follows ends the text, even if the line is empty without it.
        if (text_.size() - position_ <= 1) {
          position_ = text_.size();
          return logical;
        }
        skip_line_end();
        continue;
      }
      if (!logical.text.empty()) {
        skip_line_end();
        return logical;
      }
      if (at_end()) return std::nullopt;
      skip_line_end();
    }
  }

 private:
  bool at_end() const { return position_ == text_.size(); }
  bool at_comment() const {
    return !at_end() && (text_[position_] == '#' || text_[position_] == '!');
  }
  void skip_blanks() {
    while (!at_end() && is_blank(text_[position_])) ++position_;
  }
  void skip_to_line_end() {
    while (!at_end() && !is_line_end(text_[position_])) ++position_;
    skip_line_end();
  }
  void skip_line_end() {
    if (at_end()) return;
    const bool carriage_return = text_[position_] == '\r';
    ++position_;
    if (carriage_return && !at_end() && text_[position_] == '\n') ++position_;
    ++line_;
  }
  // True when the line ends with an odd number of backslashes.
  bool append_rest_of_line(std::string& out) {
    bool escaped = false;
    while (!at_end() && !is_line_end(text_[position_])) {
      escaped = text_[position_] == '\\' && !escaped;
      out.push_back(text_[position_++]);
    }
    return escaped;
  }

  std::string_view text_;
  std::size_t position_ = 0;
  int line_ = 1;
};

struct KeyAndValue {
  std::string_view key;
  std::string_view value;
};

KeyAndValue split_at_separator(std::string_view line) {
  std::size_t key_end = 0;
  bool escaped = false;
  for (; key_end < line.size(); ++key_end) {
    const char c = line[key_end];
    if (!escaped && (c == '=' || c == ':' || is_blank(c))) break;
    escaped = c == '\\' && !escaped;
  }
  std::size_t value_start = key_end;
  bool separated = false;
  for (; value_start < line.size(); ++value_start) {
    const char c = line[value_start];
    if (is_blank(c)) continue;
    if (separated || (c != '=' && c != ':')) break;
    separated = true;
  }
  return {line.substr(0, key_end), line.substr(value_start)};
}

// One UTF-16 unit; nothing where four hex digits are missing.
std::optional<std::uint32_t> read_unit(std::string_view digits) {
  if (digits.size() < 4) return std::nullopt;
  std::uint32_t unit = 0;
  for (const char c : digits.substr(0, 4)) {
    const auto digit = std::string_view("0123456789abcdef")
                           .find(c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c);
    if (digit == std::string_view::npos) return std::nullopt;
    unit = unit << 4 | static_cast<std::uint32_t>(digit);
  }
  return unit;
}

void append_utf8(std::string& out, std::uint32_t code) {
  const auto put = [&out](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xc0 | code >> 6);
    put(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    put(0xe0 | code >> 12);
    put(0x80 | (code >> 6 & 0x3f));
    put(0x80 | (code & 0x3f));
  } else {
    put(0xf0 | code >> 18);
    put(0x80 | (code >> 12 & 0x3f));
    put(0x80 | (code >> 6 & 0x3f));
    put(0x80 | (code & 0x3f));
  }
}

// Appends what stands behind "\u" and returns how many characters of `rest` that took; nothing
// where it is malformed. Two units that are a surrogate pair give one character; half a pair gives
// '?', as Java prints it.
std::optional<std::size_t> append_unicode_escape(std::string_view rest, std::string& out) {
  const auto unit = read_unit(rest);
  if (!unit) return std::nullopt;
  if (*unit < 0xd800 || *unit > 0xdfff) {
    append_utf8(out, *unit);
    return 4;
  }
  if (*unit < 0xdc00 && rest.substr(4).starts_with("\\u")) {
    const auto low = read_unit(rest.substr(6));
    if (low && *low >= 0xdc00 && *low <= 0xdfff) {
      append_utf8(out, 0x10000 + ((*unit - 0xd800) << 10) + (*low - 0xdc00));
      return 10;
    }
  }
  out.push_back('?');
  return 4;
}

std::optional<std::string> unescape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      out.push_back(text[i]);
      continue;
    }
    const char escaped = text[++i];
    switch (escaped) {
      case 't':
        out.push_back('\t');
        break;
      case 'n':
        out.push_back('\n');
        break;
      case 'r':
        out.push_back('\r');
        break;
      case 'f':
        out.push_back('\f');
        break;
      case 'u': {
        const auto taken = append_unicode_escape(text.substr(i + 1), out);
        if (!taken) return std::nullopt;
        i += *taken;
        break;
      }
      default:
        out.push_back(escaped);
    }
  }
  return out;
}

}  // namespace

Decoded<std::vector<Property>> parse_properties(std::string_view text) {
  std::vector<Property> properties;
  std::unordered_map<std::string, std::size_t> places;
  LogicalLines lines(text);
  while (auto logical = lines.next()) {
    const auto [raw_key, raw_value] = split_at_separator(logical->text);
    auto key = unescape(raw_key);
    auto value = unescape(raw_value);
    if (!key || !value) {
      return DecodeFailure(DecodeError{
          DecodeFault::kMalformed, "property", logical->offset, "\\u and four hex digits",
          "line " + std::to_string(logical->line) + ": " + printable(logical->text)});
    }
    const auto [place, is_new] = places.try_emplace(*key, properties.size());
    if (is_new) properties.push_back({std::move(*key), {}, 0});
    properties[place->second].value = std::move(*value);
    properties[place->second].line = logical->line;
  }
  return properties;
}

}  // namespace zkprobe::wire
