// The "# = " line of a golden file: what an independent reader made of the same bytes.
#pragma once

#include <stdexcept>
#include <string>

#include "support/fixtures.hpp"

namespace zkprobe::test {

inline std::string golden_line(const std::string& name) {
  const std::string text = read_fixture(name);
  const std::string mark = "# = ";
  const std::size_t at = text.find(mark);
  if (at == std::string::npos) throw std::runtime_error("no '# = ' line in fixtures/" + name);
  const std::size_t start = at + mark.size();
  return text.substr(start, text.find('\n', start) - start);
}

}  // namespace zkprobe::test
