// The report as one JSON object. Its keys are documented in src/report/README.md.
#pragma once

#include <string>

#include "analysis/story.hpp"

namespace zkprobe::report {

// One line, with its line end.
std::string to_json(const analysis::Story& story, const std::string& file);

// The data of the page: the same, and every message as a short array. Safe inside of a script
// element: no "<" stands in it.
std::string page_data(const analysis::Story& story, const std::string& file);

}  // namespace zkprobe::report
