#include "analysis/lives.hpp"

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

namespace zkprobe::analysis {
namespace {

constexpr std::uint64_t kForEver = std::numeric_limits<std::uint64_t>::max();

std::uint64_t end_of(const StreamRecord& stream) {
  if (stream.info.ended_by) return stream.info.ended.packet;
  return stream.is_open() ? kForEver : stream.closed.packet;
}

}  // namespace

Lives::Lives(const Recording& recording) {
  for (const StreamRecord& stream : recording.streams) {
    // A dial that nobody took.
    if (stream.info.from_start && !stream.info.answered && stream.info.bytes[0] == 0) continue;
    // One whose beginning the capture does not have stood when it began.
    const Span span{stream.info.from_start ? stream.info.opened.packet : 0, end_of(stream)};
    for (const auto& sid : stream.sids) {
      if (sid) spans_[*sid].push_back(span);
    }
  }
  for (auto& [sid, spans] : spans_) {
    std::sort(spans.begin(), spans.end(),
              [](const Span& a, const Span& b) { return a.from < b.from; });
    std::vector<Span> apart;
    for (const Span& span : spans) {
      if (apart.empty() || span.from > apart.back().to) {
        apart.push_back(span);
      } else {
        apart.back().to = std::max(apart.back().to, span.to);
      }
    }
    spans = std::move(apart);
  }
}

std::optional<std::uint64_t> Lives::ended_between(Sid sid, std::uint64_t since,
                                                  std::uint64_t until) const {
  const auto found = spans_.find(sid);
  if (found == spans_.end()) return std::nullopt;
  const std::vector<Span>& spans = found->second;
  // The last one that began by then.
  const auto after = std::partition_point(spans.begin(), spans.end(),
                                          [&](const Span& span) { return span.from <= until; });
  if (after - spans.begin() < 2) return std::nullopt;
  const std::uint64_t end = std::prev(after, 2)->to;
  if (end < since) return std::nullopt;
  return end;
}

}  // namespace zkprobe::analysis
