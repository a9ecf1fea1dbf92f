// What a live server said to a played peer, field by field beside what its counterpart said in the
// capture.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "analysis/live_adaptation.hpp"
#include "analysis/live_referee.hpp"
#include "analysis/live_script.hpp"

namespace zkprobe::analysis {

// Something that the live server told the peer; `at` counts from when the link was up.
struct LiveSaid {
  Duration at{0};
  wire::Notification vote;
  wire::NotificationForm form = wire::NotificationForm::kConfig;
  bool first_on_link = false;
  std::optional<std::string> unreadable;  // the bytes are no vote, and why
};

enum class LiveVerdict : std::uint8_t {
  kAgrees,     // in every field
  kExplained,  // for a reason that is no fault of either
  kDiffers,
};
std::string_view to_string(LiveVerdict verdict);  // "agrees", "explained", "differs"

struct FieldDifference {
  std::string field;     // "state", "leader", "zxid", "round", "epoch", "format", "config"
  std::string captured;  // in the numbers of the live ensemble
  std::string live;
};

struct LiveComparison {
  LiveVerdict verdict = LiveVerdict::kAgrees;
  bool decision = false;            // what the server decided, which is asked at the end
  std::optional<std::size_t> word;  // of LiveScript::words; nothing: the capture has none
  std::optional<std::size_t> said;  // of what was said; nothing: it was not
  std::vector<FieldDifference> fields;
  std::string explanation;  // one sentence where it does not agree
};

// Pairs the words of the capture with what was said, in order, and leaves out of both what only
// others can have caused (`alone`).
std::vector<LiveComparison> compare_words(const LiveScript& script, const LiveAdaptation& adapt,
                                          const AloneWords& alone,
                                          const std::vector<LiveSaid>& said);

// What the server is at the end, beside what its counterpart decided. Nothing where the capture
// shows no decision.
std::optional<LiveComparison> compare_decision(const LiveScript& script,
                                               const LiveAdaptation& adapt, const AloneWords& alone,
                                               const wire::Notification& now);

}  // namespace zkprobe::analysis
