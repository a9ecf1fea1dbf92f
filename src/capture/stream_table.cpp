#include "capture/stream_table.hpp"

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

namespace zkprobe::capture {
namespace {

// A late SYN of a stream whose first bytes came before it.
constexpr std::int32_t kLateSyn = 65'536;
// A reset further away than this from what comes next is not believed.
constexpr std::int32_t kResetWindow = 1 << 24;

bool below(const Endpoint& a, const Endpoint& b) {
  const int order = std::memcmp(a.host.bytes.data(), b.host.bytes.data(), 16);
  return order != 0 ? order < 0 : a.port < b.port;
}

bool dialled_by_source(const TcpSegment& segment) {
  if (segment.syn) return !segment.has_ack;
  return segment.src.port > segment.dst.port;
}

}  // namespace

std::string_view to_string(CloseReason reason) {
  switch (reason) {
    case CloseReason::kFin:
      return "fin";
    case CloseReason::kReset:
      return "reset";
    case CloseReason::kReused:
      return "reused";
    case CloseReason::kEvicted:
      return "evicted";
    case CloseReason::kEnd:
      return "end";
  }
  return "unknown";
}

class StreamTable::Stream {
 public:
  Stream(const Key& key, StreamInfo info, Budget& budget, StreamCounts& counts)
      : key_(key),
        info_(std::move(info)),
        counts_(counts),
        halves_{HalfStream(budget), HalfStream(budget)} {}

  const Key& key() const { return key_; }
  const StreamInfo& info() const { return info_; }
  void start(std::unique_ptr<StreamHandler> handler) { handler_ = std::move(handler); }

  // Whether this segment begins another life of the same ports.
  bool begins_anew(const TcpSegment& segment) const {
    if (!segment.syn) return false;
    const HalfStream& half = halves_[index(side_of(segment))];
    if (half.isn()) return *half.isn() != segment.seq;
    if (!half.known()) return !segment.has_ack && info_.from_start;
    const auto distance = static_cast<std::int32_t>(half.next() - (segment.seq + 1));
    return closed() || distance < 0 || distance > kLateSyn;
  }

  void segment(const TcpSegment& segment, const Place& place) {
    if (closed()) return;
    const Side side = side_of(segment);
    HalfStream& mine = halves_[index(side)];
    HalfStream& theirs = halves_[index(other(side))];
    if (segment.syn) mine.begin(segment.seq);
    Out mine_out(*this, side);
    Out theirs_out(*this, other(side));
    mine.segment(segment, place, mine_out);
    if (segment.has_ack) theirs.acknowledged(segment.ack);
    mine.tick(place, mine_out);
    theirs.tick(place, theirs_out);
    end_side(side, place);
    end_side(other(side), place);
    if (segment.rst && believed(mine, segment)) {
      close(place, CloseReason::kReset);
    } else if (mine.done() && theirs.done()) {
      close(place, CloseReason::kFin);
    }
  }

  void close(const Place& place, CloseReason reason) {
    if (closed()) return;
    for (const Side side : {Side::kDialler, Side::kAcceptor}) {
      Out out(*this, side);
      halves_[index(side)].finish(place, out);
      end_side(side, place);
    }
    handler_->on_close(place, reason);
    handler_.reset();
  }

 private:
  // One direction's bytes, on their way to the handler.
  class Out : public BytesSink {
   public:
    Out(Stream& stream, Side side) : stream_(stream), side_(side) {}
    void on_bytes(const Place& place, BytesView bytes) override {
      stream_.handler_->on_bytes(side_, place, bytes);
    }
    void on_gap(const Place& place, std::uint64_t bytes, GapReason reason) override {
      ++stream_.counts_.gaps;
      stream_.counts_.gap_bytes += bytes;
      stream_.handler_->on_gap(side_, place, bytes, reason);
    }

   private:
    Stream& stream_;
    Side side_;
  };

  static std::size_t index(Side side) { return static_cast<std::size_t>(side); }
  Side side_of(const TcpSegment& segment) const {
    return segment.src == info_.dialler ? Side::kDialler : Side::kAcceptor;
  }
  bool closed() const { return handler_ == nullptr; }
  static bool believed(const HalfStream& half, const TcpSegment& segment) {
    if (!half.known()) return true;
    const auto distance = static_cast<std::int32_t>(segment.seq - half.next());
    return distance > -kResetWindow && distance < kResetWindow;
  }
  void end_side(Side side, const Place& place) {
    if (ended_[index(side)] || !halves_[index(side)].done()) return;
    ended_[index(side)] = true;
    handler_->on_end(side, place);
  }

  Key key_;
  StreamInfo info_;
  StreamCounts& counts_;
  std::unique_ptr<StreamHandler> handler_;  // none once it is closed
  HalfStream halves_[2];
  bool ended_[2] = {false, false};
};

std::size_t StreamTable::KeyHash::operator()(const Key& key) const noexcept {
  const EndpointHash hash;
  return hash(key.low) * 31 + hash(key.high);
}

StreamTable::StreamTable(StreamHandlerFactory& factory, Budget& budget, std::size_t max_streams)
    : factory_(factory), budget_(budget), max_streams_(max_streams) {}

StreamTable::~StreamTable() = default;

void StreamTable::segment(const TcpSegment& segment, const Place& place) {
  last_ = place;
  const bool ordered = below(segment.src, segment.dst);
  const Key key = ordered ? Key{segment.src, segment.dst} : Key{segment.dst, segment.src};
  const auto found = streams_.find(key);
  if (found == streams_.end()) {
    open_stream(key, segment, place).segment(segment, place);
    return;
  }
  Stream& stream = **found->second;
  if (stream.begins_anew(segment)) {
    ++counts_.reused;
    stream.close(place, CloseReason::kReused);
    order_.erase(found->second);
    streams_.erase(found);
    open_stream(key, segment, place).segment(segment, place);
    return;
  }
  order_.splice(order_.begin(), order_, found->second);
  stream.segment(segment, place);
}

StreamTable::Stream& StreamTable::open_stream(const Key& key, const TcpSegment& segment,
                                              const Place& place) {
  if (streams_.size() >= max_streams_) evict_oldest();
  StreamInfo info;
  info.number = counts_.streams++;
  const bool forward = dialled_by_source(segment);
  info.dialler = forward ? segment.src : segment.dst;
  info.acceptor = forward ? segment.dst : segment.src;
  info.from_start = segment.syn;
  info.opened = place;
  order_.push_front(std::make_unique<Stream>(key, std::move(info), budget_, counts_));
  streams_.emplace(key, order_.begin());
  Stream& stream = *order_.front();
  stream.start(factory_.open(stream.info()));
  return stream;
}

void StreamTable::evict_oldest() {
  Stream& oldest = *order_.back();
  ++counts_.evicted;
  oldest.close(last_, CloseReason::kEvicted);
  streams_.erase(oldest.key());
  order_.pop_back();
}

void StreamTable::finish() {
  // By number: the order in which they began.
  std::vector<Stream*> open;
  for (const auto& stream : order_) open.push_back(stream.get());
  std::sort(open.begin(), open.end(),
            [](const Stream* a, const Stream* b) { return a->info().number < b->info().number; });
  for (Stream* stream : open) stream->close(last_, CloseReason::kEnd);
  streams_.clear();
  order_.clear();
}

}  // namespace zkprobe::capture
