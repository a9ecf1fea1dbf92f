#include "capture/fragments.hpp"

#include <algorithm>

namespace zkprobe::capture {

// Copies what is not there yet; `have` stays sorted and disjoint.
void Fragments::merge(Waiting& waiting, const Fragment& fragment) {
  const std::size_t begin = fragment.offset;
  const std::size_t end = begin + fragment.bytes.size();
  if (waiting.bytes.size() < end) waiting.bytes.resize(end);
  Range whole{begin, end};
  std::vector<Range> ranges;
  std::size_t at = begin;  // everything of this piece below it is settled
  for (const Range& range : waiting.have) {
    if (range.end < whole.begin || range.begin > whole.end) {
      ranges.push_back(range);
      continue;
    }
    if (range.begin > at) {
      std::copy_n(fragment.bytes.begin() + static_cast<std::ptrdiff_t>(at - begin),
                  range.begin - at, waiting.bytes.begin() + static_cast<std::ptrdiff_t>(at));
    }
    at = std::max(at, range.end);
    whole = {std::min(whole.begin, range.begin), std::max(whole.end, range.end)};
  }
  if (at < end) {
    std::copy(fragment.bytes.begin() + static_cast<std::ptrdiff_t>(at - begin),
              fragment.bytes.end(), waiting.bytes.begin() + static_cast<std::ptrdiff_t>(at));
  }
  const auto place = std::find_if(ranges.begin(), ranges.end(),
                                  [&](const Range& r) { return r.begin > whole.begin; });
  ranges.insert(place, whole);
  waiting.have = std::move(ranges);
}

BytesView Fragments::add(const Fragment& fragment) {
  if (fragment.bytes.empty() || fragment.offset + fragment.bytes.size() > kMaxDatagram) return {};
  auto found = std::find_if(waiting_.begin(), waiting_.end(),
                            [&](const Waiting& w) { return w.key == fragment.key; });
  if (found == waiting_.end()) {
    if (waiting_.size() == kMaxDatagrams) waiting_.pop_back();
    waiting_.push_front({fragment.key, {}, {}, 0, 0});
    found = waiting_.begin();
  }
  if (++found->pieces > kMaxPieces) {
    waiting_.erase(found);
    return {};
  }
  merge(*found, fragment);
  if (!fragment.more) found->size = fragment.offset + fragment.bytes.size();
  const bool all =
      found->size > 0 && found->have.front().begin == 0 && found->have.front().end >= found->size;
  if (!all) return {};
  whole_ = std::move(found->bytes);
  whole_.resize(found->size);
  waiting_.erase(found);
  return whole_;
}

}  // namespace zkprobe::capture
