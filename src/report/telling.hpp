// A story as lines: what happened in an election, in order, and what each phase took.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "analysis/story.hpp"

namespace zkprobe::report {

enum class Step : std::uint8_t {
  kProposes,
  kChanges,
  kQuorum,
  kDecides,
  kDiscovered,
  kSyncs,
  kServes
};
std::string_view to_string(Step step);  // "proposes"

struct Line {
  capture::Place place;
  Sid sid;
  Step step = Step::kProposes;
  std::optional<analysis::RecordIndex> because;
  std::string text;  // "server 1 changes its mind: ..."
};

// In order of packets.
std::vector<Line> lines_of(const analysis::Story& story, const analysis::Election& election);
// "servers 1, 2 and 3 elected server 3 in 320 ms", "server 1 joined leader 3 in 12 ms".
std::string headline(const analysis::Story& story, const analysis::Election& election);
// "3 servers, 2 elections; 121 packets with 35 messages in 2.31 s"
std::string summary(const analysis::Story& story);
// What the bounds left out, one sentence; empty when nothing was.
std::string left_out(const analysis::Story& story);
// "3.4.6 to 3.4.14", "unknown".
std::string release_text(const analysis::Server& server);

}  // namespace zkprobe::report
