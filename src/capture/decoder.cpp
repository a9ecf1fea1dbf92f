#include "capture/decoder.hpp"

#include <utility>

namespace zkprobe::capture {

Decoder::Decoder(MessageSink& sink, DecoderOptions options)
    : sink_(sink),
      options_(std::move(options)),
      budget_{options_.memory, 0},
      streams_(*this, budget_, options_.max_streams) {}

Decoder::~Decoder() = default;

void Decoder::packet(const Packet& packet) {
  if (const TcpSegment* const segment = reader_.read(packet)) {
    streams_.segment(*segment, {packet.number, packet.time});
  }
}

void Decoder::finish() { streams_.finish(); }

std::unique_ptr<StreamHandler> Decoder::open(const StreamInfo& info) {
  return std::make_unique<ConversationReader>(
      info, Shared{sink_, options_.ports, budget_, directory_, counts_});
}

}  // namespace zkprobe::capture
