// Text from the network on a terminal or in a record: a path cannot move the cursor, and what comes
// out is always valid UTF-8.
#pragma once

#include <string>
#include <string_view>

namespace zkprobe::wire {

// Printable UTF-8 stays. Control characters (C0, 0x7f, U+0080 to U+009F) and bytes that are no
// UTF-8, the surrogate pairs that Java writes beyond U+FFFF among them, become \xNN each; "\"
// becomes "\\", so that the two cannot be confused.
std::string safe_text(std::string_view text);

}  // namespace zkprobe::wire
