#include "capture/stream_table.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace zkprobe::capture {
namespace {

// A late SYN of a stream whose first bytes came before it.
constexpr std::int32_t kLateSyn = 65'536;
// A reset further away than this from what comes next is not believed.
constexpr std::int32_t kResetWindow = 1 << 24;

// Spread over 32 bits and more, and cheap: it is asked for with each packet.
std::uint64_t hash_of(const Endpoint& endpoint) {
  const std::uint64_t host = endpoint.host.low + endpoint.host.high * 0x9e3779b97f4a7c15ULL;
  const std::uint64_t mixed =
      (host ^ endpoint.port * 0xbf58476d1ce4e5b9ULL) * 0x94d049bb133111ebULL;
  return mixed ^ mixed >> 32;
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
  Stream(StreamInfo info, Budget& budget, StreamCounts& counts)
      : info_(std::move(info)), counts_(counts), halves_{HalfStream(budget), HalfStream(budget)} {}

  const StreamInfo& info() const { return info_; }
  bool is_between(const Endpoint& a, const Endpoint& b) const {
    return info_.dialler == a ? info_.acceptor == b : info_.dialler == b && info_.acceptor == a;
  }
  bool closed() const { return handler_ == nullptr; }
  // Where it stands in the table's order, and what stands behind it in its chain.
  Order::iterator in_order;
  Stream* next_in_chain = nullptr;
  void start(std::unique_ptr<StreamHandler> handler) { handler_ = std::move(handler); }

  // Whether this segment begins another life of the same ports.
  bool begins_anew(const TcpSegment& segment) const {
    if (!segment.syn) return false;
    const HalfStream& half = halves_[index(side_of(segment))];
    if (half.isn()) return *half.isn() != segment.seq;
    if (!half.known()) {
      // Behind its own SYN-ACK it came late, and begins nothing.
      return !segment.has_ack && info_.from_start && answered_syn_ != segment.seq;
    }
    const auto distance = static_cast<std::int32_t>(half.next() - (segment.seq + 1));
    return closed() || distance < 0 || distance > kLateSyn;
  }

  void segment(const TcpSegment& segment, const Place& place) {
    if (closed()) return;
    const Side side = side_of(segment);
    HalfStream& mine = halves_[index(side)];
    HalfStream& theirs = halves_[index(other(side))];
    note(segment, side, place);
    if (segment.syn) mine.begin(segment.seq);
    if (segment.syn && segment.has_ack && side == Side::kAcceptor) answered_syn_ = segment.ack - 1;
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

  void note(const TcpSegment& segment, Side side, const Place& place) {
    info_.bytes[index(side)] += segment.payload.size();
    if (side == Side::kDialler) info_.dialler_seen = true;
    if (side == Side::kAcceptor && !segment.rst) info_.answered = true;
    if ((segment.fin || segment.rst) && !info_.ended_by) {
      info_.ended_by = side;
      info_.ended = place;
    }
  }
  static std::size_t index(Side side) { return static_cast<std::size_t>(side); }
  Side side_of(const TcpSegment& segment) const {
    return segment.src == info_.dialler ? Side::kDialler : Side::kAcceptor;
  }
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

  StreamInfo info_;
  StreamCounts& counts_;
  std::unique_ptr<StreamHandler> handler_;  // none once it is closed
  HalfStream halves_[2];
  std::optional<std::uint32_t> answered_syn_;  // the dialler's number, by the acceptor's SYN-ACK
  bool ended_[2] = {false, false};
};

StreamTable::StreamTable(StreamHandlerFactory& factory, Budget& budget, std::size_t max_streams)
    : factory_(factory),
      budget_(budget),
      max_streams_(max_streams),
      chains_(std::bit_ceil(max_streams)) {}

StreamTable::~StreamTable() = default;

StreamTable::Stream*& StreamTable::chain_of(const Endpoint& a, const Endpoint& b) {
  return chains_[(hash_of(a) + hash_of(b)) & (chains_.size() - 1)];
}

StreamTable::Stream* StreamTable::find(const TcpSegment& segment) {
  Stream* stream = chain_of(segment.src, segment.dst);
  while (stream != nullptr && !stream->is_between(segment.src, segment.dst)) {
    stream = stream->next_in_chain;
  }
  return stream;
}

void StreamTable::segment(const TcpSegment& segment, Place place) {
  last_ = place;
  Stream* stream = find(segment);
  if (stream != nullptr && stream->begins_anew(segment)) {
    ++counts_.reused;
    end(*stream, last_, CloseReason::kReused);
    forget(*stream);
    stream = nullptr;
  }
  if (stream == nullptr) {
    stream = &open_stream(segment, last_);
  } else if (stream->closed()) {
    return;
  } else if (stream->in_order != order_.begin()) {
    order_.splice(order_.begin(), order_, stream->in_order);
  }
  stream->segment(segment, last_);
  if (!stream->closed()) return;
  ended_.splice(ended_.begin(), order_, stream->in_order);
  if (ended_.size() > kMaxEnded) forget(ended_.back());
}

StreamTable::Stream& StreamTable::open_stream(const TcpSegment& segment, const Place& place) {
  if (size() >= max_streams_) make_room();
  StreamInfo info;
  info.number = counts_.streams++;
  const bool forward = dialled_by_source(segment);
  info.dialler = forward ? segment.src : segment.dst;
  info.acceptor = forward ? segment.dst : segment.src;
  info.from_start = segment.syn;
  info.opened = place;
  Stream& stream = order_.emplace_front(std::move(info), budget_, counts_);
  stream.in_order = order_.begin();
  Stream*& chain = chain_of(segment.src, segment.dst);
  stream.next_in_chain = chain;
  chain = &stream;
  stream.start(factory_.open(stream.info()));
  return stream;
}

void StreamTable::end(Stream& stream, const Place& place, CloseReason reason) {
  if (stream.closed()) return;
  stream.close(place, reason);
  ended_.splice(ended_.begin(), order_, stream.in_order);
}

// One that has ended.
void StreamTable::forget(Stream& stream) {
  Stream** link = &chain_of(stream.info().dialler, stream.info().acceptor);
  while (*link != &stream) link = &(*link)->next_in_chain;
  *link = stream.next_in_chain;
  ended_.erase(stream.in_order);
}

void StreamTable::make_room() {
  if (!ended_.empty()) return forget(ended_.back());
  Stream& oldest = order_.back();
  ++counts_.evicted;
  end(oldest, last_, CloseReason::kEvicted);
  forget(oldest);
}

void StreamTable::finish() {
  // By number: the order in which they began.
  std::vector<Stream*> open;
  for (Stream& stream : order_) open.push_back(&stream);
  std::sort(open.begin(), open.end(),
            [](const Stream* a, const Stream* b) { return a->info().number < b->info().number; });
  for (Stream* stream : open) stream->close(last_, CloseReason::kEnd);
  std::fill(chains_.begin(), chains_.end(), nullptr);
  order_.clear();
  ended_.clear();
}

}  // namespace zkprobe::capture
