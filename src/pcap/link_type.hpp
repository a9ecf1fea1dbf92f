// What stands in front of the IP header, by libpcap's number (DLT_..., as in captures).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "capture/packet.hpp"

namespace zkprobe::pcap {

// libpcap's number of what a capture file says (LINKTYPE_...): few differ, and those by system.
int datalink_in_file(std::uint16_t type);
// And the other way round.
std::uint16_t file_link_of(int datalink);

// Nothing for a link that the decoder does not read.
std::optional<capture::LinkType> link_type(int datalink);

// "link type 105 (IEEE802_11): expected Ethernet, Linux cooked v1 or v2, loopback or raw IP"
std::string unknown_link(int datalink);

}  // namespace zkprobe::pcap
