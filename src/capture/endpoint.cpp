#include "capture/endpoint.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

namespace zkprobe::capture {
namespace {

std::string hex_group(unsigned value) {
  char text[8];
  const auto end = std::to_chars(text, text + sizeof text, value, 16).ptr;
  return {text, end};
}

// The longest run of zero groups, at least two: RFC 5952 writes it as "::".
struct Run {
  int begin = -1;
  int length = 0;
};
Run longest_zeros(const std::array<unsigned, 8>& groups) {
  Run best;
  for (int i = 0; i < 8; ++i) {
    int end = i;
    while (end < 8 && groups[static_cast<std::size_t>(end)] == 0) ++end;
    if (end - i >= 2 && end - i > best.length) best = {i, end - i};
    i = std::max(i, end - 1);
  }
  return best;
}

std::string v6_text(const IpAddress& host) {
  std::array<unsigned, 8> groups{};
  for (std::size_t i = 0; i < 8; ++i) {
    const std::uint64_t half = i < 4 ? host.high : host.low;
    groups[i] = static_cast<unsigned>(half >> (48 - 16 * (i % 4)) & 0xffff);
  }
  const Run run = longest_zeros(groups);
  std::string text;
  for (int i = 0; i < 8; ++i) {
    if (i == run.begin) {
      text += "::";
      i += run.length - 1;
      continue;
    }
    if (!text.empty() && text.back() != ':') text += ':';
    text += hex_group(groups[static_cast<std::size_t>(i)]);
  }
  return text;
}

std::optional<IpAddress> parse_v4(std::string_view text) {
  std::uint8_t four[4];
  for (int i = 0; i < 4; ++i) {
    unsigned value = 0;
    const auto [next, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || value > 255) return std::nullopt;
    four[i] = static_cast<std::uint8_t>(value);
    text.remove_prefix(static_cast<std::size_t>(next - text.data()));
    if (i < 3) {
      if (text.empty() || text.front() != '.') return std::nullopt;
      text.remove_prefix(1);
    }
  }
  if (!text.empty()) return std::nullopt;
  return IpAddress::v4(four);
}

// "a:b:c" as bytes; an IPv4 literal may stand at the end. Nothing where it is no such list.
std::optional<Bytes> parse_groups(std::string_view text) {
  Bytes bytes;
  if (text.empty()) return bytes;
  while (true) {
    const std::size_t colon = text.find(':');
    const std::string_view piece = text.substr(0, colon);
    if (colon == std::string_view::npos && piece.find('.') != std::string_view::npos) {
      const auto v4 = parse_v4(piece);
      if (!v4) return std::nullopt;
      for (int shift = 24; shift >= 0; shift -= 8) {
        bytes.push_back(static_cast<std::uint8_t>(v4->low >> shift));
      }
      return bytes;
    }
    unsigned value = 0;
    const char* const end = piece.data() + piece.size();
    const auto [next, error] = std::from_chars(piece.data(), end, value, 16);
    if (error != std::errc() || next != end || piece.size() > 4) return std::nullopt;
    bytes.push_back(static_cast<std::uint8_t>(value >> 8));
    bytes.push_back(static_cast<std::uint8_t>(value & 0xff));
    if (colon == std::string_view::npos) return bytes;
    text.remove_prefix(colon + 1);
  }
}

std::size_t mix(std::uint64_t a, std::uint64_t b) {
  std::uint64_t z = (a ^ (b * 0x9e3779b97f4a7c15ULL)) * 0xbf58476d1ce4e5b9ULL;
  z ^= z >> 29;
  return static_cast<std::size_t>(z * 0x94d049bb133111ebULL >> 7);
}

}  // namespace

std::string to_string(const IpAddress& host) {
  if (!host.is_v4()) return v6_text(host);
  std::string text;
  for (int shift = 24; shift >= 0; shift -= 8) {
    if (shift < 24) text += '.';
    text += std::to_string(host.low >> shift & 0xff);
  }
  return text;
}

std::string to_string(const Endpoint& endpoint) {
  const std::string host = to_string(endpoint.host);
  return (endpoint.host.is_v4() ? host : "[" + host + "]") + ":" + std::to_string(endpoint.port);
}

std::optional<IpAddress> parse_ip(std::string_view text) {
  if (text.find(':') == std::string_view::npos) return parse_v4(text);
  const std::size_t gap = text.find("::");
  const auto head = parse_groups(text.substr(0, gap));
  if (!head) return std::nullopt;
  if (gap == std::string_view::npos) {
    if (head->size() != 16) return std::nullopt;
    return IpAddress::v6(*head);
  }
  const auto tail = parse_groups(text.substr(gap + 2));
  if (!tail || head->size() + tail->size() > 14) return std::nullopt;
  std::array<std::uint8_t, 16> sixteen{};
  std::copy(head->begin(), head->end(), sixteen.begin());
  std::copy_backward(tail->begin(), tail->end(), sixteen.end());
  return IpAddress::v6(sixteen);
}

std::size_t IpAddressHash::operator()(const IpAddress& host) const {
  return mix(host.high, host.low);
}

std::size_t EndpointHash::operator()(const Endpoint& endpoint) const {
  return mix(IpAddressHash()(endpoint.host), endpoint.port);
}

}  // namespace zkprobe::capture
