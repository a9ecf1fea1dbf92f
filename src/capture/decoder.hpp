// The whole path of a capture: packets -> segments -> streams -> conversations -> messages.
#pragma once

#include <cstdint>
#include <vector>

#include "capture/conversation.hpp"
#include "capture/directory.hpp"
#include "capture/packet.hpp"

namespace zkprobe::capture {

struct DecoderOptions {
  // Streams to or from these ports are what the user says, whatever their bytes look like.
  std::vector<std::uint16_t> election_ports;
  std::vector<std::uint16_t> learner_ports;
  // What all streams together may hold while they wait for more.
  std::size_t memory = 24 * 1'048'576;
  std::size_t max_streams = StreamTable::kMaxStreams;
};

struct MessageCounts {
  std::uint64_t election_streams = 0, learner_streams = 0, tls_streams = 0, other_streams = 0;
  std::uint64_t messages = 0;        // without gaps
  std::uint64_t sasl_packets = 0;    // of the exchange behind a greeting or before a learner's info
  std::uint64_t skipped_bytes = 0;   // between a gap, or bytes nobody writes, and the next message
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
  const MessageCounts& messages() const { return counts_; }
  // Who is who, as far as the capture told.
  const Directory& directory() const { return directory_; }

 private:
  std::unique_ptr<StreamHandler> open(const StreamInfo& info) override;

  MessageSink& sink_;
  DecoderOptions options_;
  Budget budget_;
  Directory directory_;
  MessageCounts counts_;
  PacketReader reader_;
  StreamTable streams_;
};

}  // namespace zkprobe::capture
