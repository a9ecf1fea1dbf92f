// zkprobe report FILE: the elections of a capture, and what an operator should know about it.
#include <unistd.h>
#include <cstdio>
#include <fstream>
#include <memory>
#include <optional>
#include <string>

#include "analysis/recorder.hpp"
#include "analysis/story.hpp"
#include "capture/decoder.hpp"
#include "capture_options.hpp"
#include "decode_filter.hpp"
#include "interrupt.hpp"
#include "output.hpp"
#include "pcap/pcap_file.hpp"
#include "report/json.hpp"
#include "report/page.hpp"
#include "report/text.hpp"
#include "verbs.hpp"

#include <CLI/CLI.hpp>

namespace zkprobe::tool {
namespace {

constexpr std::uint64_t kProgressEvery = 200'000;  // packets

struct ReportOptions {
  std::string file;
  std::string page;
  bool text = false;
  bool json = false;
  std::optional<CapturePoint> from;
  std::optional<CapturePoint> to;
  capture::DecoderOptions decoder;
};

std::string name_of(const std::string& file) { return file == "-" ? "standard input" : file; }

class ReportRun {
 public:
  explicit ReportRun(const ReportOptions& options) : options_(options) {}

  ExitCode run() {
    if (options_.page.empty() && !options_.text && !options_.json) {
      throw UsageError(
          "report: nothing to write: expected -o PAGE.html for a page, or --text or --json");
    }
    auto file = pcap::PcapFile::open(options_.file);
    if (!file) throw UsageError("report: " + file.error());
    note_interrupts();
    bool whole = true;
    const analysis::Story story = read(*file, whole);
    if (options_.text) {
      put(report::to_text(story, name_of(options_.file), {Style::of_standard_output().coloured()}));
    }
    if (options_.json) put(report::to_json(story, name_of(options_.file)));
    if (!options_.page.empty()) write_page(story);
    if (!whole) std::fprintf(stderr, "zkprobe: report: %s\n", file->error().c_str());
    return whole ? ExitCode::kHolds : ExitCode::kDoesNotHold;
  }

 private:
  analysis::Story read(pcap::PcapFile& file, bool& whole) {
    capture::Packet packet;
    std::unique_ptr<analysis::Recorder> recorder;
    std::unique_ptr<capture::Decoder> decoder;
    const auto begin = [&](capture::CaptureTime start) {
      analysis::RecorderBounds bounds;
      if (options_.from) bounds.from = options_.from->at(start);
      if (options_.to) bounds.to = options_.to->at(start);
      recorder = std::make_unique<analysis::Recorder>(bounds);
      decoder = std::make_unique<capture::Decoder>(*recorder, options_.decoder);
    };
    while (!interrupted()) {
      const auto next = file.next(packet);
      if (next != pcap::PcapFile::Next::kPacket) {
        whole = next == pcap::PcapFile::Next::kEnd || interrupted();
        break;
      }
      if (!recorder) begin(packet.time);
      recorder->saw(packet.number, packet.time);
      decoder->packet(packet);
      if (packet.number % kProgressEvery == 0) progress(packet.number, *recorder);
    }
    if (!recorder) begin(capture::CaptureTime(0));
    decoder->finish();
    if (progressed_) std::fputs("\r\x1b[K", stderr);
    return analysis::tell(recorder->finish(decoder->directory()));
  }

  void progress(std::uint64_t packets, const analysis::Recorder& recorder) {
    if (isatty(STDERR_FILENO) == 0) return;
    progressed_ = true;
    std::fprintf(stderr, "\r%llu packets read, %llu messages",
                 static_cast<unsigned long long>(packets),
                 static_cast<unsigned long long>(recorder.messages()));
    std::fflush(stderr);
  }

  void write_page(const analysis::Story& story) const {
    const std::string page = report::to_page(story, name_of(options_.file));
    std::ofstream out(options_.page, std::ios::binary | std::ios::trunc);
    out << page;
    out.close();
    if (!out) throw UsageError("report: " + options_.page + ": cannot be written");
    std::fprintf(stderr, "zkprobe: report: wrote %s, %zu bytes\n", options_.page.c_str(),
                 page.size());
  }

  static void put(const std::string& text) {
    // A closed pipe ends quietly.
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
  }

  const ReportOptions& options_;
  bool progressed_ = false;
};

}  // namespace

void add_report_verb(CLI::App& app, Context& context) {
  const auto options = std::make_shared<ReportOptions>();
  CLI::App* const verb = add_verb(
      app, context,
      {"report",
       "Tell the elections of a capture, and what went wrong",
       {"zkprobe report outage.pcap -o outage.html", "zkprobe report outage.pcap --text",
        "zkprobe report outage.pcap.gz --from 90s --to 2m --json"},
       "The page needs nothing but itself: send it, print it, open it on a phone. FILE is pcap or\n"
       "pcapng, gzipped or not; - is standard input. Findings do not change the exit code."});
  verb->add_option("FILE", options->file, "The capture; - is standard input")->required();
  verb->add_option("-o,--output", options->page, "Write one self-contained HTML page")
      ->type_name("PAGE.html");
  CLI::Option* const text = verb->add_flag("--text", options->text, "Print the report as text");
  verb->add_flag("--json", options->json, "Print the report as one JSON object")->excludes(text);
  add_capture_point(*verb, "--from", &options->from, "Only messages from then on");
  add_capture_point(*verb, "--to", &options->to, "Only messages until then");
  add_election_port(*verb, options->decoder.ports);
  add_learner_port(*verb, options->decoder.ports);
  verb->callback(
      [options, &context] { context.run = [options] { return ReportRun(*options).run(); }; });
}

}  // namespace zkprobe::tool
