// What is kept of a capture: its messages in order, small and bounded, and its streams.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "capture/conversation.hpp"
#include "capture/release_evidence.hpp"
#include "quorum/vote.hpp"

namespace zkprobe::analysis {

using capture::CaptureTime;
using capture::Place;
using capture::Side;

enum class What : std::uint8_t { kGreeting, kVote, kPacket, kGap, kMalformed };

// Places in the vectors of a Recording.
using RecordIndex = std::uint32_t;
using StreamIndex = std::uint32_t;

struct Record {
  static constexpr std::int32_t kNoText = -1;

  What what = What::kGap;
  Side from = Side::kDialler;
  wire::ServerState state = wire::ServerState::kLooking;          // kVote
  wire::NotificationForm form = wire::NotificationForm::kConfig;  // kVote
  wire::GreetingForm greeting = wire::GreetingForm::kV1;          // kGreeting
  wire::PacketType type = wire::PacketType::kPing;                // kPacket
  StreamIndex stream = 0;
  std::int32_t text = kNoText;  // a configuration, the addresses of a greeting, what is malformed
  Place place;
  quorum::Vote vote;        // kVote; of kPacket the zxid alone
  ElectionRound round;      // kVote
  std::int64_t number = 0;  // ACKEPOCH: the epoch; SNAP: bytes of its stream; kGap: bytes

  bool is(wire::PacketType wanted) const { return what == What::kPacket && type == wanted; }
};

struct StreamRecord {
  capture::StreamInfo info;
  capture::Protocol protocol = capture::Protocol::kUnknown;
  std::optional<Sid> sids[2];  // by Side
  bool inferred[2] = {};       // the id was found out, nobody said it
  capture::CloseReason close = capture::CloseReason::kEnd;
  Place closed;
  std::optional<RecordIndex> greeting;
  std::uint32_t votes[2] = {};    // by Side
  std::uint32_t packets[2] = {};  // by Side
  std::uint32_t pings[2] = {};
  capture::ReleaseEvidence release[2];

  std::optional<Sid> sid(Side side) const { return sids[static_cast<std::size_t>(side)]; }
  bool is_open() const { return close == capture::CloseReason::kEnd; }
};

// What the bounds left out.
struct LeftOut {
  std::uint64_t votes = 0;      // greetings, votes and packets of discovery and synchronisation
  std::uint64_t broadcast = 0;  // PING, PROPOSAL, ACK, COMMIT ...: counted, not kept
  std::uint64_t streams = 0;
  std::uint64_t outside = 0;   // of the window that was asked for
  std::optional<Place> first;  // of the votes

  bool any() const { return votes + broadcast + streams + outside > 0; }
};

struct Recording {
  std::vector<Record> records;        // in order of packets
  std::vector<StreamRecord> streams;  // by number
  std::vector<std::string> texts;
  std::uint64_t packets = 0;
  std::uint64_t messages = 0;
  CaptureTime first{0};  // of all packets
  CaptureTime last{0};
  LeftOut left_out;

  const StreamRecord& stream_of(const Record& record) const { return streams[record.stream]; }
  std::optional<Sid> from(const Record& record) const { return stream_of(record).sid(record.from); }
  std::optional<Sid> to(const Record& record) const {
    return stream_of(record).sid(capture::other(record.from));
  }
  const std::string& text_of(const Record& record) const;
};

// Traffic of a serving ensemble, which has no part in an election.
bool is_broadcast(const Record& record);

}  // namespace zkprobe::analysis
