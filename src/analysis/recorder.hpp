// Takes the messages of a capture as they come, and keeps what a report needs, within bounds.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>

#include "analysis/recording.hpp"
#include "capture/directory.hpp"

namespace zkprobe::analysis {

struct RecorderBounds {
  std::size_t votes = 50'000;      // records that an election is told from
  std::size_t broadcast = 10'000;  // others
  std::size_t streams = 20'000;
  std::size_t texts = 2'000;
  std::size_t text_bytes = 4 * 1'048'576;
  // Messages outside are counted, not kept; who is who is learnt from all of them.
  std::optional<CaptureTime> from;
  std::optional<CaptureTime> to;
};

class Recorder : public capture::MessageSink {
 public:
  explicit Recorder(RecorderBounds bounds = {}) : bounds_(bounds) {}

  // Each packet, before the decoder gets it.
  void saw(std::uint64_t number, CaptureTime time);
  void on_message(const capture::Message& message) override;
  void on_open(const capture::StreamInfo& stream) override;
  void on_close(const capture::Conversation& conversation, const Place& place,
                capture::CloseReason reason) override;

  std::uint64_t messages() const { return recording_.messages; }
  // After the decoder's finish(): what was recorded, with every server named that can be.
  Recording finish(const capture::Directory& directory);

 private:
  StreamRecord* stream(capture::StreamNumber number);
  std::int32_t text(std::string text);
  void keep(const Record& record);
  bool outside(CaptureTime time) const;

  RecorderBounds bounds_;
  Recording recording_;
  std::size_t votes_ = 0;
  std::size_t broadcast_ = 0;
  std::size_t text_bytes_ = 0;
  std::unordered_map<std::string, std::int32_t> texts_;
};

}  // namespace zkprobe::analysis
