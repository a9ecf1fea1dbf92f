// What a decoder returns: the value, or where and why the bytes are not what they should be.
#pragma once

#include <cstddef>
#include <string>
#include <tl/expected.hpp>

namespace zkprobe {

enum class DecodeFault {
  kTruncated,   // the bytes end before the value does
  kOutOfRange,  // a length or a number outside its named limit
  kMalformed,   // bytes that no release writes
};

struct DecodeError {
  DecodeFault fault = DecodeFault::kMalformed;
  std::string field;       // "configLength"
  std::size_t offset = 0;  // of the field's first byte, from the start of the message
  std::string expected;    // "1..2048"
  std::string found;       // "-5"

  bool operator==(const DecodeError&) const = default;
};

// "configLength at byte 40: expected 0..4, found -5"
std::string to_string(const DecodeError& error);

template <class T>
using Decoded = tl::expected<T, DecodeError>;
using DecodeFailure = tl::unexpected<DecodeError>;

}  // namespace zkprobe
