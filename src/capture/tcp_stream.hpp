// TCP streams out of segments: each direction's bytes in order, once.
//
// Retransmissions and overlaps are dropped (the bytes that came first stay), what comes too early
// waits, sequence numbers wrap. A hole is given up, and becomes a gap, when
//   the receiver has acknowledged it and kPatience further segments of the stream did not fill it,
//   or the capture had cut these bytes off, or more waits behind it than the bounds allow,
//   or the stream or the capture ends.
// RFC 9293; what a receiver acknowledged it had, whether the capture saw it or not.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "capture/packet.hpp"

namespace zkprobe::capture {

// Where bytes of a stream were seen.
struct Place {
  std::uint64_t packet = 0;
  CaptureTime time{0};
};

enum class GapReason {
  kLost,     // never captured
  kSnapped,  // the capture kept only the beginning of the packet
  kBounded,  // given up to stay within the bounds of memory
};
std::string_view to_string(GapReason reason);  // "lost"

// Memory that all streams share. What does not fit is not kept.
struct Budget {
  std::size_t limit = 0;
  std::size_t used = 0;

  bool take(std::size_t bytes) {
    if (bytes > limit - used) return false;
    used += bytes;
    return true;
  }
  void give_back(std::size_t bytes) { used -= bytes; }
};

// What one direction hands on, in order.
class BytesSink {
 public:
  virtual ~BytesSink() = default;
  // `bytes` is valid during the call.
  virtual void on_bytes(const Place& place, BytesView bytes) = 0;
  virtual void on_gap(const Place& place, std::uint64_t bytes, GapReason reason) = 0;
};

// One direction of a stream.
class HalfStream {
 public:
  static constexpr std::size_t kMaxWaitingBytes = 1'048'576;
  static constexpr std::size_t kMaxWaitingChunks = 1'024;
  // A segment further ahead than this belongs to another life of these ports.
  static constexpr std::int32_t kMaxAhead = 1 << 30;
  static constexpr unsigned kPatience = 32;

  explicit HalfStream(Budget& budget) : budget_(&budget) {}
  HalfStream(const HalfStream&) = delete;
  HalfStream& operator=(const HalfStream&) = delete;
  ~HalfStream() { drop_waiting(); }

  // SYN: the next byte has the number isn + 1.
  void begin(std::uint32_t isn);
  // A segment of this direction. Without begin() the first one tells where the stream begins.
  void segment(const TcpSegment& segment, const Place& place, BytesSink& sink);
  // The other direction acknowledged everything below `ack`.
  void acknowledged(std::uint32_t ack);
  // After each segment of the stream, in either direction: gives up what waited long enough.
  void tick(const Place& place, BytesSink& sink);
  // Nothing more comes: every hole is given up.
  void finish(const Place& place, BytesSink& sink);

  bool known() const { return known_; }
  bool from_start() const { return from_start_; }
  // Everything up to FIN came out.
  bool done() const { return fin_ && *fin_ == next_; }
  std::uint32_t next() const { return next_; }
  std::optional<std::uint32_t> isn() const { return isn_; }

 private:
  struct Chunk {
    std::uint32_t seq = 0;
    Bytes bytes;
    std::size_t missing = 0;  // after the bytes, cut off by the capture
    Place place;
  };
  // The parts of a segment that are not there yet, delivered or kept.
  void accept(std::uint32_t seq, BytesView bytes, std::size_t missing, const Place& place,
              BytesSink& sink);
  void deliver(BytesView bytes, std::size_t missing, const Place& place, BytesSink& sink);
  bool has_room(std::size_t bytes) const;
  void insert(std::uint32_t seq, BytesView bytes, std::size_t missing, const Place& place);
  void drain(BytesSink& sink);
  void gap_to(std::uint32_t seq, GapReason reason, const Place& place, BytesSink& sink);
  bool acknowledged_hole() const;
  void drop_waiting();
  // How far a number is ahead of what comes next; below zero: behind it.
  std::int32_t ahead(std::uint32_t seq) const { return static_cast<std::int32_t>(seq - next_); }

  Budget* budget_;
  bool known_ = false;
  bool from_start_ = false;
  std::uint32_t next_ = 0;  // the sequence number that comes next
  std::optional<std::uint32_t> isn_;
  std::optional<std::uint32_t> fin_;
  std::optional<std::uint32_t> acked_;
  unsigned waited_ = 0;  // segments since an acknowledged hole was seen
  std::size_t waiting_bytes_ = 0;
  std::vector<Chunk> waiting_;  // in order of their numbers, disjoint
};

}  // namespace zkprobe::capture
