#include "base/bytes.hpp"

#include <array>

namespace zkprobe {

void Reader::truncated(std::size_t wanted, std::string_view field) {
  fail(DecodeFault::kTruncated, field, offset(), std::to_string(wanted) + " bytes",
       std::to_string(remaining()));
}

void Reader::fail(DecodeFault fault, std::string_view field, std::size_t offset,
                  std::string expected, std::string found) {
  if (error_) return;
  error_ = DecodeError{fault, std::string(field), offset, std::move(expected), std::move(found)};
}

std::string Reader::text(std::size_t n, std::string_view field) { return to_text(take(n, field)); }

void Writer::i32(std::int32_t value) {
  const auto bits = static_cast<std::uint32_t>(value);
  std::array<std::uint8_t, 4> bytes;
  for (std::size_t i = 0; i < 4; ++i) bytes[i] = static_cast<std::uint8_t>(bits >> (24 - 8 * i));
  raw(bytes);
}

void Writer::i64(std::int64_t value) {
  const auto bits = static_cast<std::uint64_t>(value);
  std::array<std::uint8_t, 8> bytes;
  for (std::size_t i = 0; i < 8; ++i) bytes[i] = static_cast<std::uint8_t>(bits >> (56 - 8 * i));
  raw(bytes);
}

void Writer::patch_i32(std::size_t offset, std::int32_t value) {
  const auto bits = static_cast<std::uint32_t>(value);
  for (std::size_t i = 0; i < 4; ++i) {
    bytes_.at(offset + i) = static_cast<std::uint8_t>(bits >> (24 - 8 * i));
  }
}

std::string hex_encode(BytesView bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const std::uint8_t byte : bytes) {
    text.push_back(kDigits[byte >> 4]);
    text.push_back(kDigits[byte & 0xf]);
  }
  return text;
}

namespace {

int digit_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

}  // namespace

std::optional<Bytes> hex_decode(std::string_view text) {
  Bytes bytes;
  int high = -1;
  for (const char c : text) {
    if (is_space(c)) {
      if (high >= 0) return std::nullopt;
      continue;
    }
    const int value = digit_value(c);
    if (value < 0) return std::nullopt;
    if (high < 0) {
      high = value;
    } else {
      bytes.push_back(static_cast<std::uint8_t>(high << 4 | value));
      high = -1;
    }
  }
  if (high >= 0) return std::nullopt;
  return bytes;
}

}  // namespace zkprobe
