#include "conformance/values.hpp"

#include <charconv>
#include <limits>
#include <stdexcept>

namespace zkprobe::conformance {

[[noreturn]] void mistake(const std::string& what) { throw std::invalid_argument(what); }

std::optional<std::int64_t> to_number(const std::string& text) {
  if (text == "min") return std::numeric_limits<std::int64_t>::min();
  const bool hex = text.starts_with("0x");
  const char* const begin = text.data() + (hex ? 2 : 0);
  const char* const end = text.data() + text.size();
  std::int64_t value = 0;
  std::uint64_t pattern = 0;
  const auto [next, error] =
      hex ? std::from_chars(begin, end, pattern, 16) : std::from_chars(begin, end, value);
  if (error != std::errc() || next != end) return std::nullopt;
  return hex ? static_cast<std::int64_t>(pattern) : value;
}

std::optional<std::int64_t> to_zxid_number(const std::string& text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos) return to_number(text);
  const auto epoch = to_number(text.substr(0, colon));
  const auto counter = to_number(text.substr(colon + 1));
  constexpr std::int64_t kMost = 0xffffffff;
  if (!epoch || !counter || *epoch < 0 || *epoch > kMost || *counter < 0 || *counter > kMost) {
    return std::nullopt;
  }
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(*epoch) << 32 |
                                   static_cast<std::uint64_t>(*counter));
}

std::int64_t number(const std::string& text) {
  const auto value = to_number(text);
  if (!value) mistake("expected a number, found '" + text + "'");
  return *value;
}

std::int64_t zxid_number(const std::string& text) {
  const auto value = to_zxid_number(text);
  if (!value) mistake("expected a number, or EPOCH:COUNTER of 32 bits each, found '" + text + "'");
  return *value;
}

std::string option(const Options& options, const std::string& key, const std::string& otherwise) {
  const auto found = options.find(key);
  return found == options.end() ? otherwise : found->second;
}

}  // namespace zkprobe::conformance
