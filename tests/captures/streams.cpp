// The TCP streams of a capture as src/capture puts them together, for comparing with tshark's: a
// line for each piece, "STREAM SOURCE HEX", and "STREAM SOURCE [N]" for a gap.
//
// usage: capture_streams CAPTURE
#include <cstdio>
#include <memory>
#include <optional>
#include <string>

#include "capture/packet.hpp"
#include "capture/stream_table.hpp"
#include "pcap/pcap_file.hpp"

namespace zkprobe {
namespace {

class Printer : public capture::StreamHandlerFactory {
 public:
  std::unique_ptr<capture::StreamHandler> open(const capture::StreamInfo& info) override {
    return std::make_unique<Handler>(info);
  }

 private:
  class Handler : public capture::StreamHandler {
   public:
    explicit Handler(const capture::StreamInfo& info) : info_(info) {}
    void on_bytes(capture::Side from, const capture::Place&, BytesView bytes) override {
      line(from, hex_encode(bytes));
    }
    void on_gap(capture::Side from, const capture::Place&, std::uint64_t bytes,
                capture::GapReason) override {
      line(from, "[" + std::to_string(bytes) + "]");
    }
    void on_end(capture::Side, const capture::Place&) override {}
    void on_close(const capture::Place&, capture::CloseReason) override {}

   private:
    void line(capture::Side from, const std::string& what) {
      std::printf("%llu %s %s\n", static_cast<unsigned long long>(info_.number),
                  to_string(info_.at(from)).c_str(), what.c_str());
    }
    const capture::StreamInfo& info_;
  };
};

int run(const char* path) {
  auto file = pcap::PcapFile::open(path);
  if (!file) {
    std::fprintf(stderr, "%s\n", file.error().c_str());
    return 1;
  }
  Printer printer;
  capture::Budget budget{64 * 1'048'576, 0};
  capture::StreamTable table(printer, budget);
  capture::PacketReader reader;
  capture::Packet packet;
  while (file->next(packet) == pcap::PcapFile::Next::kPacket) {
    if (const auto* segment = reader.read(packet)) {
      table.segment(*segment, {packet.number, packet.time});
    }
  }
  table.finish();
  return 0;
}

}  // namespace
}  // namespace zkprobe

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s CAPTURE\n", argv[0]);
    return 2;
  }
  return zkprobe::run(argv[1]);
}
