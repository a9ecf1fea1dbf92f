// Leading and following (Leader.lead, Learner.registerWithLeader, Learner.syncWithLeader): the
// least of Zab that makes a decision matter. Servers of every release do what 3.4 and later do,
// 3.3 included, whose own protocol without discovery is not modelled.
#include <algorithm>

#include "server.hpp"

namespace zkprobe::sim {

using Kind = ChannelMessage::Kind;

namespace {
constexpr int kConnectTries = 5;  // Learner.connectToLeader
constexpr Duration kConnectPause{1'000'000};
const PeerEpoch kAckedBefore{-1};
}  // namespace

void Server::tell(ChannelId channel, Kind kind, PeerEpoch epoch, Log log, std::size_t length) {
  channels_.send(channel, plan_.sid, ChannelMessage{kind, epoch, std::move(log), length});
}

void Server::lead() {
  ++role_;
  leading_.emplace();
  leading_->deadline = env_.now() + env_.scenario.init_limit;
  choose_epoch();  // a quorum of one
  if (leading_) later(env_.scenario.tick, &Server::role_, [this] { tick(); });
}

void Server::follow(Sid leader) {
  ++role_;
  following_.emplace();
  following_->leader = leader;
  following_->deadline = env_.now() + env_.scenario.init_limit;
  following_->heard = env_.now();
  try_to_connect();
  later(env_.scenario.tick, &Server::role_, [this] { tick(); });
}

void Server::look_again(const std::string& why) {
  trace("looks again: " + why);
  if (leading_) {
    env_.counters.count(leading_->phase == Leading::Phase::kBroadcast ? "leaders that stepped down"
                                                                      : "leaders without a quorum");
    for (const auto& [sid, learner] : leading_->learners) {
      channels_.close(learner.channel, plan_.sid);
    }
  }
  if (following_) channels_.close(following_->channel, plan_.sid);
  leading_.reset();
  following_.reset();
  ++role_;
  // Shutting down takes a moment; an observer waits a little longer
  // (Observer.waitForObserverElectionDelay).
  later(env_.between(0ms, plan_.observer ? Duration(200ms) : Duration(20ms)), &Server::role_,
        [this] { look(); });
}

void Server::tick() {
  if (leading_) tick_leading();
  if (following_) tick_following();
  if (leading_ || following_) later(env_.scenario.tick, &Server::role_, [this] { tick(); });
}

void Server::tick_leading() {
  std::vector<Sid> silent;
  for (auto& [sid, learner] : leading_->learners) {
    if (env_.now() - learner.heard > env_.scenario.sync_limit) {
      silent.push_back(sid);
    } else {
      tell(learner.channel, Kind::kPing);
    }
  }
  for (const Sid sid : silent) drop_learner(sid);
  if (leading_->phase != Leading::Phase::kBroadcast) {
    if (env_.now() > leading_->deadline) look_again("no quorum of followers in time");
    return;
  }
  if (!enough([](const Learner& l) { return l.acked_newleader; })) {
    look_again("not enough followers");
    return;
  }
  if (sabotaged(Sabotage::kFickle) && env_.random.chance(5)) {
    look_again("sabotage");
    return;
  }
  if (env_.random.chance(30)) extend_log();
}

void Server::tick_following() {
  if (!following_->synced) {
    if (env_.now() > following_->deadline) look_again("not synchronised in time");
  } else if (env_.now() - following_->heard > env_.scenario.sync_limit) {
    look_again("the leader is silent");
  }
}

// ---- a learner ----------------------------------------------------------------------------------

void Server::try_to_connect() {
  const Sid leader = following_->leader;
  if (following_->tries++ >= kConnectTries) {
    look_again("the leader cannot be reached");
    return;
  }
  later(env_.travel() + env_.travel(), &Server::role_, [this, leader] {
    const ChannelId channel = channels_.open(plan_.sid, leader);
    if (!network_.separated(plan_.sid, leader) && join_(leader, plan_.sid, channel)) {
      following_->channel = channel;
      following_->heard = env_.now();
      tell(channel, Kind::kFollowerInfo, accepted_epoch_);
    } else {
      env_.counters.count("learners refused or without a way");
      later(kConnectPause, &Server::role_, [this] { try_to_connect(); });
    }
  });
}

void Server::from_leader(const ChannelMessage& message) {
  Following& f = *following_;
  f.heard = env_.now();
  switch (message.kind) {
    case Kind::kLeaderInfo:
      if (message.epoch < accepted_epoch_) {
        look_again("the leader's epoch is less than the accepted one");
        return;
      }
      tell(f.channel, Kind::kAckEpoch,
           message.epoch > accepted_epoch_ ? current_epoch_ : kAckedBefore, {position().last_zxid});
      accepted_epoch_ = message.epoch;
      return;
    case Kind::kNewLeader:
      log_ = message.log;
      current_epoch_ = message.epoch;
      tell(f.channel, Kind::kAck, {}, {}, log_.size());
      return;
    case Kind::kUpToDate:
      f.synced = true;
      settled(f.leader, message.epoch);
      return;
    case Kind::kProposal:
      log_.push_back(message.log.front());
      tell(f.channel, Kind::kAck, {}, {}, log_.size());
      return;
    case Kind::kPing:
      tell(f.channel, Kind::kPong);
      return;
    case Kind::kFollowerInfo:
    case Kind::kAckEpoch:
    case Kind::kAck:
    case Kind::kPong:
      return;  // a learner's own
  }
}

// ---- a leader -----------------------------------------------------------------------------------

bool Server::accept_learner(Sid learner, ChannelId channel) {
  if (!up_ || !leading_) return false;
  Learner fresh;
  fresh.channel = channel;
  fresh.heard = env_.now();
  leading_->learners[learner] = fresh;
  return true;
}

void Server::drop_learner(Sid learner) {
  channels_.close(leading_->learners.at(learner).channel, plan_.sid);
  leading_->learners.erase(learner);
  if (env_.scenario.config.oracle) read_oracle();
}

// Oneself and the voters for which it holds are a quorum.
bool Server::enough(const std::function<bool(const Learner&)>& counts) const {
  if (sabotaged(Sabotage::kTwoLeaders)) return true;
  const wire::QuorumConfig& config = env_.scenario.config;
  SidSet sids{plan_.sid};
  for (const auto& [sid, learner] : leading_->learners) {
    if (counts(learner)) sids.insert(sid);
  }
  return is_quorum(config, sids) || (config.oracle && plan_.oracle_says_yes);
}

void Server::channel_event(Sid from, ChannelId channel, const ChannelMessage* message) {
  if (!up_) return;
  if (paused_) {
    std::optional<ChannelMessage> kept;
    if (message != nullptr) kept = *message;
    after_pause_.emplace_back(
        [this, from, channel, kept] { channel_event(from, channel, kept ? &*kept : nullptr); });
    return;
  }
  if (env_.tracing &&
      (message == nullptr || (message->kind != Kind::kPing && message->kind != Kind::kPong))) {
    trace("<= " + to_string(from) + " " +
          (message == nullptr ? "closes" : to_string(message->kind)));
  }
  if (following_ && following_->channel == channel) {
    if (message == nullptr) {
      look_again("the leader closed the connection");
    } else {
      from_leader(*message);
    }
    return;
  }
  if (!leading_) return;
  const auto learner = leading_->learners.find(from);
  if (learner == leading_->learners.end() || learner->second.channel != channel) return;
  if (message == nullptr) {
    drop_learner(from);
  } else {
    from_learner(from, *message);
  }
}

void Server::from_learner(Sid sid, const ChannelMessage& message) {
  Learner& learner = leading_->learners.at(sid);
  learner.heard = env_.now();
  switch (message.kind) {
    case Kind::kFollowerInfo:
      learner.accepted = message.epoch;
      learner.told_epoch = true;
      if (leading_->phase == Leading::Phase::kDiscovery) {
        choose_epoch();
      } else {
        tell(learner.channel, Kind::kLeaderInfo, leading_->epoch);
      }
      return;
    case Kind::kAckEpoch:
      take_ack_of_epoch(sid, message);
      return;
    case Kind::kAck:
      take_ack(sid, message.length);
      return;
    case Kind::kLeaderInfo:
    case Kind::kNewLeader:
    case Kind::kUpToDate:
    case Kind::kProposal:
    case Kind::kPing:
    case Kind::kPong:
      return;
  }
}

// Leader.getEpochToPropose: one more than the newest that a quorum has accepted.
void Server::choose_epoch() {
  if (!enough([](const Learner& l) { return l.told_epoch; })) return;
  PeerEpoch newest = accepted_epoch_;
  for (const auto& [sid, learner] : leading_->learners) {
    if (learner.told_epoch) newest = std::max(newest, learner.accepted);
  }
  leading_->epoch = PeerEpoch(newest.value + 1);
  leading_->phase = Leading::Phase::kEpochAcks;
  accepted_epoch_ = leading_->epoch;
  trace("proposes epoch " + to_string(leading_->epoch));
  for (const auto& [sid, learner] : leading_->learners) {
    if (learner.told_epoch) tell(learner.channel, Kind::kLeaderInfo, leading_->epoch);
  }
  take_ack_of_epoch(plan_.sid, {});
}

// Leader.waitForEpochAck: a follower that is ahead is sent away.
void Server::take_ack_of_epoch(Sid sid, const ChannelMessage& message) {
  if (sid != plan_.sid) {
    Learner& learner = leading_->learners.at(sid);
    learner.answered_epoch = true;
    if (leading_->phase >= Leading::Phase::kSynchronisation) {
      send_newleader(learner);
      return;
    }
    if (message.epoch != kAckedBefore) {
      const bool ahead = std::pair(message.epoch, message.log.front()) >
                         std::pair(current_epoch_, position().last_zxid);
      if (ahead && !sabotaged(Sabotage::kForget)) {
        env_.counters.count("followers ahead of their leader");
        trace("follower " + to_string(sid) + " is ahead");
        drop_learner(sid);
        return;
      }
      learner.acked_epoch = true;
    }
  }
  if (!enough([](const Learner& l) { return l.acked_epoch; })) return;
  leading_->phase = Leading::Phase::kSynchronisation;
  current_epoch_ = leading_->epoch;
  if (env_.scenario.newleader_logged) log_.push_back(make_zxid(current_epoch_, 0));
  for (auto& [other, learner] : leading_->learners) {
    if (learner.answered_epoch) send_newleader(learner);
  }
  if (enough([](const Learner&) { return false; })) establish();
}

void Server::send_newleader(Learner& learner) {
  learner.sent_newleader = true;
  tell(learner.channel, Kind::kNewLeader, leading_->epoch, log_);
  if (leading_->phase == Leading::Phase::kBroadcast) {
    tell(learner.channel, Kind::kUpToDate, leading_->epoch);
  }
}

void Server::take_ack(Sid sid, std::size_t length) {
  Learner& acking = leading_->learners.at(sid);
  acking.acked_newleader = true;
  acking.acked_length = std::max(acking.acked_length, length);
  if (leading_->phase == Leading::Phase::kSynchronisation) {
    if (enough([](const Learner& l) { return l.acked_newleader; })) establish();
    return;
  }
  if (env_.scenario.config.oracle) read_oracle();
  if (!enough([length](const Learner& l) { return l.acked_length >= length; })) return;
  invariants_.commits(plan_.sid, log_, length);
}

void Server::establish() {
  leading_->phase = Leading::Phase::kBroadcast;
  env_.counters.count("leaders established");
  trace("is established in epoch " + to_string(leading_->epoch));
  invariants_.established(plan_.sid, leading_->epoch, log_);
  settled(plan_.sid, leading_->epoch);
  for (const auto& [sid, learner] : leading_->learners) {
    if (learner.sent_newleader) tell(learner.channel, Kind::kUpToDate, leading_->epoch);
  }
}

// QuorumPeer.updateElectionVote exists from 3.4.6 on.
void Server::settled(Sid leader, PeerEpoch epoch) {
  if (plan_.release >= Release{3, 4, 6}) {
    step(election::EpochSettled{sabotaged(Sabotage::kWrongEpoch) ? PeerEpoch(epoch.value + 7)
                                                                 : epoch});
  }
  invariants_.settles(plan_.sid, leader, epoch, machine_->current_vote());
}

void Server::extend_log() {
  const Zxid last = position().last_zxid;
  const std::int64_t counter = epoch_of(last) == leading_->epoch ? counter_of(last) + 1 : 1;
  log_.push_back(make_zxid(leading_->epoch, counter));
  for (const auto& [sid, learner] : leading_->learners) {
    if (learner.sent_newleader) tell(learner.channel, Kind::kProposal, {}, {log_.back()});
  }
  if (enough([](const Learner&) { return false; })) {
    invariants_.commits(plan_.sid, log_, log_.size());
  }
}

}  // namespace zkprobe::sim
