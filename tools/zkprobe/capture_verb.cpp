// zkprobe capture -i INTERFACE: what `decode` prints, live.
#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>

#include "capture/decoder.hpp"
#include "decode_printer.hpp"
#include "interrupt.hpp"
#include "options.hpp"
#include "pcap/live_capture.hpp"
#include "pcap/pcapng_writer.hpp"
#include "verbs.hpp"

#include <CLI/CLI.hpp>

namespace zkprobe::tool {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kLook{100};  // how often --for and drops are looked at

struct CaptureVerbOptions {
  pcap::LiveOptions live;
  std::string write;
  std::optional<Duration> run_for;
  DecodeOptions decode;
};

class CaptureRun {
 public:
  CaptureRun(const CaptureVerbOptions& options, pcap::LiveCapture& live)
      : options_(options),
        live_(live),
        printer_(options.decode),
        decoder_(printer_, options.decode.decoder) {}

  ExitCode run() {
    if (!options_.write.empty()) open_file();
    std::fprintf(stderr, "zkprobe: capturing on %s, filter '%s'\n", options_.live.interface.c_str(),
                 options_.live.filter.c_str());
    const bool well = loop();
    decoder_.finish();
    printer_.finish(decoder_);
    return say_end() && well ? ExitCode::kHolds : ExitCode::kDoesNotHold;
  }

 private:
  void open_file() {
    if (options_.write == "-") {
      throw UsageError("capture: --write: expected the name of a file, found '-'");
    }
    auto file =
        pcap::PcapngWriter::create(options_.write, {live_.datalink(), options_.live.snap_length,
                                                    options_.live.interface, options_.live.filter});
    if (!file) throw UsageError("capture: --write: " + file.error());
    file_ = std::move(*file);
  }

  // False when the interface or the file failed.
  bool loop() {
    const auto begun = Clock::now();
    auto looked = begun;
    capture::Packet packet;
    while (!interrupted() && !printer_.closed()) {
      const auto now = Clock::now();
      if (options_.run_for && now - begun >= *options_.run_for) return true;
      if (now - looked >= kLook) {
        if (!settle()) return false;
        looked = now;
      }
      // A burst is taken in pieces, so that it does not keep off the looks.
      for (int i = 0; i < 1'000; ++i) {
        const auto next = live_.next(packet);
        if (next == pcap::LiveCapture::Next::kError) {
          std::fprintf(stderr, "zkprobe: capture: %s\n", live_.error().c_str());
          return false;
        }
        if (next == pcap::LiveCapture::Next::kNothing) {
          printer_.flush();
          live_.wait(kLook);
          break;
        }
        take(packet);
      }
    }
    return true;
  }

  void take(const capture::Packet& packet) {
    ++packets_;
    last_ = packet.time;
    if (file_) file_->packet(packet);
    printer_.saw(packet);
    decoder_.packet(packet);
  }

  // The file is readable up to now, and drops are said as they come. False when the file failed.
  bool settle() {
    const std::uint64_t dropped = live_.counts().dropped;
    if (dropped > dropped_) {
      std::fprintf(stderr, "zkprobe: capture: %llu packets dropped: they came faster than taken\n",
                   static_cast<unsigned long long>(dropped - dropped_));
      dropped_ = dropped;
    }
    if (!file_ || file_->flush()) return true;
    std::fprintf(stderr, "zkprobe: capture: --write: %s\n", file_->error().c_str());
    return false;
  }

  // False when the end of the file could not be written.
  bool say_end() {
    const pcap::LiveCounts counts = live_.counts();
    std::fprintf(stderr, "zkprobe: %llu packets captured, %llu dropped\n",
                 static_cast<unsigned long long>(packets_),
                 static_cast<unsigned long long>(counts.dropped));
    if (!file_) return true;
    file_->statistics(last_, counts.received, counts.dropped);
    if (file_->flush()) return true;
    std::fprintf(stderr, "zkprobe: capture: --write: %s\n", file_->error().c_str());
    return false;
  }

  const CaptureVerbOptions& options_;
  pcap::LiveCapture& live_;
  DecodePrinter printer_;
  capture::Decoder decoder_;
  std::optional<pcap::PcapngWriter> file_;
  std::uint64_t packets_ = 0;
  std::uint64_t dropped_ = 0;
  capture::CaptureTime last_{0};
};

ExitCode capture(const CaptureVerbOptions& options) {
  auto live = pcap::LiveCapture::open(options.live);
  if (!live) throw UsageError("capture: " + live.error());
  note_interrupts();
  return CaptureRun(options, *live).run();
}

}  // namespace

void add_capture_verb(CLI::App& app, Context& context) {
  const auto options = std::make_shared<CaptureVerbOptions>();
  CLI::App* const verb = add_verb(
      app, context,
      {"capture",
       "Print the messages that pass an interface",
       {"zkprobe capture -i eth0", "zkprobe capture -i any --write outage.pcapng --for 10m",
        "zkprobe capture -i lo --filter 'tcp portrange 2888-3888' --json",
        "zkprobe capture -i eth0 --for 30s --summary"},
       "Needs the privilege CAP_NET_RAW. Runs until it is stopped (SIGINT, SIGTERM) or --for has\n"
       "passed; then standard error says how many packets came and how many were dropped, because\n"
       "they came faster than they were taken or the reader of the output was slow. All TCP\n"
       "packets are looked at, ports need not be named; on a busy interface a narrower --filter\n"
       "spares work. The file of --write is pcapng and holds every packet that passed the filter,\n"
       "whatever is printed: 'zkprobe decode' prints the same messages from it."});
  verb->add_option("-i,--interface", options->live.interface, "eth0, lo, or any for all of them")
      ->required()
      ->type_name("INTERFACE");
  verb->add_option("--filter", options->live.filter, "Which packets, as in tcpdump")
      ->type_name("BPF")
      ->capture_default_str();
  verb->add_option("--write", options->write, "Keep the packets in this file, too")
      ->type_name("FILE");
  verb->add_option_function<std::string>(
          "--for",
          [options](const std::string& text) {
            options->run_for = parse_duration(text);
            if (!options->run_for) {
              throw CLI::ValidationError(
                  "--for", "expected a duration such as 500ms, 5s or 2m, found '" + text + "'");
            }
          },
          "End after this time")
      ->type_name("DURATION");
  add_decode_options(*verb, options->decode);
  verb->callback([&context, options] { context.run = [options] { return capture(*options); }; });
}

}  // namespace zkprobe::tool
