// Options that the verbs with a capture share.
#pragma once

#include <optional>
#include <string>

#include "decode_filter.hpp"

namespace CLI {
class App;
}  // namespace CLI

namespace zkprobe::tool {

// "--from TIME": a point in the capture, or a duration since its first packet.
void add_capture_point(CLI::App& verb, const std::string& name, std::optional<CapturePoint>* target,
                       const std::string& description);

}  // namespace zkprobe::tool
