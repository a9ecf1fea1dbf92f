// Every TCP connection of a capture, by its two endpoints, within bounds: one that has ended makes
// room for a new one, or else the one that was silent longest. Ports that are used again are a new
// stream.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <string_view>
#include <vector>

#include "capture/tcp_stream.hpp"

namespace zkprobe::capture {

// In order of their first packets, from 0, as Wireshark numbers them (tcp.stream).
using StreamNumber = std::uint64_t;

enum class Side : std::uint8_t { kDialler, kAcceptor };
constexpr Side other(Side side) {
  return side == Side::kDialler ? Side::kAcceptor : Side::kDialler;
}

struct StreamInfo {
  StreamNumber number = 0;
  Endpoint dialler;  // who sent SYN; of a stream without one, whoever has the higher port
  Endpoint acceptor;
  bool from_start = false;  // its SYN was seen, so `dialler` is certain
  Place opened;
  // Known as the stream goes on.
  bool dialler_seen = false;     // any packet of it: not so where one direction alone was captured
  bool answered = false;         // the acceptor sent SYN or bytes; a reset alone is a refusal
  std::optional<Side> ended_by;  // who sent FIN or a reset first
  Place ended;                   // and where
  std::uint64_t bytes[2] = {};   // by Side, repeated ones too

  const Endpoint& at(Side side) const { return side == Side::kDialler ? dialler : acceptor; }
};

enum class CloseReason {
  kFin,  // both sides said that they are done
  kReset,
  kReused,   // the same ports began another stream
  kEvicted,  // it made room
  kEnd,      // the capture ended
};
std::string_view to_string(CloseReason reason);  // "fin"

// One for each stream, made by a StreamHandlerFactory.
class StreamHandler {
 public:
  virtual ~StreamHandler() = default;
  virtual void on_bytes(Side from, const Place& place, BytesView bytes) = 0;
  virtual void on_gap(Side from, const Place& place, std::uint64_t bytes, GapReason reason) = 0;
  // FIN of one side, after its last byte.
  virtual void on_end(Side from, const Place& place) = 0;
  virtual void on_close(const Place& place, CloseReason reason) = 0;
};
class StreamHandlerFactory {
 public:
  virtual ~StreamHandlerFactory() = default;
  // `info` lives as long as the handler.
  virtual std::unique_ptr<StreamHandler> open(const StreamInfo& info) = 0;
};

struct StreamCounts {
  std::uint64_t streams = 0;
  std::uint64_t reused = 0;
  std::uint64_t evicted = 0;  // while they were open
  std::uint64_t gaps = 0;
  std::uint64_t gap_bytes = 0;
};

class StreamTable {
 public:
  static constexpr std::size_t kMaxStreams = 8'192;
  // Of those, streams that have ended: late packets of theirs are known by them.
  static constexpr std::size_t kMaxEnded = 1'024;

  StreamTable(StreamHandlerFactory& factory, Budget& budget, std::size_t max_streams = kMaxStreams);
  ~StreamTable();

  void segment(const TcpSegment& segment, Place place);
  // The capture ended: every hole is given up, every stream closed, oldest first.
  void finish();

  const StreamCounts& counts() const { return counts_; }
  // Streams that are remembered, those that have ended among them.
  std::size_t size() const { return order_.size() + ended_.size(); }

 private:
  class Stream;
  using Order = std::list<Stream>;

  // The streams that the endpoints' hash leads to, in either direction: the first of a chain.
  Stream*& chain_of(const Endpoint& a, const Endpoint& b);
  // Null where no stream has these endpoints.
  Stream* find(const TcpSegment& segment);
  Stream& open_stream(const TcpSegment& segment, const Place& place);
  void end(Stream& stream, const Place& place, CloseReason reason);
  void forget(Stream& stream);
  void make_room();

  StreamHandlerFactory& factory_;
  Budget& budget_;
  std::size_t max_streams_;
  StreamCounts counts_;
  Order order_;                  // the last one that spoke is the first
  Order ended_;                  // the last one that ended is the first
  std::vector<Stream*> chains_;  // as many as a power of two
  Place last_;
};

}  // namespace zkprobe::capture
