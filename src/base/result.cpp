#include "base/result.hpp"

namespace zkprobe {

std::string to_string(const DecodeError& error) {
  return error.field + " at byte " + std::to_string(error.offset) + ": expected " + error.expected +
         ", found " + error.found;
}

}  // namespace zkprobe
