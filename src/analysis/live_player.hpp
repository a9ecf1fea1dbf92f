// When a played peer says what, and when everything was heard: a script over one link to a live
// server, as events in and effects out. net/live_link.hpp has the sockets.
//
// With the times of the capture each vote goes out as long after the link came up as in the
// capture; one that needs another link waits besides for the answers before it. Fast: as soon as so
// many different answers came as the capture shows before it, or kPatience has passed.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "analysis/live_comparison.hpp"
#include "base/bytes.hpp"
#include "base/time.hpp"

namespace zkprobe::analysis {

class LivePlayer {
 public:
  // Fast: for an answer. At the end: so long after the last one should have come.
  static constexpr Duration kPatience = std::chrono::seconds(1);
  // After all answers came: whether there are more than the capture shows.
  static constexpr Duration kQuiet = std::chrono::milliseconds(400);
  // Whoever goes on saying new things is not waited for any longer than this after the last vote.
  static constexpr Duration kLongest = std::chrono::seconds(10);
  static constexpr std::size_t kMaxSaid = 256;
  // Links that the server may end before its last answer was heard.
  static constexpr unsigned kMaxLinks = 8;

  struct Vote {
    Duration at{0};
    Bytes payload;
    bool new_link = false;         // ends the link before it and begins another
    std::size_t words_before = 0;  // of the counterpart, in the capture
  };
  struct Settings {
    std::vector<Vote> votes;  // at least one
    std::size_t words = 0;    // of the counterpart, as many as there may be
    Duration last_word{0};    // when the last of them came
    bool fast = false;
    Duration link_timeout = std::chrono::seconds(5);
  };

  // ---- events
  struct Start {};
  struct Linked {};  // votes can be sent
  struct LinkFailed {
    std::string why;
  };
  struct Received {
    BytesView payload;
  };
  struct Closed {  // by the server
    std::string why;
  };
  struct TimePassed {};
  using Event = std::variant<Start, Linked, LinkFailed, Received, Closed, TimePassed>;

  // ---- effects
  struct Link {};  // greet, and wait for the link
  struct Send {
    Bytes payload;
  };
  struct CloseLink {};
  struct Finished {};
  using Effect = std::variant<Link, Send, CloseLink, Finished>;
  using Effects = std::vector<Effect>;

  explicit LivePlayer(Settings settings) : settings_(std::move(settings)) {}

  // Nothing comes out after Finished.
  Effects step(Instant now, const Event& event);
  std::optional<Instant> deadline() const;

  // ---- what came of it; times count from when the first link was up
  const std::vector<LiveSaid>& said() const { return said_; }  // repeats left out
  const std::vector<Duration>& sent() const { return sent_; }  // by vote
  // Why the script was not played to its end: no link.
  const std::optional<std::string>& failure() const { return failure_; }
  bool ever_linked() const { return zero_.has_value(); }
  unsigned links_closed() const { return closed_; }

 private:
  Effects linked(Instant now);
  Effects received(Instant now, BytesView payload);
  Effects closed(const std::string& why);
  Effects go_on(Instant now);
  Effects finish();
  Instant next_due() const;
  bool all_heard() const { return said_.size() >= settings_.words; }

  const Settings settings_;
  enum class Phase { kIdle, kLinking, kPlaying, kFinished } phase_ = Phase::kIdle;
  std::optional<Instant> zero_;
  Instant link_until_;
  Instant last_event_;  // sent or heard something new
  bool first_on_link_ = true;
  bool link_is_for_next_ = false;  // the next vote's own link is up
  unsigned closed_ = 0;
  std::vector<LiveSaid> said_;
  std::vector<Duration> sent_;
  std::optional<std::string> failure_;
};

}  // namespace zkprobe::analysis
