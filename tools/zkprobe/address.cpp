#include "address.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <optional>

#include "wire/ip_literal.hpp"

namespace zkprobe::tool {
namespace {

tl::unexpected<std::string> wrong(std::string_view text, const std::string& why) {
  return tl::unexpected<std::string>("address '" + std::string(text) + "': " + why +
                                     "; expected host[:port] or [IPv6]:port");
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  unsigned port = 0;
  const char* const end = text.data() + text.size();
  const auto [next, error] = std::from_chars(text.data(), end, port);
  if (error != std::errc() || next != end || port < 1 || port > 65535) return std::nullopt;
  return static_cast<std::uint16_t>(port);
}

bool host_character(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte > 0x20 && byte != 0x7f && c != '[' && c != ']' && c != '/' && c != '@';
}

bool is_ipv6_literal(std::string_view host) {
  return wire::parse_ipv6(host.substr(0, host.find('%'))).has_value();
}

}  // namespace

tl::expected<wire::HostPort, std::string> parse_address(std::string_view text,
                                                        std::uint16_t default_port) {
  std::string_view host = text;
  std::optional<std::string_view> port_text;
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) return wrong(text, "']' is missing");
    host = text.substr(1, close - 1);
    const std::string_view after = text.substr(close + 1);
    if (!after.empty() && after.front() != ':') return wrong(text, "':' must follow ']'");
    if (!after.empty()) port_text = after.substr(1);
    if (!is_ipv6_literal(host)) return wrong(text, "no IPv6 address in brackets");
  } else if (std::count(text.begin(), text.end(), ':') == 1) {
    const std::size_t colon = text.find(':');
    host = text.substr(0, colon);
    port_text = text.substr(colon + 1);
  } else if (host.find(':') != std::string_view::npos && !is_ipv6_literal(host)) {
    return wrong(text, "two colons or more, and no IPv6 address");
  }
  if (host.empty()) return wrong(text, "the host is missing");
  if (host.size() > kMaxHostLength) return wrong(text, "the host is longer than 253 characters");
  if (!std::all_of(host.begin(), host.end(), host_character)) {
    return wrong(text, "the host has a character that no host has");
  }
  wire::HostPort address{std::string(host), default_port};
  if (port_text) {
    const std::optional<std::uint16_t> port = parse_port(*port_text);
    if (!port) {
      return wrong(text, "the port '" + std::string(*port_text) + "' is not a number of 1..65535");
    }
    address.port = *port;
  }
  return address;
}

tl::expected<std::vector<wire::HostPort>, std::string> parse_address_list(
    std::string_view text, std::uint16_t default_port) {
  std::vector<wire::HostPort> addresses;
  for (std::size_t start = 0; start <= text.size();) {
    const std::size_t comma = std::min(text.find(',', start), text.size());
    auto address = parse_address(text.substr(start, comma - start), default_port);
    if (!address) return tl::unexpected<std::string>(address.error());
    addresses.push_back(*std::move(address));
    start = comma + 1;
  }
  return addresses;
}

CLI::Option* add_addresses(CLI::App& verb, std::vector<wire::HostPort>* target,
                           const std::string& description, std::size_t at_most) {
  const auto take = [target, at_most](const std::vector<std::string>& arguments) {
    for (const std::string& argument : arguments) {
      const auto list = parse_address_list(argument);
      if (!list) throw CLI::ValidationError("ADDRESS", list.error());
      for (const wire::HostPort& address : *list) {
        if (std::find(target->begin(), target->end(), address) == target->end()) {
          target->push_back(address);
        }
      }
    }
    if (at_most > 0 && target->size() > at_most) {
      throw CLI::ValidationError("ADDRESS", "expected " + std::to_string(at_most) +
                                                " address, found " +
                                                std::to_string(target->size()));
    }
  };
  return verb.add_option_function<std::vector<std::string>>("ADDRESS", take, description)
      ->type_name("");
}

}  // namespace zkprobe::tool
