// What an operator should know about a capture, and the messages that prove it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "capture/stream_table.hpp"

namespace zkprobe::analysis {

enum class Severity : std::uint8_t {
  kNormal,   // looks odd in a log or a capture, and is how the protocol works
  kNote,     // worth a look; the ensemble can live with it
  kProblem,  // kept a server, or the ensemble, from doing its work
};
std::string_view to_string(Severity severity);  // "normal", "note", "problem"

// A place in the capture that proves something.
struct Evidence {
  std::uint64_t packet = 0;  // as Wireshark counts
  capture::CaptureTime time{0};
  std::optional<capture::StreamNumber> stream;
  std::string what;  // "server 1 greets server 3"

  bool operator==(const Evidence&) const = default;
};

struct Finding {
  static constexpr std::size_t kMaxEvidence = 8;

  std::string id;  // "missing_dial_back": stable, for tools
  Severity severity = Severity::kNote;
  std::string title;  // one line
  std::string detail;
  std::string advice;              // empty where nothing is to be done
  std::vector<Sid> servers;        // whom it concerns
  std::uint64_t count = 1;         // how often it was seen
  std::vector<Evidence> evidence;  // the first kMaxEvidence, in order of packets

  // Keeps the first kMaxEvidence.
  void prove(Evidence item);
};

// The worst first; then in order of the first packet that proves them.
void sort_findings(std::vector<Finding>& findings);

}  // namespace zkprobe::analysis
