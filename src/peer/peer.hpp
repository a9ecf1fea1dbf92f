// What a server is: the loop around its election, as a pure machine. LOOKING until a leader is
// decided on, then FOLLOWING, OBSERVING or LEADING until that ends, then LOOKING again.
// Java: QuorumPeer.run, without the three main classes that it hands over to.
//
// After the decision one of two things keeps the role:
//   election-only   the leader is asked every tick whether it still leads (leader_watch.hpp), and a
//                   leader stays one while a quorum asks (support_watch.hpp). No data is followed.
//   by a learner    the caller follows the leader's learner port and says how that goes: Synced,
//                   LeaderLost.
// An attempt that fails is followed by a pause of 100 ms, doubling up to 5 s; a role that was
// confirmed once ends without a pause. What comes during a pause waits for its end.
//
// Who follows hears of the next election before it has lost its leader: a voter's vote of a newer
// round, which it answers as Java does. The latest of each voter goes into the election that
// follows, if it is not older than syncLimit ticks; Java forgets it, and hears it again only when
// the voter's own timer runs out, after up to a minute.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/ids.hpp"
#include "base/time.hpp"
#include "election/election.hpp"
#include "peer/leader_watch.hpp"
#include "peer/support_watch.hpp"
#include "wire/quorum_config.hpp"

namespace zkprobe::peer {

inline constexpr Duration kFirstPause = std::chrono::milliseconds(100);
inline constexpr Duration kLongestPause = std::chrono::seconds(5);
// Senders whose latest message waits for the end of a pause. Those of more are dropped.
inline constexpr std::size_t kMaxWaiting = 256;

struct PeerSettings {
  election::Settings election;
  Duration tick = std::chrono::seconds(2);
  std::int32_t init_limit = 10;  // ticks; both positive
  std::int32_t sync_limit = 5;
  election::LogPosition log;
  // A learner machine follows the leader; the role of the LEADING peer is election-only always.
  bool has_learner = false;
};

// ---- events -----------------------------------------------------------------------------------
struct Start {};  // and after RestartLinks has been done
using election::ConfigChanged;
using election::OracleRead;
using election::Received;
using election::TimePassed;
// The learner is in sync with the leader, which leads this epoch.
struct Synced {
  PeerEpoch epoch;
};
// The learner lost the leader, or could not join it.
struct LeaderLost {
  std::string why;
};
// Where the log stands now: what the next election offers.
struct LogMoved {
  election::LogPosition log;
};
using Input = std::variant<Start, Received, TimePassed, Synced, LeaderLost, LogMoved, ConfigChanged,
                           OracleRead>;

// ---- effects ----------------------------------------------------------------------------------
using election::ConnectAll;
using election::Heard;
using election::Report;
using election::Send;
struct StateChanged {
  wire::ServerState from = wire::ServerState::kLooking;
  wire::ServerState to = wire::ServerState::kLooking;
  std::optional<Sid> leader;  // nothing while LOOKING
  ElectionRound round;
  PeerEpoch peer_epoch;
  std::string why;  // for people
};
// The established leader leads this epoch: its vote speaks for it from now on.
struct Established {
  Sid leader;
  PeerEpoch epoch;
  bool renewed = false;  // the vote was of another epoch until now
};
// A newer configuration was taken, or makes the election begin anew (QuorumPeer.run,
// shuttingDownLE): every link is torn down, the links of `committed` are set up, then Start.
struct RestartLinks {
  wire::QuorumConfig committed;
  std::optional<wire::QuorumConfig> last_seen;
};
// A newer configuration was taken and the links stay.
struct ConfigTaken {
  wire::QuorumConfig committed;
};
using Effect = std::variant<Send, ConnectAll, Heard, Report, StateChanged, Established,
                            RestartLinks, ConfigTaken>;
using Effects = std::vector<Effect>;

class Peer {
 public:
  Peer(PeerSettings settings, wire::QuorumConfig committed,
       std::optional<wire::QuorumConfig> last_seen = std::nullopt);

  Effects step(Instant now, const Input& input);

  // When step(TimePassed) is due; nothing before the first Start.
  std::optional<Instant> deadline() const;

  wire::ServerState state() const { return state_; }
  // Nothing while LOOKING.
  std::optional<Sid> leader() const;
  quorum::CastVote current_vote() const { return election_.current_vote(); }
  const wire::QuorumConfig& config() const { return committed_; }
  const quorum::QuorumVerifier& verifier() const { return election_.verifier(); }

 private:
  struct Step {
    Instant now;
    Effects effects;
  };

  void on(Step& step, const Start& start);
  void on(Step& step, const Received& received);
  void on(Step& step, const TimePassed& passed);
  void on(Step& step, const Synced& synced);
  void on(Step& step, const LeaderLost& lost);
  void on(Step& step, const LogMoved& moved);
  void on(Step& step, const ConfigChanged& changed);
  void on(Step& step, const OracleRead& read);

  void run_election(Step& step, const election::Input& input);
  void take(Step& step, const election::Decided& decided);
  void take(Step& step, const election::AdoptConfig& adopt);
  void take(Step& step, const election::Heard& heard);

  void look(Step& step);
  void lose_role(Step& step, const std::string& why);
  void wait(Sid from, const Bytes& payload);
  void begin_pause(Step& step);
  void settle_epoch(Step& step, PeerEpoch epoch);
  void change_state(Step& step, wire::ServerState to, std::string why);
  void heard_from_leader(Step& step, const wire::Notification& notification);
  void heard_question(Step& step, Sid from);
  void establish(Step& step);
  Duration patience() const { return settings_.tick * settings_.sync_limit; }

  PeerSettings settings_;
  wire::QuorumConfig committed_;
  std::optional<wire::QuorumConfig> last_seen_;
  election::Election election_;

  wire::ServerState state_ = wire::ServerState::kLooking;
  bool started_ = false;
  std::optional<PeerEpoch> settled_;         // the epoch of the present role, once it was confirmed
  std::optional<LeaderWatch> leader_watch_;  // FOLLOWING, OBSERVING without a learner
  std::optional<SupportWatch> support_watch_;  // LEADING
  PeerEpoch highest_epoch_;                    // heard in votes of this or an earlier election

  std::optional<std::string> loss_;  // found in the middle of a step; the role ends with the step

  std::optional<Instant> pause_end_;
  Duration next_pause_ = kFirstPause;
  std::map<Sid, Bytes> waiting_;  // the latest of each sender

  struct Missed {
    Instant heard;
    Bytes payload;
  };
  std::map<Sid, Missed> missed_;  // voters that look in a newer round, while we follow
  bool looks_anew_ = false;       // the message in hand is such a vote
};

}  // namespace zkprobe::peer
