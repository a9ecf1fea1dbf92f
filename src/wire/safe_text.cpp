#include "wire/safe_text.hpp"

#include <cstdint>

#include "base/bytes.hpp"

namespace zkprobe::wire {
namespace {

// The size of the UTF-8 character at the front, 0 where there is none. RFC 3629.
std::size_t character_size(BytesView bytes) {
  const std::uint8_t lead = bytes[0];
  if (lead < 0x80) return 1;
  const std::size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || bytes.size() < size) return 0;
  for (std::size_t i = 1; i < size; ++i) {
    if ((bytes[i] & 0xc0) != 0x80) return 0;
  }
  if (lead == 0xe0 && bytes[1] < 0xa0) return 0;  // could be shorter
  if (lead == 0xf0 && bytes[1] < 0x90) return 0;
  if (lead == 0xed && bytes[1] >= 0xa0) return 0;  // a surrogate
  if (lead == 0xf4 && bytes[1] >= 0x90) return 0;  // beyond U+10FFFF
  return size;
}

bool is_control(BytesView character) {
  if (character.size() == 1) return character[0] < 0x20 || character[0] == 0x7f;
  return character.size() == 2 && character[0] == 0xc2 && character[1] < 0xa0;
}

}  // namespace

std::string safe_text(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  BytesView rest = as_bytes(text);
  while (!rest.empty()) {
    const std::size_t size = character_size(rest);
    const BytesView character = rest.first(size == 0 ? 1 : size);
    if (size == 0 || is_control(character)) {
      for (const std::uint8_t& byte : character) {
        out += "\\x";
        out += hex_encode(BytesView(&byte, 1));
      }
    } else if (character[0] == '\\') {
      out += "\\\\";
    } else {
      out.append(character.begin(), character.end());
    }
    rest = rest.subspan(character.size());
  }
  return out;
}

}  // namespace zkprobe::wire
