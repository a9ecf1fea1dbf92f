// The report as one HTML page that needs nothing but itself.
#pragma once

#include <string>
#include <string_view>

#include "analysis/story.hpp"

namespace zkprobe::report {

// What a text says in HTML and in attributes.
std::string escaped(std::string_view text);

std::string to_page(const analysis::Story& story, const std::string& file);

}  // namespace zkprobe::report
