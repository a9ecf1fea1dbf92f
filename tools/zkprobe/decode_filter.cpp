#include "decode_filter.hpp"

#include <algorithm>
#include <cctype>
#include <ctime>
#include <iterator>

#include "decode_view.hpp"
#include "options.hpp"

namespace zkprobe::tool {
namespace {

constexpr std::string_view kKinds[] = {"initial", "notification", "quorum_packet", "gap",
                                       "malformed"};
constexpr std::int32_t kLastType = 19;

// ".123456789" as nanoseconds; nothing where it is no fraction of one to nine digits.
std::optional<std::int64_t> parse_fraction(std::string_view text) {
  if (text.empty()) return 0;
  if (text.front() != '.' || text.size() < 2 || text.size() > 10) return std::nullopt;
  std::int64_t value = 0;
  for (std::size_t i = 1; i < 10; ++i) {
    const char digit = i < text.size() ? text[i] : '0';
    if (digit < '0' || digit > '9') return std::nullopt;
    value = value * 10 + (digit - '0');
  }
  return value;
}

std::optional<capture::CaptureTime> parse_rfc3339(std::string_view text) {
  if (text.size() < 20 || text.back() != 'Z') return std::nullopt;
  const std::string date(text.substr(0, 19));
  std::tm parts{};
  const char* const end = strptime(date.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
  if (end == nullptr || *end != '\0') return std::nullopt;
  const auto fraction = parse_fraction(text.substr(19, text.size() - 20));
  if (!fraction) return std::nullopt;
  return std::chrono::seconds(timegm(&parts)) + std::chrono::nanoseconds(*fraction);
}

// "60.46s"; parse_duration() has whole numbers.
std::optional<capture::CaptureTime> parse_fractional_seconds(std::string_view text) {
  const std::size_t point = text.find('.');
  if (point == std::string_view::npos || text.back() != 's') return std::nullopt;
  const auto whole = parse_duration(std::string(text.substr(0, point)) + "s");
  const auto fraction = parse_fraction(text.substr(point, text.size() - point - 1));
  if (!whole || !fraction) return std::nullopt;
  return *whole + std::chrono::nanoseconds(*fraction);
}

bool kind_passes(const std::vector<std::string>& kinds, const capture::MessageBody& body) {
  if (kinds.empty()) return true;
  const auto wanted = [&](std::string_view name) {
    return std::find(kinds.begin(), kinds.end(), name) != kinds.end();
  };
  if (wanted(kind_of(body))) return true;
  const auto* packet = std::get_if<capture::SeenPacket>(&body);
  return packet != nullptr && wanted(wire::to_string(packet->packet.type));
}

}  // namespace

std::optional<CapturePoint> parse_capture_point(std::string_view text) {
  CapturePoint point;
  if (const auto duration = parse_duration(text)) {
    point.since_start = *duration;
    return point;
  }
  if (const auto seconds = parse_fractional_seconds(text)) {
    point.since_start = *seconds;
    return point;
  }
  point.absolute = parse_rfc3339(text);
  if (!point.absolute) return std::nullopt;
  return point;
}

std::optional<std::string> parse_kind(std::string_view text) {
  if (std::find(std::begin(kKinds), std::end(kKinds), text) != std::end(kKinds)) {
    return std::string(text);
  }
  std::string upper(text);
  std::transform(upper.begin(), upper.end(), upper.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  for (std::int32_t type = 1; type <= kLastType; ++type) {
    if (wire::to_string(static_cast<wire::PacketType>(type)) == upper) return upper;
  }
  return std::nullopt;
}

bool DecodeFilter::passes(const capture::Message& message, capture::CaptureTime start) const {
  if (!kind_passes(kinds, message.body)) return false;
  if (from && message.place.time < from->at(start)) return false;
  if (to && message.place.time > to->at(start)) return false;
  if (servers.empty()) return true;
  return std::any_of(servers.begin(), servers.end(), [&](std::int64_t sid) {
    return message.src_sid() == Sid(sid) || message.dst_sid() == Sid(sid);
  });
}

}  // namespace zkprobe::tool
