// The report as text, for a terminal in an outage: findings first.
#pragma once

#include <string>

#include "analysis/story.hpp"

namespace zkprobe::report {

struct TextStyle {
  bool colour = false;
};

// `file`: what the capture is called.
std::string to_text(const analysis::Story& story, const std::string& file, TextStyle style = {});

}  // namespace zkprobe::report
