#include "analysis/replay_tape.hpp"

#include <algorithm>
#include <utility>

#include "analysis/replay_names.hpp"

namespace zkprobe::analysis {

using capture::Side;
using wire::PacketType;

namespace {

constexpr std::size_t kLengthSize = 4;

std::size_t index(Side side) { return static_cast<std::size_t>(side); }

// FOLLOWERINFO to UPTODATE, without the data in between.
bool tells_a_state(PacketType type) {
  return type == PacketType::kFollowerInfo || type == PacketType::kObserverInfo ||
         type == PacketType::kLeaderInfo || type == PacketType::kAckEpoch ||
         type == PacketType::kNewLeader || type == PacketType::kUpToDate;
}

}  // namespace

Duration TapeRecorder::since_start(capture::CaptureTime time) {
  if (!start_) start_ = time;
  // A capture whose clock was set back goes on where it was.
  last_ = std::max(last_, std::chrono::duration_cast<Duration>(time - *start_));
  return last_;
}

void TapeRecorder::on_open(const capture::StreamInfo& stream) {
  open_[stream.number].at = since_start(stream.opened.time);
}

std::uint32_t TapeRecorder::link_of(const capture::Conversation& conversation) {
  const capture::StreamInfo& stream = *conversation.stream;
  Opened& opened = open_[stream.number];
  if (opened.link == TapeLink::kNone) {
    opened.link = static_cast<std::uint32_t>(tape_.links.size());
    TapeLink link;
    link.stream = stream.number;
    link.dialler = stream.dialler;
    link.acceptor = stream.acceptor;
    link.from_start = stream.from_start;
    link.opened = opened.at;
    link.closed = Duration::max();
    tape_.links.push_back(link);
  }
  TapeLink& link = tape_.links[opened.link];
  link.protocol = conversation.protocol;
  for (const Side side : {Side::kDialler, Side::kAcceptor}) {
    if (conversation.sid(side)) link.sids[index(side)] = conversation.sid(side);
  }
  return opened.link;
}

bool TapeRecorder::fill(TapeEvent& event, const capture::MessageBody& body, BytesView bytes) {
  if (const auto* greeting = std::get_if<wire::InitialMessage>(&body)) {
    event.kind = TapeEvent::Kind::kGreeting;
    event.greeting = greeting->form;
  } else if (const auto* seen = std::get_if<capture::SeenNotification>(&body)) {
    event.kind = TapeEvent::Kind::kVote;
    if (bytes.size() >= kLengthSize) {
      const BytesView payload = bytes.subspan(kLengthSize);
      event.payload.assign(payload.begin(), payload.end());
    }
    event.vote = seen->notification;
    event.form = seen->form;
  } else if (const auto* packet = std::get_if<capture::SeenPacket>(&body)) {
    const PacketType type = packet->packet.type;
    if (type == PacketType::kCommitAndActivate || type == PacketType::kInformAndActivate) {
      tape_.reconfigured = true;
    }
    if (!tells_a_state(type)) return false;
    event.kind = TapeEvent::Kind::kLearner;
    event.packet_type = type;
    event.zxid = packet->packet.zxid;
    if (const auto* ack = std::get_if<capture::AckEpoch>(&packet->payload)) {
      event.current_epoch = ack->current_epoch;
    }
  } else {
    event.kind = TapeEvent::Kind::kGap;
  }
  return true;
}

void TapeRecorder::on_message(const capture::Message& message) {
  TapeEvent event;
  event.at = since_start(message.place.time);
  if (tape_.events.size() >= kMaxEvents || bytes_ + message.bytes.size() > kMaxBytes) {
    ++tape_.left_out;
    return;
  }
  if (!fill(event, message.body, message.bytes)) return;
  event.link = link_of(message.conversation);
  event.from = message.from;
  event.packet = message.place.packet;
  tape_.links[event.link].release[index(message.from)].add(capture::release_of(message.body));
  bytes_ += event.payload.size();
  tape_.events.push_back(std::move(event));
}

void TapeRecorder::on_close(const capture::Conversation& conversation, const capture::Place& place,
                            capture::CloseReason reason) {
  const auto found = open_.find(conversation.stream->number);
  if (found == open_.end()) return;
  if (found->second.link != TapeLink::kNone) {
    TapeLink& link = tape_.links[link_of(conversation)];
    if (reason != capture::CloseReason::kEnd) link.closed = since_start(place.time);
  }
  open_.erase(found);
}

Tape TapeRecorder::take(const capture::Directory& directory) {
  name_listeners(tape_, directory);
  return std::move(tape_);
}

}  // namespace zkprobe::analysis
