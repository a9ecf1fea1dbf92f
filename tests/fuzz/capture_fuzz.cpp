// The whole path from a file's bytes to messages: the capture's own format, packets, streams,
// conversations, messages. No input may crash it; every stream that opens is closed, and messages
// come of streams of ours alone.
#include <cstdint>

#include "capture/decoder.hpp"
#include "capture/release_evidence.hpp"
#include "check.hpp"
#include "pcap/pcap_file.hpp"

namespace zkprobe {
namespace {

using fuzz::check;

struct Sink : capture::MessageSink {
  std::uint64_t messages = 0;
  std::uint64_t open = 0;
  void on_open(const capture::StreamInfo&) override { ++open; }
  void on_close(const capture::Conversation&, const capture::Place&,
                capture::CloseReason) override {
    check(open > 0);
    --open;
  }
  void on_message(const capture::Message& message) override {
    ++messages;
    check(open > 0);
    check(message.conversation.protocol == capture::Protocol::kElection ||
          message.conversation.protocol == capture::Protocol::kLearner);
    check(message.place.packet > 0);
    static_cast<void>(capture::release_of(message.body));
  }
};

}  // namespace
}  // namespace zkprobe

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace zkprobe;
  using fuzz::check;
  auto file = pcap::PcapFile::from_memory({data, size});
  if (!file) {
    check(!file.error().empty());
    return 0;
  }
  Sink sink;
  capture::DecoderOptions options;
  options.memory = 200'000;
  options.max_streams = 16;
  capture::Decoder decoder(sink, options);
  capture::Packet packet;
  std::uint64_t packets = 0;
  while (file->next(packet) == pcap::PcapFile::Next::kPacket) {
    ++packets;
    check(packet.wire_length >= packet.bytes.size());
    decoder.packet(packet);
  }
  decoder.finish();
  check(sink.open == 0);
  check(decoder.packets().packets == packets);
  check(decoder.conversations().messages <= sink.messages);
  return 0;
}
