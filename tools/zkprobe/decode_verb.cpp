// zkprobe decode FILE|-: the messages of a capture.
#include <csignal>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "capture/decoder.hpp"
#include "decode_filter.hpp"
#include "decode_hex.hpp"
#include "decode_summary.hpp"
#include "decode_view.hpp"
#include "options.hpp"
#include "pcap/pcap_file.hpp"
#include "verbs.hpp"

#include <CLI/CLI.hpp>

namespace zkprobe::tool {
namespace {

constexpr std::size_t kOutputBuffer = 64 * 1024;

volatile std::sig_atomic_t interrupted = 0;
void interrupt(int) { interrupted = 1; }

struct DecodeOptions {
  std::string file;
  std::string hex;
  bool json = false;
  bool summary = false;
  DecodeFilter filter;
  capture::DecoderOptions decoder;
};

class DecodeRun : public capture::MessageSink {
 public:
  explicit DecodeRun(const DecodeOptions& options)
      : options_(options), style_(Style::of_standard_output()), view_(style_) {}

  ExitCode run() {
    if (!options_.hex.empty()) return decode_hex();
    auto file = pcap::PcapFile::open(options_.file);
    if (!file) throw UsageError("decode: " + file.error());
    std::signal(SIGINT, interrupt);
    std::signal(SIGTERM, interrupt);
    capture::Decoder decoder(*this, options_.decoder);
    const bool whole = read(*file, decoder);
    decoder.finish();
    if (options_.summary) {
      out_ += options_.json ? to_line(summary_.json(decoder)) : summary_.text(decoder, style_);
    }
    flush();
    if (whole) return ExitCode::kHolds;
    std::fprintf(stderr, "zkprobe: decode: %s\n", file->error().c_str());
    return ExitCode::kDoesNotHold;
  }

  void on_message(const capture::Message& message) override {
    if (!options_.filter.passes(message, start_)) return;
    if (options_.summary) {
      summary_.add(message);
      return;
    }
    if (options_.json) {
      view_.json(message, out_);
    } else {
      view_.text(message, out_);
    }
    if (out_.size() >= kOutputBuffer) flush();
  }

 private:
  // False when the file ends in the middle of a packet, or is damaged.
  bool read(pcap::PcapFile& file, capture::Decoder& decoder) {
    // What comes through a pipe may come slowly: each message is shown at once.
    const bool at_once = options_.file == "-";
    capture::Packet packet;
    bool first = true;
    while (!interrupted && !closed_) {
      const auto next = file.next(packet);
      if (next != pcap::PcapFile::Next::kPacket) return next == pcap::PcapFile::Next::kEnd;
      if (first) start_ = packet.time;
      first = false;
      if (options_.summary) summary_.saw(packet.time);
      decoder.packet(packet);
      if (at_once && !out_.empty()) flush();
    }
    return true;
  }

  ExitCode decode_hex() {
    const auto bytes = hex_decode(options_.hex);
    if (!bytes || bytes->empty()) {
      throw UsageError("decode: --hex: expected pairs of hex digits, found '" + options_.hex + "'");
    }
    const auto body = decode_one(*bytes);
    if (!body) {
      std::fprintf(stderr, "zkprobe: decode: %s\n", body.error().c_str());
      return ExitCode::kDoesNotHold;
    }
    if (options_.json) {
      view_.json(*body, *bytes, out_);
    } else {
      out_ += view_.line(*body) + "\n";
    }
    flush();
    const bool malformed = std::holds_alternative<capture::Malformed>(*body);
    return malformed ? ExitCode::kDoesNotHold : ExitCode::kHolds;
  }

  void flush() {
    if (std::fwrite(out_.data(), 1, out_.size(), stdout) != out_.size() ||
        std::fflush(stdout) != 0) {
      closed_ = true;  // the reader is gone: end quietly
    }
    out_.clear();
  }

  const DecodeOptions& options_;
  Style style_;
  DecodeView view_;
  DecodeSummary summary_;
  capture::CaptureTime start_{0};
  std::string out_;
  bool closed_ = false;
};

CLI::Option* add_point(CLI::App& verb, const std::string& name, std::optional<CapturePoint>* target,
                       const std::string& description) {
  return verb
      .add_option_function<std::string>(
          name,
          [name, target](const std::string& text) {
            *target = parse_capture_point(text);
            if (!*target) {
              throw CLI::ValidationError(name,
                                         "expected a time such as 2026-03-01T12:00:00Z, or a "
                                         "duration since the first packet such as 1500ms or 2m, "
                                         "found '" +
                                             text + "'");
            }
          },
          description)
      ->type_name("TIME");
}

void add_filters(CLI::App& verb, DecodeFilter& filter) {
  verb.add_option("--server", filter.servers, "Only messages from or to this server")
      ->type_name("SID")
      ->delimiter(',');
  verb.add_option_function<std::vector<std::string>>(
          "--kind",
          [&filter](const std::vector<std::string>& names) {
            for (const std::string& name : names) {
              const auto kind = parse_kind(name);
              if (!kind) {
                throw CLI::ValidationError(
                    "--kind",
                    "expected initial, notification, quorum_packet, gap, malformed or a packet's "
                    "type such as PROPOSAL, found '" +
                        name + "'");
              }
              filter.kinds.push_back(*kind);
            }
          },
          "Only messages of this kind, or packets of this type")
      ->type_name("KIND")
      ->delimiter(',');
  add_point(verb, "--from", &filter.from, "Only messages from then on");
  add_point(verb, "--to", &filter.to, "Only messages until then");
}

}  // namespace

void add_decode_verb(CLI::App& app, Context& context) {
  const auto options = std::make_shared<DecodeOptions>();
  CLI::App* const verb = add_verb(
      app, context,
      {"decode",
       "Print the messages of a capture",
       {"zkprobe decode outage.pcap", "zkprobe decode outage.pcapng.gz --summary",
        "tcpdump -i eth0 -w - tcp | zkprobe decode - --json",
        "zkprobe decode --hex 0000000000000003"},
       "Election and learner traffic is recognised by its bytes; ports need not be named. TLS is\n"
       "counted only. FILE is pcap or pcapng, gzipped or not; - is standard input. A file that "
       "ends\n"
       "in the middle of a packet is decoded up to there, with exit code 1."});
  CLI::Option* const file =
      verb->add_option("FILE", options->file, "The capture; - is standard input");
  CLI::Option* const hex =
      verb->add_option("--hex", options->hex, "Decode one message from hex digits")
          ->type_name("BYTES");
  file->excludes(hex);
  verb->add_flag("--json", options->json, "One JSON object per line instead of text");
  verb->add_flag("--summary", options->summary, "Count the messages instead of printing them");
  verb->add_option("--election-port", options->decoder.ports.election,
                   "Take streams of this port for elections, whatever they look like")
      ->type_name("PORT")
      ->delimiter(',');
  verb->add_option("--learner-port", options->decoder.ports.learner,
                   "Take streams of this port for learners, whatever they look like")
      ->type_name("PORT")
      ->delimiter(',');
  add_filters(*verb, options->filter);
  verb->callback([&context, options] {
    if (options->file.empty() && options->hex.empty()) {
      throw CLI::RequiredError("FILE or --hex");
    }
    context.run = [options] { return DecodeRun(*options).run(); };
  });
}

}  // namespace zkprobe::tool
