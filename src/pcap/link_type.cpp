#include "pcap/link_type.hpp"

#include <pcap/pcap.h>

namespace zkprobe::pcap {

namespace {

constexpr std::uint16_t kRawInFiles = 101;

}  // namespace

int datalink_in_file(std::uint16_t type) { return type == kRawInFiles ? DLT_RAW : type; }

std::uint16_t file_link_of(int datalink) {
  return datalink == DLT_RAW ? kRawInFiles : static_cast<std::uint16_t>(datalink);
}

std::optional<capture::LinkType> link_type(int datalink) {
  switch (datalink) {
    case DLT_EN10MB:
      return capture::LinkType::kEthernet;
    case DLT_LINUX_SLL:
      return capture::LinkType::kLinuxSll;
    case DLT_LINUX_SLL2:
      return capture::LinkType::kLinuxSll2;
    case DLT_NULL:
      return capture::LinkType::kNull;
    case DLT_LOOP:
      return capture::LinkType::kLoop;
    case DLT_RAW:
    case DLT_IPV4:
    case DLT_IPV6:
      return capture::LinkType::kRaw;
    default:
      return std::nullopt;
  }
}

std::string unknown_link(int datalink) {
  const char* const name = pcap_datalink_val_to_name(datalink);
  return "link type " + std::to_string(datalink) +
         (name == nullptr ? "" : std::string(" (") + name + ")") +
         ": expected Ethernet, Linux cooked v1 or v2, loopback or raw IP";
}

}  // namespace zkprobe::pcap
