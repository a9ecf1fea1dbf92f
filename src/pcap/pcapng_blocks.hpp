// The numbers of pcapng that both its reader and its writer know. draft-ietf-opsawg-pcapng.
#pragma once

#include <cstdint>

namespace zkprobe::pcap {

// Types of blocks.
inline constexpr std::uint32_t kSectionBlock = 0x0a0d0d0a;
inline constexpr std::uint32_t kInterfaceBlock = 1;
inline constexpr std::uint32_t kEnhancedPacketBlock = 6;
// At the front of a section, in its byte order.
inline constexpr std::uint32_t kSectionByteOrder = 0x1a2b3c4d;
// An option of an interface, of one byte: its stamps count ten to the power of minus this, of a
// second.
inline constexpr std::uint16_t kIfResolution = 9;

}  // namespace zkprobe::pcap
