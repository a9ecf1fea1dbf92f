#include "known_address.hpp"

#include <algorithm>

#include "wire/ip_literal.hpp"

namespace zkprobe::tool {

std::optional<wire::HostPort> known_address(const std::vector<wire::HostPort>& known,
                                            const wire::HostPort& address,
                                            const std::string& reached) {
  std::vector<wire::HostPort> of_port;
  for (const wire::HostPort& one : known) {
    if (one.port != address.port) continue;
    const std::string host = wire::java_host_text(one.host);
    if (host == wire::java_host_text(address.host)) return one;
    if (!reached.empty() && host == wire::java_host_text(reached)) return one;
    if (std::find(of_port.begin(), of_port.end(), one) == of_port.end()) of_port.push_back(one);
  }
  if (of_port.size() == 1) return of_port.front();
  return std::nullopt;
}

}  // namespace zkprobe::tool
