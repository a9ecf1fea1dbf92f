// A configuration as a peer or a file may hold it.
#include <cctype>
#include <cstdint>
#include <string_view>

#include "fuzz/check.hpp"
#include "wire/describe.hpp"
#include "wire/java_properties.hpp"
#include "wire/quorum_config.hpp"

using namespace zkprobe;

namespace {

// Java prints host names as they are; one with a backslash or a blank does not read back.
bool plain(const std::string& host) {
  for (const char c : host) {
    const bool usual = std::isalnum(static_cast<unsigned char>(c)) != 0 ||
                       std::string_view("-.:_%").find(c) != std::string_view::npos;
    if (!usual) return false;
  }
  return true;
}

bool reads_back(const wire::QuorumConfig& config) {
  for (const auto& server : config.servers) {
    for (const auto& address : server.addresses) {
      if (!plain(address.host)) return false;
    }
    if (server.client && !plain(server.client->host)) return false;
    if (server.secure_client && !plain(server.secure_client->host)) return false;
  }
  return config.version.value >= 0;  // Java cannot read its own "ffffffffffffffff"
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto properties = wire::parse_properties(text);
  auto config = wire::parse_quorum_config(text);
  if (!config) return 0;
  fuzz::check(properties.has_value() && config->servers.size() <= properties->size());
  fuzz::check(!wire::describe(*config).empty());
  fuzz::check(config->voters().size() + config->observers().size() == config->servers.size());
  wire::order_as_java(*config);
  if (!reads_back(*config)) return 0;
  const std::string written = wire::to_text(*config);
  auto reread = wire::parse_quorum_config(written);
  fuzz::check(reread.has_value() && wire::to_text(*reread) == written);
  wire::order_as_java(*reread);
  fuzz::check(wire::to_text(*reread) == written);
  return 0;
}
