// What a peer does, as records and as lines for people: shared by `ensemble` and `join`.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "net/peer_driver.hpp"
#include "options.hpp"
#include "output.hpp"

namespace zkprobe::tool {

// What stands behind "event" in its record: "state".
std::string_view event_name(const net::PeerEvent& event);

// The record of an event without "t" and "self": {"event":"state",...}.
Json event_record(const net::PeerEvent& event);

// One line for people, without its end; nothing for what only records show (each message).
std::optional<std::string> event_line(const net::PeerEvent& event);

// What --emulate means on the wire: nothing is auto, the newest release that reads every form and
// greets each peer in the form it was greeted in.
struct Emulation {
  wire::Dialect dialect;
  bool auto_emulation = false;
};
Emulation emulation_of(const Emulate& emulate, bool multi_address = false);

}  // namespace zkprobe::tool
