#include "analysis/link.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

namespace zkprobe::analysis {
namespace {

Place end_of(const StreamRecord& stream) {
  return stream.info.ended_by ? stream.info.ended : stream.closed;
}

using Pair = std::pair<Sid, Sid>;
std::optional<Pair> pair_of(const StreamRecord& stream) {
  const auto a = stream.sid(Side::kDialler);
  const auto b = stream.sid(Side::kAcceptor);
  if (!a || !b) return std::nullopt;
  return std::minmax(*a, *b);
}

// Nothing was said on it.
Fate fate_of_wordless(const StreamRecord& stream, const Recording& recording) {
  if (!stream.info.from_start) return Fate::kUnknown;
  if (!stream.info.answered) return Fate::kNotAnswered;
  const bool stands = stream.is_open() && !stream.info.ended_by;
  const CaptureTime until = stands ? recording.last : end_of(stream).time;
  return until - stream.info.opened.time >= kSilence ? Fate::kSilent : Fate::kHitAndRun;
}

Fate fate_of_greeted(const StreamRecord& stream, const Recording& recording, const Roster& roster) {
  const auto dialler = stream.sid(Side::kDialler);
  const auto acceptor = stream.sid(Side::kAcceptor);
  const wire::GreetingForm form = recording.records[*stream.greeting].greeting;
  const bool acceptor_spoke = stream.votes[1] > 0;
  if (acceptor_spoke) return Fate::kKept;
  if (dialler && acceptor && *dialler == *acceptor) return Fate::kOwnId;
  const Server* const server = acceptor ? roster.find(*acceptor) : nullptr;
  const bool closed = !stream.is_open() || stream.info.ended_by;
  if (closed && server != nullptr && server->release_known() && refuses(server->release, form)) {
    return Fate::kRefusedGreeting;
  }
  if (!closed) return Fate::kKept;
  // An observer without an id gets a negative one, which is below every member's.
  if (dialler && acceptor && (*dialler < *acceptor || *dialler == kObserverId)) {
    return Fate::kLostChallenge;
  }
  // The acceptor closed it, and never said a word.
  const bool cut = stream.info.ended_by == Side::kAcceptor && form == wire::GreetingForm::kV2;
  if (stream.votes[0] > 0 && !cut) return Fate::kKept;
  return dialler && acceptor ? Fate::kClosedAfterGreeting : Fate::kUnknown;
}

Fate fate_of(const StreamRecord& stream, const Recording& recording, const Roster& roster) {
  if (stream.protocol == capture::Protocol::kTls) return Fate::kTls;
  if (stream.protocol == capture::Protocol::kLearner) return Fate::kLearner;
  if (stream.info.bytes[0] + stream.info.bytes[1] == 0) {
    return fate_of_wordless(stream, recording);
  }
  if (stream.protocol != capture::Protocol::kElection) return Fate::kOther;
  if (stream.greeting) return fate_of_greeted(stream, recording, roster);
  return stream.votes[0] + stream.votes[1] > 0 ? Fate::kKept : Fate::kUnknown;
}

}  // namespace

std::string_view to_string(Fate fate) {
  switch (fate) {
    case Fate::kKept:
      return "kept";
    case Fate::kLostChallenge:
      return "lost challenge";
    case Fate::kRefusedGreeting:
      return "greeting refused";
    case Fate::kOwnId:
      return "dialled itself";
    case Fate::kClosedAfterGreeting:
      return "closed after the greeting";
    case Fate::kLearner:
      return "learner";
    case Fate::kNotAnswered:
      return "not answered";
    case Fate::kHitAndRun:
      return "hit and run";
    case Fate::kSilent:
      return "silent";
    case Fate::kTls:
      return "TLS";
    case Fate::kOther:
      return "not ZooKeeper's";
    case Fate::kUnknown:
      return "unknown";
  }
  return "unknown";
}

bool refuses(const capture::ReleaseRange& acceptor, wire::GreetingForm form) {
  if (form == wire::GreetingForm::kBareSid || !acceptor.to) return false;
  if (*acceptor.to <= Release{3, 4, 5}) return true;
  return form == wire::GreetingForm::kV2 && acceptor.from >= Release{3, 5, 1} &&
         *acceptor.to < Release{3, 6, 0};
}

std::vector<Link> links_of(const Recording& recording, const Roster& roster) {
  std::vector<Link> links;
  std::set<Pair> kept;
  for (StreamIndex i = 0; i < recording.streams.size(); ++i) {
    const StreamRecord& stream = recording.streams[i];
    links.push_back({i, fate_of(stream, recording, roster)});
    const auto pair = pair_of(stream);
    if (links.back().fate == Fate::kKept && pair) kept.insert(*pair);
  }
  // 3.5 knows V1 alone, and its bytes do not tell it from later releases: who closes every V2
  // greeting of a higher id without a word is one.
  for (Link& link : links) {
    const StreamRecord& stream = recording.streams[link.stream];
    if (link.fate != Fate::kClosedAfterGreeting || stream.info.ended_by != Side::kAcceptor)
      continue;
    if (recording.records[*stream.greeting].greeting != wire::GreetingForm::kV2) continue;
    const auto pair = pair_of(stream);
    if (pair && kept.contains(*pair)) continue;
    link.fate = Fate::kRefusedGreeting;
  }
  return links;
}

}  // namespace zkprobe::analysis
