#include "wire/ip_literal.hpp"

#include <algorithm>
#include <cstdio>
#include <vector>

#include "wire/java_text.hpp"

namespace zkprobe::wire {
namespace {

bool all_digits(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::vector<std::string_view> split_all(std::string_view text, char separator) {
  std::vector<std::string_view> pieces;
  while (true) {
    const auto at = text.find(separator);
    pieces.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return pieces;
    text.remove_prefix(at + 1);
  }
}

bool mapped(const Ipv6& groups) {
  return std::all_of(groups.begin(), groups.begin() + 5, [](auto g) { return g == 0; }) &&
         groups[5] == 0xffff;
}

// The groups of one side of "::", or of the whole. Nothing where one is no group.
std::optional<std::vector<std::uint16_t>> parse_groups(std::string_view text) {
  std::vector<std::uint16_t> groups;
  if (text.empty()) return groups;
  const auto pieces = split_all(text, ':');
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    if (i + 1 == pieces.size() && pieces[i].find('.') != std::string_view::npos) {
      const auto v4 = parse_ipv4(pieces[i]);
      if (!v4 || std::count(pieces[i].begin(), pieces[i].end(), '.') != 3) return std::nullopt;
      groups.push_back(static_cast<std::uint16_t>((*v4)[0] << 8 | (*v4)[1]));
      groups.push_back(static_cast<std::uint16_t>((*v4)[2] << 8 | (*v4)[3]));
      continue;
    }
    if (pieces[i].empty() || pieces[i].size() > 4 || pieces[i].front() == '-' ||
        pieces[i].front() == '+') {
      return std::nullopt;
    }
    const auto value = java_long(pieces[i], 16);
    if (!value) return std::nullopt;
    groups.push_back(static_cast<std::uint16_t>(*value));
  }
  return groups;
}

}  // namespace

std::optional<Ipv4> parse_ipv4(std::string_view text) {
  if (text.size() > 15) return std::nullopt;
  const auto parts = split_all(text, '.');
  if (parts.size() > 4) return std::nullopt;
  std::uint64_t address = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (!all_digits(parts[i])) return std::nullopt;
    const auto value = static_cast<std::uint64_t>(*java_long(parts[i]));
    const bool last = i + 1 == parts.size();
    const auto bits = last ? 8 * (5 - parts.size()) : 8U;
    if (value >= std::uint64_t{1} << bits) return std::nullopt;
    address = address << bits | value;
  }
  return Ipv4{static_cast<std::uint8_t>(address >> 24), static_cast<std::uint8_t>(address >> 16),
              static_cast<std::uint8_t>(address >> 8), static_cast<std::uint8_t>(address)};
}

std::optional<Ipv6> parse_ipv6(std::string_view text) {
  const auto gap = text.find("::");
  const auto left = parse_groups(text.substr(0, gap));
  if (!left) return std::nullopt;
  Ipv6 groups{};
  if (gap == std::string_view::npos) {
    if (left->size() != groups.size()) return std::nullopt;
    std::copy(left->begin(), left->end(), groups.begin());
    return groups;
  }
  const auto right = parse_groups(text.substr(gap + 2));
  if (!right || left->size() + right->size() >= groups.size()) return std::nullopt;
  // An IPv4 tail may only stand at the very end.
  if (text.substr(0, gap).find('.') != std::string_view::npos) return std::nullopt;
  std::copy(left->begin(), left->end(), groups.begin());
  std::copy(right->rbegin(), right->rend(), groups.rbegin());
  return groups;
}

std::string java_host_text(std::string_view host) {
  if (host.empty()) return "localhost";
  char text[48];
  if (const auto v4 = parse_ipv4(host)) {
    std::snprintf(text, sizeof text, "%d.%d.%d.%d", (*v4)[0], (*v4)[1], (*v4)[2], (*v4)[3]);
    return text;
  }
  const auto v6 = parse_ipv6(host);
  if (!v6) return std::string(host);
  const Ipv6& g = *v6;
  if (mapped(g)) {
    std::snprintf(text, sizeof text, "%d.%d.%d.%d", g[6] >> 8, g[6] & 0xff, g[7] >> 8, g[7] & 0xff);
  } else {
    std::snprintf(text, sizeof text, "%x:%x:%x:%x:%x:%x:%x:%x", g[0], g[1], g[2], g[3], g[4], g[5],
                  g[6], g[7]);
  }
  return text;
}

bool is_any_local(std::string_view host) {
  if (const auto v4 = parse_ipv4(host)) return *v4 == Ipv4{};
  const auto v6 = parse_ipv6(host);
  if (!v6) return false;
  if (mapped(*v6)) return (*v6)[6] == 0 && (*v6)[7] == 0;
  return *v6 == Ipv6{};
}

}  // namespace zkprobe::wire
