// One direction of a conversation: cuts its bytes into messages, and finds the next one after a
// gap.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "capture/conversation.hpp"
#include "capture/recognise.hpp"

namespace zkprobe::capture {

// What comes out of one direction.
class SideOutput {
 public:
  virtual ~SideOutput() = default;
  // `offset`: of the message's first byte in this direction of the stream.
  virtual void on_body(const Place& place, std::uint64_t offset, BytesView bytes,
                       const MessageBody& body) = 0;
  virtual void on_sasl() = 0;
  virtual void on_skipped(std::uint64_t bytes) = 0;
  // The stream ended in the middle of a message: a server closed it while another wrote.
  virtual void on_unfinished() = 0;
};

class SideReader {
 public:
  // What the next bytes are taken for.
  enum class Step : std::uint8_t {
    kWaiting,    // nobody knows yet: bytes are kept
    kGreeting,   // the dialler's first bytes on an election port
    kFrames,     // election
    kPackets,    // learner
    kSnapshot,   // behind SNAP
    kFindFrame,  // the place was lost
    kFindPacket,
    kFindSignature,  // the place was lost inside a snapshot
    kDeaf,           // nothing is kept any more
  };
  // Memory that a snapshot's reader may hold: the longest path, and the bound on one.
  static constexpr std::int32_t kMaxSnapshotText = 65'536;

  SideReader(Budget& budget, SideOutput& out) : budget_(&budget), out_(&out) {}
  SideReader(const SideReader&) = delete;
  SideReader& operator=(const SideReader&) = delete;
  ~SideReader();

  void bytes(const Place& place, BytesView bytes);
  void gap(const Place& place, const Gap& gap);
  // The stream ended.
  void close(const Place& place);
  // From kWaiting: what the kept bytes and all others are.
  void become(Step step, const Place& place);

  Step step() const { return step_; }
  // While waiting: the bytes that are kept, and where they begin.
  BytesView kept() const { return pending_; }
  std::uint64_t offset() const { return offset_; }
  void drop_kept(std::size_t bytes);

 private:
  struct Mark {  // while waiting: the packet that brought the bytes before `end`
    std::uint64_t end = 0;
    Place place;
  };
  static constexpr std::size_t kMaxMarks = 64;

  // Each takes what it can from the front and says how much; 0: more bytes are needed, or another
  // step takes over.
  std::size_t run(BytesView view);
  std::size_t take(BytesView view);
  std::size_t take_greeting(BytesView view);
  std::size_t take_frame(BytesView view);
  std::size_t take_packet(BytesView view);
  std::size_t take_sasl(BytesView view);
  std::size_t take_snapshot(BytesView view);
  std::size_t find(BytesView view, Match (*match)(BytesView), Step then);
  std::size_t find_signature(BytesView view);
  std::size_t begin_snapshot(SeenPacket packet, BytesView bytes);
  void end_snapshot(bool complete);
  // The bytes are no message: says so, and looks for the next one.
  std::size_t lose_place(BytesView view, std::string_view what, DecodeError error, Step then);

  // Bytes of the message under way that a gap may cover without losing the place.
  std::uint64_t rest_of_message() const;
  bool keep(BytesView bytes);
  void drop(std::size_t bytes);
  void give_up(std::size_t came);
  void emit(BytesView bytes, const MessageBody& body);
  Place place_of(std::uint64_t end) const;

  Budget* budget_;
  SideOutput* out_;
  Step step_ = Step::kWaiting;
  Place place_;
  std::uint64_t offset_ = 0;  // of the first byte that was not taken
  std::uint64_t skip_ = 0;    // bytes to come that belong to a message with a gap
  std::size_t want_ = 0;      // the least number of bytes with which it is worth looking again
  Bytes pending_;
  std::vector<Mark> marks_;

  struct Snapshot {
    wire::SnapshotReader reader;
    SeenPacket packet;
    Bytes bytes;  // of the packet
    std::uint64_t offset = 0;
  };
  std::unique_ptr<Snapshot> snapshot_;
};

}  // namespace zkprobe::capture
