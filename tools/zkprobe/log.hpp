// Log lines on standard error: time, level, text.
#pragma once

#include <string_view>

namespace zkprobe::tool {

// Call once at the start: warnings and errors are shown until set_log_level says otherwise.
void set_up_log();
// debug, info, warn, error or off; false for anything else, and nothing changes.
bool set_log_level(std::string_view name);

}  // namespace zkprobe::tool
