#include "analysis/recorder.hpp"

#include <algorithm>
#include <utility>

#include "analysis/identify.hpp"

namespace zkprobe::analysis {
namespace {

std::size_t index(Side side) { return static_cast<std::size_t>(side); }

void fill(Record& record, const capture::SeenNotification& seen) {
  record.what = What::kVote;
  record.state = seen.notification.state;
  record.form = seen.form;
  record.vote = {seen.notification.peer_epoch, seen.notification.zxid, seen.notification.leader};
  // 3.3 votes without an epoch: its readers take the zxid's.
  if (seen.form == wire::NotificationForm::kBytes28) {
    record.vote.peer_epoch = epoch_of(seen.notification.zxid);
  }
  record.round = seen.notification.election_epoch;
}

void fill(Record& record, const capture::SeenPacket& seen) {
  record.what = What::kPacket;
  record.type = seen.packet.type;
  record.vote.zxid = seen.packet.zxid;
  if (const auto* ack = std::get_if<capture::AckEpoch>(&seen.payload)) {
    record.number = ack->current_epoch;
  }
  if (seen.snapshot) record.number = static_cast<std::int64_t>(seen.snapshot->counts.bytes);
}

std::string addresses_of(const wire::InitialMessage& greeting) {
  std::string text;
  for (const wire::HostPort& address : greeting.addresses) {
    text += (text.empty() ? "" : "|") + wire::to_string(address);
  }
  return text;
}

}  // namespace

void Recorder::saw(std::uint64_t number, CaptureTime time) {
  if (recording_.packets == 0 || time < recording_.first) recording_.first = time;
  if (recording_.packets == 0 || time > recording_.last) recording_.last = time;
  recording_.packets = number;
}

bool Recorder::outside(CaptureTime time) const {
  return (bounds_.from && time < *bounds_.from) || (bounds_.to && time > *bounds_.to);
}

StreamRecord* Recorder::stream(capture::StreamNumber number) {
  return number < recording_.streams.size() ? &recording_.streams[number] : nullptr;
}

void Recorder::on_open(const capture::StreamInfo& stream) {
  // They come in the order of their numbers.
  if (recording_.streams.size() >= bounds_.streams || stream.number != recording_.streams.size()) {
    ++recording_.left_out.streams;
    return;
  }
  StreamRecord record;
  record.info = stream;
  recording_.streams.push_back(std::move(record));
}

void Recorder::on_close(const capture::Conversation& conversation, const Place& place,
                        capture::CloseReason reason) {
  StreamRecord* const record = stream(conversation.stream->number);
  if (record == nullptr) return;
  record->info = *conversation.stream;
  record->protocol = conversation.protocol;
  record->sids[0] = conversation.sids[0];
  record->sids[1] = conversation.sids[1];
  record->close = reason;
  record->closed = place;
}

std::int32_t Recorder::text(std::string text) {
  if (text.empty()) return Record::kNoText;
  const auto found = texts_.find(text);
  if (found != texts_.end()) return found->second;
  if (texts_.size() >= bounds_.texts || text_bytes_ + text.size() > bounds_.text_bytes) {
    return Record::kNoText;
  }
  text_bytes_ += text.size();
  const auto number = static_cast<std::int32_t>(recording_.texts.size());
  recording_.texts.push_back(text);
  texts_.emplace(std::move(text), number);
  return number;
}

void Recorder::keep(const Record& record) {
  const bool broadcast = is_broadcast(record);
  LeftOut& left = recording_.left_out;
  if (outside(record.place.time)) {
    ++left.outside;
  } else if (broadcast && broadcast_ >= bounds_.broadcast) {
    ++left.broadcast;
  } else if (!broadcast && votes_ >= bounds_.votes) {
    if (!left.first) left.first = record.place;
    ++left.votes;
  } else {
    ++(broadcast ? broadcast_ : votes_);
    recording_.records.push_back(record);
  }
}

void Recorder::on_message(const capture::Message& message) {
  ++recording_.messages;
  StreamRecord* const stream = this->stream(message.conversation.stream->number);
  if (stream == nullptr) {
    ++recording_.left_out.votes;
    return;
  }
  Record record;
  record.from = message.from;
  record.place = message.place;
  record.stream = static_cast<StreamIndex>(message.conversation.stream->number);
  stream->protocol = message.conversation.protocol;
  stream->release[index(message.from)].add(capture::release_of(message.body));
  if (const auto* greeting = std::get_if<wire::InitialMessage>(&message.body)) {
    record.what = What::kGreeting;
    record.greeting = greeting->form;
    record.text = text(addresses_of(*greeting));
  } else if (const auto* vote = std::get_if<capture::SeenNotification>(&message.body)) {
    fill(record, *vote);
    if (vote->notification.config) record.text = text(*vote->notification.config);
    ++stream->votes[index(message.from)];
  } else if (const auto* packet = std::get_if<capture::SeenPacket>(&message.body)) {
    fill(record, *packet);
    if (const auto* config = std::get_if<capture::ConfigText>(&packet->payload)) {
      record.text = text(config->text);
    }
    ++stream->packets[index(message.from)];
    if (record.type == wire::PacketType::kPing) ++stream->pings[index(message.from)];
  } else if (const auto* gap = std::get_if<capture::Gap>(&message.body)) {
    record.number = static_cast<std::int64_t>(gap->bytes);
  } else if (const auto* bad = std::get_if<capture::Malformed>(&message.body)) {
    record.what = What::kMalformed;
    record.text = text(std::string(bad->what) + ": " + to_string(bad->error));
  }
  const std::size_t before = recording_.records.size();
  keep(record);
  if (record.what == What::kGreeting && recording_.records.size() > before && !stream->greeting) {
    stream->greeting = static_cast<RecordIndex>(before);
  }
}

Recording Recorder::finish(const capture::Directory& directory) {
  identify(recording_, directory);  // also sorts them
  return std::move(recording_);
}

}  // namespace zkprobe::analysis
