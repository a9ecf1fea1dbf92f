// Messages on standard output, as `decode` and `capture` print them: text, JSON Lines, or counts at
// the end.
#pragma once

#include <string>

#include "capture/decoder.hpp"
#include "decode_filter.hpp"
#include "decode_summary.hpp"
#include "decode_view.hpp"

namespace CLI {
class App;
}

namespace zkprobe::tool {

struct DecodeOptions {
  bool json = false;
  bool summary = false;
  DecodeFilter filter;
  capture::DecoderOptions decoder;
};

// --json, --summary, --election-port, --learner-port, --server, --kind, --from, --to.
void add_decode_options(CLI::App& verb, DecodeOptions& options);

class DecodePrinter : public capture::MessageSink {
 public:
  explicit DecodePrinter(const DecodeOptions& options);

  // Each packet, before the decoder gets it: the first one begins the time of the capture.
  void saw(const capture::Packet& packet);
  void on_message(const capture::Message& message) override;
  // After the last packet: prints the summary, if that was asked for, and all that waits.
  void finish(const capture::Decoder& decoder);
  // Prints what waits.
  void flush();
  // Nobody reads the output any more: end quietly.
  bool closed() const { return closed_; }
  // Whether there was a message, whatever the filter makes of it.
  bool any_message() const { return any_message_; }
  // Whether one passed the filter.
  bool any_passed() const { return any_passed_; }

 private:
  const DecodeOptions& options_;
  Style style_;
  DecodeView view_;
  DecodeSummary summary_;
  bool any_ = false;
  bool any_message_ = false;
  bool any_passed_ = false;
  capture::CaptureTime start_{0};
  std::string out_;
  bool closed_ = false;
};

}  // namespace zkprobe::tool
