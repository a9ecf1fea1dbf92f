// What a capture holds of elections, kept in order: who said what to whom on which link, and what
// the learner links tell of the states of the servers. The input of a replay (replay.hpp).
//
// Servers of 3.3 and 3.4 never say where they listen. Who stands behind a listening address is
// found at the end, from everything seen (replay_names.hpp).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "base/time.hpp"
#include "capture/conversation.hpp"
#include "capture/directory.hpp"
#include "capture/release_evidence.hpp"

namespace zkprobe::analysis {

// Microseconds since the first message of the capture, as the machines count time.
struct TapeLink {
  const static std::uint32_t kNone = 0xffffffff;

  capture::StreamNumber stream = 0;
  capture::Protocol protocol = capture::Protocol::kUnknown;
  capture::Endpoint dialler;
  capture::Endpoint acceptor;
  bool from_start = false;
  Duration opened{0};
  Duration closed{0};
  std::optional<Sid> sids[2];           // by Side
  capture::ReleaseEvidence release[2];  // by Side

  std::optional<Sid> sid(capture::Side side) const { return sids[static_cast<std::size_t>(side)]; }
};

struct TapeEvent {
  enum class Kind : std::uint8_t {
    kGreeting,
    kVote,
    kLearner,  // FOLLOWERINFO to UPTODATE: what tells a state or an epoch
    kGap,      // bytes that the capture does not have, or that are no message
  };
  Kind kind = Kind::kVote;
  capture::Side from = capture::Side::kDialler;
  std::uint32_t link = 0;  // index into Tape::links
  std::uint64_t packet = 0;
  Duration at{0};
  // kVote
  Bytes payload;  // without the length before it
  wire::Notification vote;
  wire::NotificationForm form = wire::NotificationForm::kConfig;
  // kGreeting
  wire::GreetingForm greeting = wire::GreetingForm::kBareSid;
  // kLearner
  wire::PacketType packet_type{};
  Zxid zxid;
  std::optional<std::int32_t> current_epoch;  // of ACKEPOCH
};

struct Tape {
  std::vector<TapeLink> links;
  std::vector<TapeEvent> events;
  // Events beyond kMaxEvents, which are not kept.
  std::uint64_t left_out = 0;
  bool reconfigured = false;  // a configuration was activated while the ensemble served

  std::optional<Sid> src(const TapeEvent& event) const { return links[event.link].sid(event.from); }
  std::optional<Sid> dst(const TapeEvent& event) const {
    return links[event.link].sid(capture::other(event.from));
  }
};

class TapeRecorder : public capture::MessageSink {
 public:
  static constexpr std::size_t kMaxEvents = 1'000'000;
  // Votes' payloads together.
  static constexpr std::size_t kMaxBytes = 256 * 1'048'576;

  void on_message(const capture::Message& message) override;
  void on_open(const capture::StreamInfo& stream) override;
  void on_close(const capture::Conversation& conversation, const capture::Place& place,
                capture::CloseReason reason) override;

  // Of the first event.
  capture::CaptureTime start() const { return start_.value_or(capture::CaptureTime(0)); }
  // Call once, after Decoder::finish().
  Tape take(const capture::Directory& directory);

 private:
  struct Opened {
    Duration at{0};
    std::uint32_t link = TapeLink::kNone;
  };
  Duration since_start(capture::CaptureTime time);
  std::uint32_t link_of(const capture::Conversation& conversation);
  bool fill(TapeEvent& event, const capture::MessageBody& body, BytesView bytes);

  Tape tape_;
  std::map<capture::StreamNumber, Opened> open_;  // streams that have not ended
  std::optional<capture::CaptureTime> start_;
  Duration last_{0};
  std::size_t bytes_ = 0;
};

}  // namespace zkprobe::analysis
