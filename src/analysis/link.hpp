// What became of every connection between servers, and why.
#pragma once

#include <string_view>
#include <vector>

#include "analysis/roster.hpp"

namespace zkprobe::analysis {

enum class Fate : std::uint8_t {
  kKept,                 // votes went over it, or it stood until the capture ended
  kLostChallenge,        // the lower id dialled: the link is closed and dialled the other way round
  kRefusedGreeting,      // the acceptor cannot read this form of greeting, and closes
  kOwnId,                // a server dialled itself: it greets its own id
  kClosedAfterGreeting,  // closed at once, though the higher id dialled
  kLearner,              // a learner and its leader
  kNotAnswered,          // nobody listens, or nobody answers
  kHitAndRun,            // opened and closed without a word
  kSilent,               // opened, and not a word was said for long
  kTls,
  kOther,  // none of ZooKeeper's
  kUnknown,
};
std::string_view to_string(Fate fate);  // "lost challenge"

struct Link {
  StreamIndex stream = 0;
  Fate fate = Fate::kUnknown;
};

// A connection without a word is silent from here on; below it is a hit and run.
inline constexpr std::chrono::milliseconds kSilence{1'000};

// One for each stream, in their order.
std::vector<Link> links_of(const Recording& recording, const Roster& roster);

// Whether servers of these releases, each of them, close a connection that begins with this form.
// ≤3.4.5 takes the version for the id; 3.5.x knows V1 alone.
bool refuses(const capture::ReleaseRange& acceptor, wire::GreetingForm form);

}  // namespace zkprobe::analysis
