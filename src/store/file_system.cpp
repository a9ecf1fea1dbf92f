#include "store/file_system.hpp"

namespace zkprobe::store {

Stored<std::string> read_small_file(FileSystem& files, const std::string& path, std::size_t limit) {
  auto file = files.open(path, OpenMode::kRead);
  if (!file) return StorageFailure(file.error());
  Bytes bytes(limit + 1);
  const auto n = (*file)->read_at(0, bytes);
  if (!n) return StorageFailure(n.error());
  if (*n > limit) return corrupt(path, limit, "longer than " + std::to_string(limit) + " bytes");
  return to_text(BytesView(bytes).first(*n));
}

StorageFailure corrupt(const std::string& file, const DecodeError& error) {
  return corrupt(file, error.offset,
                 error.field + ": expected " + error.expected + ", found " + error.found);
}

}  // namespace zkprobe::store
