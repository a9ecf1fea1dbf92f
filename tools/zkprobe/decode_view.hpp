// What `zkprobe decode` prints for a message: a record, whose fields fixtures/pcap/README.md shows,
// or a line for people.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "capture/conversation.hpp"
#include "json_text.hpp"
#include "output.hpp"

namespace zkprobe::tool {

// "initial", "notification", "quorum_packet", "gap", "malformed".
std::string_view kind_of(const capture::MessageBody& body);

class DecodeView {
 public:
  explicit DecodeView(const Style& style) : style_(style) {}

  // One record with its line end, appended.
  void json(const capture::Message& message, std::string& out);
  // "05:00:00.000123  #4  stream 0  3 -> 1  greeting bare sid=3"
  void text(const capture::Message& message, std::string& out);

  // Of a message without a packet: {"kind","fields"}, or the line.
  void json(const capture::MessageBody& body, BytesView bytes, std::string& out);
  std::string line(const capture::MessageBody& body);

  // RFC 3339 with microseconds.
  std::string_view time(capture::CaptureTime time);

 private:
  struct Config {  // a text that comes again and again
    std::string text;
    std::optional<std::uint64_t> version;
  };
  void fields(const capture::MessageBody& body, std::string_view protocol, std::uint64_t offset,
              BytesView bytes, JsonText& json);
  void notification(const capture::SeenNotification& seen, JsonText& json);
  void packet(const capture::SeenPacket& seen, BytesView bytes, JsonText& json);
  void payload(const capture::SeenPacket& seen, JsonText& json);
  void config(std::string_view text, JsonText& json);
  const std::string& endpoint(const capture::Endpoint& endpoint);

  Style style_;
  Config config_;
  std::int64_t second_ = -1;  // of the date below
  std::string time_;
  std::unordered_map<capture::Endpoint, std::string, capture::EndpointHash> endpoints_;
};

}  // namespace zkprobe::tool
