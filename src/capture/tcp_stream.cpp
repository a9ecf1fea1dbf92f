#include "capture/tcp_stream.hpp"

#include <algorithm>

namespace zkprobe::capture {

std::string_view to_string(GapReason reason) {
  switch (reason) {
    case GapReason::kLost:
      return "lost";
    case GapReason::kSnapped:
      return "snapped";
    case GapReason::kBounded:
      return "bounded";
  }
  return "unknown";
}

void HalfStream::begin(std::uint32_t isn) {
  if (known_) return;
  known_ = true;
  from_start_ = true;
  isn_ = isn;
  next_ = isn + 1;
}

void HalfStream::segment(const TcpSegment& segment, const Place& place, BytesSink& sink) {
  const std::size_t size = segment.payload.size() + segment.missing;
  if (size == 0 && !segment.fin) return;  // an acknowledgement, or a keep-alive below next_
  const std::uint32_t seq = segment.seq + (segment.syn ? 1 : 0);
  if (!known_) {
    known_ = true;
    next_ = seq;
  }
  if (ahead(seq) > kMaxAhead || ahead(seq) < -kMaxAhead) return;
  const std::uint32_t end = seq + static_cast<std::uint32_t>(size);
  if (segment.fin && !fin_ && ahead(end) >= 0) fin_ = end;
  accept(seq, segment.payload, segment.missing, place, sink);
}

void HalfStream::accept(std::uint32_t seq, BytesView bytes, std::size_t missing, const Place& place,
                        BytesSink& sink) {
  while (true) {
    if (ahead(seq) < 0) {  // what came out before
      std::size_t behind = static_cast<std::size_t>(-ahead(seq));
      if (behind >= bytes.size() + missing) return;
      const std::size_t cut = std::min(behind, bytes.size());
      bytes = bytes.subspan(cut);
      missing -= behind - cut;
      seq = next_;
    }
    if (bytes.empty() && missing == 0) return;
    if (seq == next_) {
      std::size_t room = bytes.size() + missing;
      if (!waiting_.empty()) {
        room = std::min(room, static_cast<std::size_t>(ahead(waiting_.front().seq)));
      }
      const std::size_t now = std::min(room, bytes.size());
      deliver(bytes.first(now), room - now, place, sink);
      drain(sink);
      continue;
    }
    if (has_room(bytes.size())) {
      insert(seq, bytes, missing, place);
      return;
    }
    gap_to(waiting_.empty() ? seq : waiting_.front().seq, GapReason::kBounded, place, sink);
  }
}

void HalfStream::deliver(BytesView bytes, std::size_t missing, const Place& place,
                         BytesSink& sink) {
  next_ += static_cast<std::uint32_t>(bytes.size() + missing);
  waited_ = 0;
  if (!bytes.empty()) sink.on_bytes(place, bytes);
  if (missing > 0) sink.on_gap(place, missing, GapReason::kSnapped);
}

bool HalfStream::has_room(std::size_t bytes) const {
  return waiting_.size() < kMaxWaitingChunks && waiting_bytes_ + bytes <= kMaxWaitingBytes &&
         bytes <= budget_->limit - budget_->used;
}

void HalfStream::insert(std::uint32_t seq, BytesView bytes, std::size_t missing,
                        const Place& place) {
  // Places are counted from next_, so that numbers that wrap stay in order.
  const std::size_t begin = static_cast<std::size_t>(ahead(seq));
  const std::size_t end = begin + bytes.size() + missing;
  std::size_t at = begin;
  const auto add = [&](std::size_t index, std::size_t until) {
    const std::size_t from = at - begin;
    const std::size_t to = until - begin;
    const BytesView part =
        from < bytes.size() ? bytes.subspan(from, std::min(to, bytes.size()) - from) : BytesView();
    budget_->take(part.size());  // has_room() looked
    waiting_bytes_ += part.size();
    waiting_.insert(waiting_.begin() + static_cast<std::ptrdiff_t>(index),
                    {next_ + static_cast<std::uint32_t>(at), Bytes(part.begin(), part.end()),
                     to - from - part.size(), place});
  };
  std::size_t index = waiting_.size();
  while (index > 0 && static_cast<std::size_t>(ahead(waiting_[index - 1].seq)) >= begin) --index;
  if (index > 0) --index;  // the one before may reach into this segment
  for (; index < waiting_.size() && at < end; ++index) {
    const Chunk& chunk = waiting_[index];
    const auto chunk_begin = static_cast<std::size_t>(ahead(chunk.seq));
    const std::size_t chunk_end = chunk_begin + chunk.bytes.size() + chunk.missing;
    if (chunk_end <= at) continue;
    if (chunk_begin > at) {
      add(index, std::min(chunk_begin, end));
      ++index;
    }
    at = std::max(at, chunk_end);
  }
  if (at < end) add(index, end);
}

void HalfStream::drain(BytesSink& sink) {
  std::size_t ready = 0;
  for (; ready < waiting_.size() && waiting_[ready].seq == next_; ++ready) {
    Chunk& chunk = waiting_[ready];
    waiting_bytes_ -= chunk.bytes.size();
    budget_->give_back(chunk.bytes.size());
    deliver(chunk.bytes, chunk.missing, chunk.place, sink);
  }
  waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(ready));
  if (waiting_.empty()) waiting_.shrink_to_fit();
}

void HalfStream::acknowledged(std::uint32_t ack) {
  if (!known_ || ahead(ack) <= 0 || ahead(ack) > kMaxAhead) return;
  if (!acked_ || ahead(ack) > ahead(*acked_)) acked_ = ack;
}

bool HalfStream::acknowledged_hole() const {
  if (!acked_ || ahead(*acked_) <= 0) return false;
  // FIN counts as one. A single number without any byte behind it is a FIN that was not captured.
  if (fin_ && *fin_ == next_) return false;
  return ahead(*acked_) > 1 || !waiting_.empty();
}

void HalfStream::tick(const Place& place, BytesSink& sink) {
  if (!acknowledged_hole()) return;
  if (++waited_ < kPatience) return;
  std::uint32_t until = *acked_;
  if (!waiting_.empty() && ahead(waiting_.front().seq) < ahead(until)) until = waiting_.front().seq;
  if (fin_ && ahead(*fin_) < ahead(until)) until = *fin_;
  gap_to(until, GapReason::kLost, place, sink);
}

void HalfStream::gap_to(std::uint32_t seq, GapReason reason, const Place& place, BytesSink& sink) {
  const auto bytes = static_cast<std::uint64_t>(ahead(seq));
  next_ = seq;
  waited_ = 0;
  sink.on_gap(place, bytes, reason);
  drain(sink);
}

void HalfStream::finish(const Place& place, BytesSink& sink) {
  while (!waiting_.empty()) gap_to(waiting_.front().seq, GapReason::kLost, place, sink);
  if (fin_ && ahead(*fin_) > 0) {
    gap_to(*fin_, GapReason::kLost, place, sink);
  } else if (acknowledged_hole()) {
    gap_to(*acked_, GapReason::kLost, place, sink);
  }
}

void HalfStream::drop_waiting() {
  budget_->give_back(waiting_bytes_);
  waiting_bytes_ = 0;
  waiting_.clear();
}

}  // namespace zkprobe::capture
