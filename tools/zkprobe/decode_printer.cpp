#include "decode_printer.hpp"

#include <cstdio>
#include <vector>

#include "capture_options.hpp"

#include <CLI/CLI.hpp>

namespace zkprobe::tool {
namespace {

constexpr std::size_t kOutputBuffer = 64 * 1024;

void add_kinds(CLI::App& verb, DecodeFilter& filter) {
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
      ->allow_extra_args(false)
      ->delimiter(',');
}

}  // namespace

void add_decode_options(CLI::App& verb, DecodeOptions& options) {
  verb.add_flag("--json", options.json, "One JSON object per line instead of text");
  verb.add_flag("--summary", options.summary, "Count the messages instead of printing them");
  add_election_port(verb, options.decoder.ports);
  add_learner_port(verb, options.decoder.ports);
  verb.add_option("--server", options.filter.servers, "Only messages from or to this server")
      ->type_name("SID")
      ->allow_extra_args(false)
      ->delimiter(',');
  add_kinds(verb, options.filter);
  add_capture_point(verb, "--from", &options.filter.from, "Only messages from then on");
  add_capture_point(verb, "--to", &options.filter.to, "Only messages until then");
}

DecodePrinter::DecodePrinter(const DecodeOptions& options)
    : options_(options), style_(Style::of_standard_output()), view_(style_) {}

void DecodePrinter::saw(const capture::Packet& packet) {
  if (!any_) start_ = packet.time;
  any_ = true;
  if (options_.summary) summary_.saw(packet.time);
}

void DecodePrinter::on_message(const capture::Message& message) {
  any_message_ = true;
  if (!options_.filter.passes(message, start_)) return;
  any_passed_ = true;
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

void DecodePrinter::finish(const capture::Decoder& decoder) {
  if (options_.summary) {
    out_ += options_.json ? to_line(summary_.json(decoder)) : summary_.text(decoder, style_);
  }
  flush();
}

void DecodePrinter::flush() {
  if (out_.empty() || closed_) return;
  if (std::fwrite(out_.data(), 1, out_.size(), stdout) != out_.size() || std::fflush(stdout) != 0) {
    closed_ = true;
  }
  out_.clear();
}

}  // namespace zkprobe::tool
