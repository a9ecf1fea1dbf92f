#include "wire/initial_message.hpp"

#include <utility>

#include "wire/ip_literal.hpp"
#include "wire/java_text.hpp"

namespace zkprobe::wire {
namespace {

constexpr Release kReadsVersions{3, 4, 6};       // ZOOKEEPER-1633
constexpr Release kReadsAddress{3, 5, 0};        // ZOOKEEPER-107
constexpr Release kChecksVersion{3, 5, 1};       // ZOOKEEPER-2186
constexpr Release kReadsIpv6{3, 5, 7};           // ZOOKEEPER-3057
constexpr Release kReadsManyAddresses{3, 6, 0};  // ZOOKEEPER-3188

// Java takes an empty host for the loopback address.
HostPort host_port(std::string_view host, std::uint16_t port) {
  return {host.empty() ? "localhost" : std::string(host), port};
}

// "host:port" cut as the release cuts it.
std::optional<HostPort> read_address(std::string_view text, Release release) {
  if (release >= kReadsManyAddresses) return parse_host_port(text);
  if (release >= kReadsIpv6) {
    // Until 3.5.10 a colon must follow the bracket; later any one character may.
    if (text.starts_with('[') && text.find("]:") != text.find(']')) return std::nullopt;
    return parse_host_port(text);
  }
  const auto parts = java_split(text, ':');
  // 3.5.0 looks at the first two pieces only; 3.5.1 to 3.5.6 want exactly two, so they refuse
  // every IPv6 literal.
  if (parts.size() < 2 || (release >= kChecksVersion && parts.size() != 2)) return std::nullopt;
  const auto port = java_port(parts[1]);
  if (!port) return std::nullopt;
  return host_port(parts[0], *port);
}

std::optional<std::vector<HostPort>> read_addresses(std::string_view text, Release release) {
  std::vector<std::string_view> pieces{text};
  if (release >= kReadsManyAddresses) pieces = java_split(text, '|');
  std::vector<HostPort> addresses;
  for (const auto piece : pieces) {
    auto address = read_address(piece, release);
    if (!address) return std::nullopt;
    addresses.push_back(std::move(*address));
  }
  return addresses;
}

bool version_known(std::int64_t version, Release release) {
  if (release < kChecksVersion) return true;
  return version == kGreetingV1 || (version == kGreetingV2 && release >= kReadsManyAddresses);
}

// 3.4.6 and 3.5.0 have no limit of their own and die of a length below zero; they get the bound
// that the others have.
std::int32_t least_length(Release release) { return release < kChecksVersion ? 0 : 1; }

// 3.4 skips the text; 3.5.0 looks at it only where it knows the version.
bool looks_at_address(std::int64_t version, Release release) {
  return release >= kChecksVersion || (release >= kReadsAddress && version == kGreetingV1);
}

}  // namespace

std::string to_string(const HostPort& address) {
  const bool literal6 = address.host.find(':') != std::string::npos;
  return (literal6 ? "[" + address.host + "]" : address.host) + ":" + std::to_string(address.port);
}

std::optional<HostPort> parse_host_port(std::string_view text) {
  const auto parts = java_host_and_ports(text);
  if (!parts || parts->size() != 2) return std::nullopt;
  const auto port = java_port((*parts)[1]);
  if (!port) return std::nullopt;
  return host_port((*parts)[0], *port);
}

bool is_wildcard(const HostPort& address) {
  std::string_view host = address.host;
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  return is_any_local(host);
}

Bytes encode(const InitialMessage& message) {
  Writer writer;
  if (message.form == GreetingForm::kBareSid) {
    writer.i64(message.sid.value);
    return writer.take();
  }
  std::string text;
  for (const HostPort& address : message.addresses) {
    if (!text.empty()) text += '|';
    text += to_string(address);
  }
  writer.i64(message.form == GreetingForm::kV1 ? kGreetingV1 : kGreetingV2);
  writer.i64(message.sid.value);
  writer.i32(static_cast<std::int32_t>(text.size()));
  writer.text(text);
  return writer.take();
}

Decoded<std::optional<Greeting>> decode_greeting(BytesView received, const Dialect& reader) {
  const std::optional<Greeting> incomplete;
  const Release release = reader.lenient ? kNewestRelease : reader.release;
  Reader in(received);
  if (in.remaining() < 8) return incomplete;
  const std::int64_t first = in.i64("protocolVersion");
  if (first >= 0 || release < kReadsVersions) {
    return Greeting{{GreetingForm::kBareSid, Sid(first), {}}, in.offset()};
  }
  if (!version_known(first, release)) {
    in.fail(DecodeFault::kMalformed, "protocolVersion", 0,
            release >= kReadsManyAddresses ? "-65536 or -65535" : "-65536", std::to_string(first));
    return DecodeFailure(*in.error());
  }
  if (in.remaining() < 8) return incomplete;
  InitialMessage message;
  message.form = first == kGreetingV2 ? GreetingForm::kV2 : GreetingForm::kV1;
  message.sid = Sid(in.i64("sid"));
  if (in.remaining() < 4) return incomplete;
  const std::int32_t length = in.i32("addressLength");
  if (length < least_length(release) || length > kMaxGreetingAddress) {
    in.fail(DecodeFault::kOutOfRange, "addressLength", 16,
            std::to_string(least_length(release)) + "..2048", std::to_string(length));
    return DecodeFailure(*in.error());
  }
  if (in.remaining() < static_cast<std::size_t>(length)) return incomplete;
  const std::string text = in.text(static_cast<std::size_t>(length), "address");
  if (looks_at_address(first, release)) {
    auto addresses = read_addresses(text, release);
    if (!addresses) {
      in.fail(DecodeFault::kMalformed, "address", 20, "host:port with a port of 0..65535",
              printable(text));
      return DecodeFailure(*in.error());
    }
    message.addresses = std::move(*addresses);
  }
  return Greeting{std::move(message), in.offset()};
}

}  // namespace zkprobe::wire
