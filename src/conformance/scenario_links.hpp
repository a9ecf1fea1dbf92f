// Whether what the peers of a scenario do, line by line, can be done: a link is dialled before it
// is used, and whoever is named has got that name.
#pragma once

#include "conformance/scenario.hpp"

namespace zkprobe::conformance {

// Throws std::invalid_argument, "expected ..., found ..."; `line` is then the directive's. A line
// for some releases alone counts as one that was played.
void check_links(const Scenario& scenario, int& line);

}  // namespace zkprobe::conformance
