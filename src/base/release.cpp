#include "base/release.hpp"

#include <charconv>
#include <map>

namespace zkprobe {

std::optional<Release> parse_release(std::string_view text) {
  static const std::map<std::string_view, Release> kShortNames = {
      {"3.3", {3, 3, 6}}, {"3.4", {3, 4, 14}}, {"3.5", {3, 5, 10}},     {"3.6", {3, 6, 4}},
      {"3.7", {3, 7, 2}}, {"3.8", {3, 8, 7}},  {"3.9", kNewestRelease},
  };
  if (const auto found = kShortNames.find(text); found != kShortNames.end()) return found->second;
  int parts[3] = {};
  const char* at = text.data();
  const char* const end = text.data() + text.size();
  for (int i = 0; i < 3; ++i) {
    if (i > 0 && (at == end || *at++ != '.')) return std::nullopt;
    const auto [next, error] = std::from_chars(at, end, parts[i]);
    if (error != std::errc() || parts[i] < 0) return std::nullopt;
    at = next;
  }
  if (at != end && *at != '-') return std::nullopt;
  const Release release{parts[0], parts[1], parts[2]};
  if (release < Release{3, 3, 0} || release >= Release{4, 0, 0}) return std::nullopt;
  return release;
}

std::string to_string(Release release) {
  return std::to_string(release.major) + "." + std::to_string(release.minor) + "." +
         std::to_string(release.patch);
}

}  // namespace zkprobe
