// A learner's side of one connection to a leader, as a pure machine: events in, effects out.
//
// The caller tells the time with every step, calls step(TimePassed) when deadline() has come, and
// does what the effects say, in order. After a Leave nothing comes any more: a new connection gets
// a new machine, which resumes from last_zxid().
//
// Discovery, synchronisation and broadcast are one file each; this one cuts the stream into packets
// and keeps the time. Java: Learner, Observer.observeLeader. README.md beside this file says what
// differs between releases.
#pragma once

#include <variant>

#include "learner/backlog.hpp"
#include "learner/broadcast.hpp"
#include "learner/following.hpp"
#include "learner/handshake.hpp"
#include "learner/sync.hpp"
#include "learner/types.hpp"

namespace zkprobe::learner {

class Learner {
 public:
  explicit Learner(Settings settings);
  Learner(const Learner&) = delete;
  Learner& operator=(const Learner&) = delete;

  Effects step(Instant now, const Event& event);
  // Whether note_backlog() wants to be told after this read (Backlog::due).
  bool backlog_due(Instant now) const { return backlog_.due(now); }
  // Whether bytes wait unread in the socket. In broadcast, for longer than Settings::patience: a
  // Leave.
  Effects note_backlog(Instant now, bool unread);
  // When silence becomes a Leave; nothing before Connected and after a Leave.
  std::optional<Instant> deadline() const;
  // The silence that ends in deadline(); 0 before Connected.
  Duration read_timeout() const { return read_timeout_; }

  Phase phase() const { return phase_; }
  // The last transaction known committed; what a new connection may claim. 0 where a TRUNC or a
  // SNAP was cut short.
  Zxid last_zxid() const;
  // The leader's epoch; 0 before it is known.
  PeerEpoch epoch() const { return epoch_; }
  const Settings& settings() const { return settings_; }

 private:
  void connected(Effects& out);
  void received(Instant now, BytesView bytes, Effects& out);
  std::size_t consume(Instant now, BytesView bytes, Effects& out);
  void packet(Instant now, const Incoming& incoming, Effects& out);
  void begin_broadcast(Effects& out);
  void change_phase(Phase to, Effects& out);
  void settle(Effects& out);

  const Settings settings_;
  Phase phase_ = Phase::kConnecting;
  PeerEpoch epoch_;
  Zxid last_zxid_;
  Handshake handshake_;
  std::optional<Sync> sync_;
  // In broadcast one of these two is there, by role.
  std::optional<Broadcast> broadcast_;
  std::optional<Following> following_;
  Backlog backlog_;

  Bytes pending_;               // the start of a packet whose rest is still to come
  std::uint64_t consumed_ = 0;  // of the leader's stream
  Duration read_timeout_{0};
  Instant heard_at_;
};

}  // namespace zkprobe::learner
