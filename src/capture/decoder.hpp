// The whole path of a capture: packets -> segments -> streams -> conversations -> messages.
#pragma once

#include <cstdint>
#include <memory>

#include "capture/conversation.hpp"
#include "capture/conversation_reader.hpp"
#include "capture/directory.hpp"
#include "capture/packet.hpp"

namespace zkprobe::capture {

struct DecoderOptions {
  PortHints ports;
  // What all streams together may hold while they wait for more.
  std::size_t memory = 16 * 1'048'576;
  std::size_t max_streams = StreamTable::kMaxStreams;
};

class Decoder : private StreamHandlerFactory {
 public:
  explicit Decoder(MessageSink& sink, DecoderOptions options = {});
  ~Decoder() override;

  void packet(const Packet& packet);
  // Call once, after the last packet: what still waits comes out.
  void finish();

  const PacketCounts& packets() const { return reader_.counts(); }
  const StreamCounts& streams() const { return streams_.counts(); }
  const ConversationCounts& conversations() const { return counts_; }
  // Who is who, as far as the capture told.
  const Directory& directory() const { return directory_; }

 private:
  std::unique_ptr<StreamHandler> open(const StreamInfo& info) override;

  MessageSink& sink_;
  DecoderOptions options_;
  Budget budget_;
  Directory directory_;
  ConversationCounts counts_;
  PacketReader reader_;
  StreamTable streams_;
};

}  // namespace zkprobe::capture
