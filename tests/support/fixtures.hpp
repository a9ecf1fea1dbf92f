// Reading fixtures, and buffers of exactly one size, so that the address sanitizer sees an overrun.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/bytes.hpp"

namespace zkprobe::test {

// Where fixtures/<name> stands.
std::string fixture_path(const std::string& name);
// The whole of fixtures/<name>; throws std::runtime_error with the path when it cannot be read.
std::string read_fixture(const std::string& name);
// The files of fixtures/<folder>, sorted, as paths relative to fixtures/.
std::vector<std::string> list_fixtures(const std::string& folder);

// The bytes of a golden file: hex digits, one field a line; what follows '#' is a comment.
Bytes read_golden(const std::string& name);

// A copy on the heap of exactly this size.
class ExactBuffer {
 public:
  explicit ExactBuffer(BytesView bytes);
  BytesView view() const { return {data_.get(), size_}; }

 private:
  std::unique_ptr<std::uint8_t[]> data_;
  std::size_t size_;
};

}  // namespace zkprobe::test
