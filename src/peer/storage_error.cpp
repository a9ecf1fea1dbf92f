#include "peer/storage_error.hpp"

#include "wire/safe_text.hpp"

namespace zkprobe::peer {

std::string to_string(const StorageError& error) {
  const bool in_file = error.kind == StorageError::Kind::kCorrupt || error.offset > 0;
  return wire::safe_text(error.file) +
         (in_file ? " at byte " + std::to_string(error.offset) : std::string()) + ": " +
         wire::safe_text(error.text);
}

}  // namespace zkprobe::peer
