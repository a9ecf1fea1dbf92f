// One server: its life, its election machine, and as much of leading and following as gives later
// votes their meaning (roles.cpp): a leader needs a quorum of followers in time, an epoch is
// settled by them, logs grow, and whoever loses its leader or its quorum looks again.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>

#include "channels.hpp"
#include "election/election.hpp"
#include "environment.hpp"
#include "invariants.hpp"
#include "network.hpp"

namespace zkprobe::sim {

// QuorumCnxManager.RECV_CAPACITY, for all peers together.
inline constexpr std::size_t kReceiveBound = 100;

class Server {
 public:
  // Asks whether `leader` lets `learner` connect, and does it.
  using Join = std::function<bool(Sid leader, Sid learner, ChannelId channel)>;

  Server(Environment& env, Invariants& invariants, Network& network, Channels& channels, Join join,
         const ServerPlan& plan);

  void start();
  void crash();
  void pause();
  void resume();
  bool up() const { return up_; }

  // From the election port; queued, the oldest falls out of a full queue.
  void receive(Sid from, const Packet& packet);
  // From the quorum port; nothing when the other side closed.
  void channel_event(Sid from, ChannelId channel, const ChannelMessage* message);
  bool accept_learner(Sid learner, ChannelId channel);

  // The leader that this server serves under, itself if it is one; nothing before it is settled.
  std::optional<Sid> serves_under() const;
  bool looking() const { return up_ && !leading_ && !following_; }
  // What it tells those who look.
  quorum::CastVote vote() const { return machine_->current_vote(); }
  std::string text() const;  // what it is doing, for a report of a failure

 private:
  struct Learner {
    PeerEpoch accepted;
    bool told_epoch = false;      // we know its accepted epoch
    bool answered_epoch = false;  // it accepted ours, now or before
    bool acked_epoch = false;     // now, which counts
    bool sent_newleader = false;
    bool acked_newleader = false;
    std::size_t acked_length = 0;
    ChannelId channel = 0;
    Instant heard;
  };
  struct Leading {
    enum class Phase { kDiscovery, kEpochAcks, kSynchronisation, kBroadcast };
    Phase phase = Phase::kDiscovery;
    PeerEpoch epoch;
    Instant deadline;
    std::map<Sid, Learner> learners;
  };
  struct Following {
    Sid leader;
    ChannelId channel = 0;
    int tries = 0;
    bool synced = false;
    PeerEpoch epoch;
    Instant deadline;
    Instant heard;
  };

  // Runs `action` unless the server's life or what it does has changed by then; waits for the end
  // of a pause.
  void later(Duration wait, std::uint64_t Server::*generation, std::function<void()> action);

  // server.cpp
  void make_machine();
  void look();
  void step(const election::Input& input);
  void apply(const election::Effect& effect);
  void send(const election::Send& effect);
  void adopt(const election::AdoptConfig& effect);
  void decided(const election::Decided& effect);
  void arm_timer();
  void process_inbox();
  void handle_next();
  void read_oracle();
  bool is_voter() const { return !plan_.observer; }
  bool sabotaged(Sabotage kind) const;
  election::LogPosition position() const;
  election::LogPosition told_position() const;
  wire::QuorumConfig told_config() const;
  void trace(const std::string& text) const;

  // roles.cpp
  void lead();
  void follow(Sid leader);
  void look_again(const std::string& why);
  void tick();
  void tick_leading();
  void tick_following();
  void try_to_connect();
  void from_learner(Sid learner, const ChannelMessage& message);
  void from_leader(const ChannelMessage& message);
  void choose_epoch();
  void take_ack_of_epoch(Sid learner, const ChannelMessage& message);
  void send_newleader(Learner& learner);
  void establish();
  void take_ack(Sid learner, std::size_t length);
  void extend_log();
  void drop_learner(Sid learner);
  void settled(Sid leader, PeerEpoch epoch);
  bool enough(const std::function<bool(const Learner&)>& counts) const;
  void tell(ChannelId channel, ChannelMessage::Kind kind, PeerEpoch epoch = {}, Log log = {},
            std::size_t length = 0);

  Environment& env_;
  Invariants& invariants_;
  Network& network_;
  Channels& channels_;
  Join join_;
  const ServerPlan& plan_;

  // On disk.
  Log log_;
  PeerEpoch current_epoch_;
  PeerEpoch accepted_epoch_;
  wire::QuorumConfig config_;

  // In memory.
  bool up_ = false;
  bool paused_ = false;
  std::uint64_t life_ = 0;   // grows with every start and crash
  std::uint64_t role_ = 0;   // grows whenever the server begins or ends to lead or follow
  std::uint64_t timer_ = 0;  // grows whenever the machine's deadline is read again
  std::unique_ptr<election::Election> machine_;
  bool begun_ = false;  // the machine has been told to look
  std::deque<std::pair<Sid, Packet>> inbox_;
  bool processing_ = false;
  std::deque<std::function<void()>> after_pause_;
  std::optional<Leading> leading_;
  std::optional<Following> following_;
  Instant looks_since_;
};

}  // namespace zkprobe::sim
