#include "conformance/catalogue.hpp"

#include <algorithm>
#include <stdexcept>

#include "conformance/catalogue_texts.hpp"

namespace zkprobe::conformance {

std::vector<Scenario> catalogue() {
  std::vector<Scenario> all;
  for (const ScenarioText& one : kScenarioTexts) {
    auto scenario = parse_scenario(one.name, one.text);
    if (!scenario) throw std::logic_error(scenario.error());
    all.push_back(*std::move(scenario));
  }
  std::sort(all.begin(), all.end(),
            [](const Scenario& a, const Scenario& b) { return a.id < b.id; });
  return all;
}

bool matches(std::string_view pattern, std::string_view id) {
  std::size_t p = 0, i = 0;
  std::size_t star = std::string_view::npos, resume = 0;
  while (i < id.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = i;
    } else if (p < pattern.size() && pattern[p] == id[i]) {
      ++p;
      ++i;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      i = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace zkprobe::conformance
