#include "channels.hpp"

#include <algorithm>

namespace zkprobe::sim {

const char* to_string(ChannelMessage::Kind kind) {
  using Kind = ChannelMessage::Kind;
  switch (kind) {
    case Kind::kFollowerInfo:
      return "FOLLOWERINFO";
    case Kind::kLeaderInfo:
      return "LEADERINFO";
    case Kind::kAckEpoch:
      return "ACKEPOCH";
    case Kind::kNewLeader:
      return "NEWLEADER";
    case Kind::kUpToDate:
      return "UPTODATE";
    case Kind::kProposal:
      return "PROPOSAL";
    case Kind::kAck:
      return "ACK";
    case Kind::kPing:
      return "PING";
    case Kind::kPong:
      return "PONG";
  }
  return "?";
}

ChannelId Channels::open(Sid learner, Sid leader) {
  channels_[++next_] = Channel{learner, leader, false, false, {}};
  return next_;
}

Instant Channels::next_arrival(Channel& channel, Sid from) {
  Instant& last = channel.last_arrival[from == channel.leader ? 1 : 0];
  last = std::max(last, env_.now() + env_.travel());
  return last;
}

void Channels::send(ChannelId id, Sid from, ChannelMessage message) {
  const auto found = channels_.find(id);
  if (found == channels_.end() || found->second.dead) return;
  env_.schedule.at(next_arrival(found->second, from),
                   [this, id, from, m = std::move(message)] { deliver(id, from, &m); });
}

void Channels::close(ChannelId id, Sid by) {
  const auto found = channels_.find(id);
  if (found == channels_.end() || found->second.dead) return;
  found->second.closing = true;
  env_.schedule.at(next_arrival(found->second, by), [this, id, by] {
    deliver(id, by, nullptr);
    channels_.erase(id);
  });
}

bool Channels::alive(ChannelId id) const {
  const auto found = channels_.find(id);
  return found != channels_.end() && !found->second.dead && !found->second.closing;
}

void Channels::deliver(ChannelId id, Sid from, const ChannelMessage* message) {
  const auto found = channels_.find(id);
  if (found == channels_.end() || found->second.dead) return;
  const Sid to = from == found->second.leader ? found->second.learner : found->second.leader;
  if (network_.blocked(from, to)) {
    found->second.dead = true;
    env_.counters.count("quorum connections ended by a block");
    return;
  }
  handler_(to, from, id, message);
}

}  // namespace zkprobe::sim
