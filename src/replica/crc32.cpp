#include "replica/crc32.hpp"

#include <array>
#include <bit>
#include <cstring>

namespace zkprobe::replica {
namespace {

using Table = std::array<std::array<std::uint32_t, 256>, 8>;

// kTable[k][b]: the remainder of byte b with k zero bytes after it, so that eight bytes are taken
// in one step.
constexpr Table make_table() {
  Table table{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t remainder = byte;
    for (int bit = 0; bit < 8; ++bit) {
      remainder = (remainder & 1) != 0 ? remainder >> 1 ^ 0xedb88320U : remainder >> 1;
    }
    table[0][byte] = remainder;
  }
  for (std::size_t k = 1; k < 8; ++k) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const std::uint32_t before = table[k - 1][byte];
      table[k][byte] = before >> 8 ^ table[0][before & 0xff];
    }
  }
  return table;
}

constexpr Table kTable = make_table();

std::uint32_t little_endian(const std::uint8_t* bytes) {
  std::uint32_t word = 0;
  std::memcpy(&word, bytes, 4);
  if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap32(word);
  return word;
}

}  // namespace

Crc32& Crc32::update(BytesView bytes) {
  const std::uint8_t* at = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= 8; at += 8, left -= 8) {
    const std::uint32_t low = state_ ^ little_endian(at);
    const std::uint32_t high = little_endian(at + 4);
    state_ = kTable[7][low & 0xff] ^ kTable[6][low >> 8 & 0xff] ^ kTable[5][low >> 16 & 0xff] ^
             kTable[4][low >> 24] ^ kTable[3][high & 0xff] ^ kTable[2][high >> 8 & 0xff] ^
             kTable[1][high >> 16 & 0xff] ^ kTable[0][high >> 24];
  }
  for (; left > 0; ++at, --left) state_ = state_ >> 8 ^ kTable[0][(state_ ^ *at) & 0xff];
  return *this;
}

}  // namespace zkprobe::replica
