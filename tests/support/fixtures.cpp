#include "support/fixtures.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>

namespace zkprobe::test {

std::string fixture_path(const std::string& name) {
  return std::string(ZKPROBE_FIXTURES) + "/" + name;
}

std::string read_fixture(const std::string& name) {
  const std::string path = fixture_path(name);
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::vector<std::string> list_fixtures(const std::string& folder) {
  const std::filesystem::path root(ZKPROBE_FIXTURES);
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(root / folder)) {
    if (entry.is_regular_file()) {
      names.push_back(std::filesystem::relative(entry.path(), root).string());
    }
  }
  std::sort(names.begin(), names.end());
  if (names.empty()) throw std::runtime_error("no files in fixtures/" + folder);
  return names;
}

Bytes read_golden(const std::string& name) {
  std::istringstream lines(read_fixture(name));
  std::string line;
  std::string digits;
  while (std::getline(lines, line)) digits += line.substr(0, line.find('#')) + "\n";
  auto bytes = hex_decode(digits);
  if (!bytes) throw std::runtime_error("not hex: fixtures/" + name);
  return *bytes;
}

ExactBuffer::ExactBuffer(BytesView bytes)
    : data_(std::make_unique<std::uint8_t[]>(bytes.size())), size_(bytes.size()) {
  std::copy(bytes.begin(), bytes.end(), data_.get());
}

}  // namespace zkprobe::test
