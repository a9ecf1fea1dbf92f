#include "replica/quota.hpp"

#include <charconv>

namespace zkprobe::replica {
namespace {

std::optional<std::int64_t> parse_long(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::string quota_stat_path(std::string_view path) {
  return std::string(kQuotaRoot) + std::string(path) + "/" + std::string(kStatNode);
}

std::optional<StatsTrack> StatsTrack::parse(std::string_view text) {
  StatsTrack track;
  while (!text.empty()) {
    const std::size_t end = text.find_first_of(",;");
    const std::string_view pair = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    // "bytes=5=": a second equals sign ends the value; it hides the hard limits from old servers.
    std::string_view number = pair.substr(equals + 1);
    number = number.substr(0, number.find('='));
    const auto value = number.empty() ? std::optional<std::int64_t>(-1) : parse_long(number);
    if (!value) return std::nullopt;
    track.values_[std::string(pair.substr(0, equals))] = *value;
  }
  return track;
}

void StatsTrack::set(std::int64_t count, std::int64_t bytes) {
  values_["count"] = count;
  values_["bytes"] = bytes;
}

std::string StatsTrack::text() const {
  std::string text = "count=" + std::to_string(count()) + ",bytes=" + std::to_string(bytes());
  bool first = true;
  for (const auto& [key, number] : values_) {
    if (key == "count" || key == "bytes") continue;
    text += (first ? "=;" : ";") + key + "=" + std::to_string(number);
    first = false;
  }
  return text;
}

std::int64_t StatsTrack::value(const std::string& key) const {
  const auto found = values_.find(key);
  return found == values_.end() ? -1 : found->second;
}

std::optional<std::string> QuotaPaths::deepest(std::string_view path) const {
  if (paths_.empty()) return std::nullopt;
  while (path.size() > 1) {
    if (const auto found = paths_.find(path); found != paths_.end()) return *found;
    const std::size_t slash = path.rfind('/');
    if (slash == std::string_view::npos) break;
    path = path.substr(0, slash);
  }
  return std::nullopt;
}

}  // namespace zkprobe::replica
