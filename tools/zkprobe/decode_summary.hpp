// What a capture holds, counted: `zkprobe decode --summary`.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <unordered_map>

#include "capture/decoder.hpp"
#include "capture/release_evidence.hpp"
#include "output.hpp"

namespace zkprobe::tool {

class DecodeSummary {
 public:
  // Servers beyond this are counted with nobody: no ensemble has so many.
  static constexpr std::size_t kMaxServers = 4'096;

  void add(const capture::Message& message);
  // The time of each packet: the first and the last are shown.
  void saw(capture::CaptureTime time);

  // {"packets",...,"servers":[{"sid","release","notifications","quorum_packets"}]}
  Json json(const capture::Decoder& decoder) const;
  std::string text(const capture::Decoder& decoder, const Style& style) const;

 private:
  struct Server {
    capture::ReleaseEvidence evidence;
    std::uint64_t greetings = 0;
    std::uint64_t notifications = 0;
    std::uint64_t packets = 0;
  };
  Server* server(Sid sid);
  static std::string release(const Server& server);
  std::string count_of_types() const;

  std::array<std::uint64_t, 5> kinds_{};    // by the index of MessageBody
  std::array<std::uint64_t, 4> formats_{};  // by NotificationForm
  std::array<std::uint64_t, 20> types_{};   // by PacketType
  std::unordered_map<Sid, Server> servers_;
  Server* last_server_ = nullptr;
  Sid last_sid_;
  bool any_ = false;
  capture::CaptureTime first_{0};
  capture::CaptureTime last_{0};
};

}  // namespace zkprobe::tool
