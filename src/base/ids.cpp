#include "base/ids.hpp"

namespace zkprobe {

std::string to_hex(std::int64_t value) {
  static constexpr char kDigits[] = "0123456789abcdef";
  auto rest = static_cast<std::uint64_t>(value);
  std::string digits;
  do {
    digits.insert(digits.begin(), kDigits[rest & 0xf]);
    rest >>= 4;
  } while (rest != 0);
  return "0x" + digits;
}

}  // namespace zkprobe
