#include "peer/config_rewrite.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "wire/java_properties.hpp"

namespace zkprobe::peer {
namespace {

constexpr std::string_view kBlanks = " \t\f\r\n";

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

// Read again as it is here. Java writes the bare text and loses backslashes.
std::string escaped(std::string_view text, bool is_key) {
  std::string out;
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      out += "\\r";
    } else {
      const bool ends_key = is_key && std::string_view(" \t\f=:#!").find(c) != std::string::npos;
      if (c == '\\' || ends_key) out += '\\';
      out += c;
    }
  }
  return out;
}

bool goes(std::string_view key, bool erase_client) {
  constexpr std::array<std::string_view, 5> kMoved = {"server.", "group", "weight",
                                                      "dynamicConfigFile", "peerType"};
  const auto begins = [key](std::string_view prefix) { return key.starts_with(prefix); };
  return std::any_of(kMoved.begin(), kMoved.end(), begins) ||
         (erase_client && begins("clientPort"));
}

}  // namespace

std::string dynamic_file_text(const wire::QuorumConfig& config, bool with_version) {
  const std::string text = to_text(config);
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
    if (!with_version && lines.back().starts_with("version")) lines.pop_back();
  }
  std::sort(lines.begin(), lines.end());
  std::string out;
  for (const std::string& line : lines) out += (out.empty() ? "" : "\n") + line;
  return out;
}

Decoded<std::string> static_file_text(std::string_view zoo_cfg, const std::string& dynamic_file,
                                      bool erase_client) {
  const auto properties = wire::parse_properties(zoo_cfg);
  if (!properties) return tl::unexpected(properties.error());
  std::string out;
  for (const wire::Property& property : *properties) {
    const std::string_view key = trimmed(property.key);
    if (goes(key, erase_client)) continue;
    out += escaped(key, true) + "=" + escaped(trimmed(property.value), false) + "\n";
  }
  return out + "dynamicConfigFile=" + escaped(dynamic_file, false) + "\n";
}

bool names_dynamic_file(std::string_view zoo_cfg) {
  const auto properties = wire::parse_properties(zoo_cfg);
  return properties &&
         std::any_of(properties->begin(), properties->end(), [](const wire::Property& property) {
           return trimmed(property.key) == "dynamicConfigFile";
         });
}

std::string dynamic_file_name(const std::string& zoo_cfg, ConfigVersion version) {
  return zoo_cfg + ".dynamic." + to_hex(version).substr(2);
}

}  // namespace zkprobe::peer
