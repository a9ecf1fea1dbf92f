// Options that the verbs with a capture share.
#pragma once

#include <optional>
#include <string>

#include "capture/conversation_reader.hpp"
#include "decode_filter.hpp"

namespace CLI {
class App;
}  // namespace CLI

namespace zkprobe::tool {

// "--from TIME": a point in the capture, or a duration since its first packet.
void add_capture_point(CLI::App& verb, const std::string& name, std::optional<CapturePoint>* target,
                       const std::string& description);

// "--election-port PORT,..." and "--learner-port PORT,...", from 1 to 65535. A port that is named
// for both is refused.
void add_election_port(CLI::App& verb, capture::PortHints& ports);
void add_learner_port(CLI::App& verb, capture::PortHints& ports);

}  // namespace zkprobe::tool
