// The scenarios that zkprobe ships: fixtures/scenario/*.txt.
#pragma once

#include <vector>

#include "conformance/scenario.hpp"

namespace zkprobe::conformance {

// In the order of ids. Throws std::logic_error where a file has a mistake, which a test would find.
std::vector<Scenario> catalogue();

// Whether an id fits a pattern: '*' stands for anything; "greeting" for itself.
bool matches(std::string_view pattern, std::string_view id);

}  // namespace zkprobe::conformance
