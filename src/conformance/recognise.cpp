#include "conformance/recognise.hpp"

#include "conformance/question.hpp"
#include "wire/framer.hpp"
#include "wire/initial_message.hpp"

namespace zkprobe::conformance {
namespace {

using wire::NotificationForm;

constexpr const char* kClosed = "the link was closed";

// A greeting and the harmless question; the first payload that comes, or why none does.
tl::expected<Bytes, std::string> first_payload(Endpoint& endpoint, std::int64_t version,
                                               Duration patience) {
  const Instant until = endpoint.now() + patience;
  const auto link = endpoint.dial(Place(), patience);
  if (!link) return tl::unexpected(std::string("no connection"));
  Writer writer;
  if (version < 0) writer.i64(version);
  writer.i64(kStranger.value);
  if (version < 0) {
    const std::string address = "127.0.0.1:1";
    writer.i32(static_cast<std::int32_t>(address.size()));
    writer.text(address);
  }
  writer.raw(wire::frame(wire::encode(question(), NotificationForm::kBytes40)));
  endpoint.write(*link, writer.take());
  wire::Framer framer;
  tl::expected<Bytes, std::string> result = tl::unexpected(std::string("no answer"));
  while (true) {
    const auto payload = framer.next();
    if (!payload) result = tl::unexpected("no vote: " + to_string(payload.error()));
    if (payload && payload->has_value()) result = **payload;
    if (!payload || payload->has_value()) break;
    const Endpoint::Event event = endpoint.wait(*link, until - endpoint.now());
    if (event.what == Endpoint::Event::What::kClosed) {
      result = tl::unexpected(std::string(kClosed));
    }
    if (event.what != Endpoint::Event::What::kBytes) break;
    framer.append(event.bytes);
  }
  endpoint.close(*link);
  return result;
}

// Releases with a configuration in their answer: by which greetings they take. One that is only
// slow closes no link.
ReleaseRange release_by_greetings(Endpoint& endpoint, Duration patience) {
  const auto v2 = first_payload(endpoint, wire::kGreetingV2, patience);
  if (!v2) return *parse_range(v2.error() == kClosed ? "3.5.1-3.5" : "3.5-");
  const auto unknown = first_payload(endpoint, -65530, patience);
  if (unknown) return *parse_range("3.5.0");
  return *parse_range(unknown.error() == kClosed ? "3.6-" : "3.5-");
}

}  // namespace

tl::expected<Recognised, std::string> recognise(Endpoint& endpoint, Duration patience) {
  const auto payload = first_payload(endpoint, 0, patience);
  if (!payload) return tl::unexpected(payload.error());
  wire::Dialect reader;
  reader.lenient = true;
  const auto vote = wire::decode_notification(*payload, reader);
  const auto form = wire::form_of(*payload);
  if (!vote || !form) return tl::unexpected(std::string("what came is no vote"));
  Recognised found;
  if (vote->config) {
    if (auto config = wire::parse_quorum_config(*vote->config)) found.config = *std::move(config);
  }
  switch (*form) {
    case NotificationForm::kBytes28:
      found.form = *parse_range("3.3");
      break;
    case NotificationForm::kBytes36:
      found.form = *parse_range("3.4.0-3.4.5");
      break;
    case NotificationForm::kBytes40:
      found.form = *parse_range("3.4.6-3.4");
      break;
    case NotificationForm::kConfig:
      found.form = *parse_range("3.5-");
  }
  found.release = found.form;
  if (*form == NotificationForm::kConfig) found.release = release_by_greetings(endpoint, patience);
  return found;
}

std::optional<Release> release_in_srvr(std::string_view text) {
  constexpr std::string_view kHead = "Zookeeper version: ";
  const std::size_t at = text.find(kHead);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view rest = text.substr(at + kHead.size());
  return parse_release(rest.substr(0, rest.find_first_of("-, \r\n")));
}

}  // namespace zkprobe::conformance
