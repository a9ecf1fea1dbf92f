// One message from hex digits: `zkprobe decode --hex BYTES`.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "base/bytes.hpp"
#include "capture/conversation.hpp"

namespace zkprobe::tool {

// A greeting, a frame, a notification without its frame, or a quorum packet. The body says what it
// is, Malformed where it is nearly one of them. An error is one line: the text is no hex, or the
// bytes are like no message.
tl::expected<capture::MessageBody, std::string> decode_one(BytesView bytes);

}  // namespace zkprobe::tool
