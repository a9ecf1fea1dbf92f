// The quorum port's network, as little of it as an election needs: a learner's connection to its
// leader. It is FIFO; a block in its way ends it, which both sides learn by their own time limits.
#pragma once

#include <cstdint>
#include <functional>
#include <map>

#include "environment.hpp"
#include "network.hpp"

namespace zkprobe::sim {

using ChannelId = std::uint64_t;  // 0: none

// Discovery, synchronisation and broadcast, without their payloads.
struct ChannelMessage {
  enum class Kind {
    kFollowerInfo,  // epoch: the accepted one
    kLeaderInfo,    // epoch: the new one
    kAckEpoch,      // epoch: the current one, or -1 "accepted before"; log: its last zxid alone
    kNewLeader,     // epoch; log: the leader's whole log
    kUpToDate,      // epoch
    kProposal,      // log: one zxid
    kAck,           // length of the log that is on disk
    kPing,
    kPong,
  };
  Kind kind = Kind::kPing;
  PeerEpoch epoch;
  Log log;
  std::size_t length = 0;
};
const char* to_string(ChannelMessage::Kind kind);

class Channels {
 public:
  // A message, or nothing when the other side has closed.
  using Handler =
      std::function<void(Sid at, Sid from, ChannelId channel, const ChannelMessage* message)>;

  Channels(Environment& env, const Network& network, Handler handler)
      : env_(env), network_(network), handler_(std::move(handler)) {}

  ChannelId open(Sid learner, Sid leader);
  void send(ChannelId channel, Sid from, ChannelMessage message);
  // The other side learns of it after what was sent before.
  void close(ChannelId channel, Sid by);
  bool alive(ChannelId channel) const;

 private:
  struct Channel {
    Sid learner;
    Sid leader;
    bool dead = false;
    bool closing = false;
    Instant last_arrival[2];  // at the leader, at the learner
  };

  void deliver(ChannelId channel, Sid from, const ChannelMessage* message);
  Instant next_arrival(Channel& channel, Sid from);

  Environment& env_;
  const Network& network_;
  Handler handler_;
  std::map<ChannelId, Channel> channels_;
  ChannelId next_ = 0;
};

}  // namespace zkprobe::sim
