// Fast Leader Election as a pure machine: events in, effects out. It is both threads of Java at
// once, the loop of FastLeaderElection.lookForLeader and the answers of WorkerReceiver.run.
//
// The caller tells the time with every step, calls step(TimePassed) when deadline() has come, and
// does what the effects say, in order.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "base/release.hpp"
#include "base/time.hpp"
#include "quorum/quorum_verifier.hpp"
#include "quorum/vote.hpp"
#include "wire/dialect.hpp"
#include "wire/notification.hpp"
#include "wire/quorum_config.hpp"

namespace zkprobe::election {

// FastLeaderElection.finalizeWait, minNotificationInterval, maxNotificationInterval.
inline constexpr Duration kFinalizeWait = std::chrono::milliseconds(200);
inline constexpr Duration kMinNotificationInterval = std::chrono::milliseconds(200);
inline constexpr Duration kMaxNotificationInterval = std::chrono::milliseconds(60'000);

struct Settings {
  Sid self;
  wire::Dialect dialect;  // what is sent, how it is read, and the rules of that release
  wire::LearnerType learner_type = wire::LearnerType::kParticipant;
  // 3.5.3 and later: whether a newer configuration in a notification is adopted.
  bool reconfig_enabled = false;
  Duration min_interval = kMinNotificationInterval;
  Duration max_interval = kMaxNotificationInterval;
  // Never offers itself, supports only candidates that hold what it holds: for a voter that could
  // not serve as leader (src/election/README.md, rules a to d).
  bool declines = false;
};

// Where this server's log stands: what it offers, or judges others by when it declines.
struct LogPosition {
  Zxid last_zxid;        // last logged zxid
  PeerEpoch peer_epoch;  // currentEpoch

  bool operator==(const LogPosition&) const = default;
};

// ---- events -----------------------------------------------------------------------------------
// Starts looking for a leader (lookForLeader): the next round begins.
struct Look {
  LogPosition own;
};
// A payload came from `from`, over its link. The machine reads it as the dialect says.
struct Received {
  Sid from;
  Bytes payload;
};
// deadline() has come, or a step without news. have_delivered: QuorumCnxManager.haveDelivered, any
// send slot is empty.
struct TimePassed {
  bool have_delivered = true;
};
// The epoch of the established leader is known (QuorumPeer.updateElectionVote, 3.4.6 and later):
// the current vote speaks for it from now on.
struct EpochSettled {
  PeerEpoch epoch;
};
// The configurations that the server holds changed (a reconfig, NEWLEADER).
struct ConfigChanged {
  wire::QuorumConfig committed;
  std::optional<wire::QuorumConfig> last_seen;
};
// The oracle file was read again.
struct OracleRead {
  bool says_yes = false;
  bool needed = true;
};
using Input = std::variant<Look, Received, TimePassed, EpochSettled, ConfigChanged, OracleRead>;

// ---- effects ----------------------------------------------------------------------------------
// Put into the send slot of `to`; also to oneself, which the caller hands back as Received from
// self without a socket (QuorumCnxManager.toSend).
struct Send {
  Sid to;
  wire::Notification notification;
  Bytes payload;
};
// Nothing was heard and nothing could be delivered: dial everyone that has a send slot.
struct ConnectAll {};
// The election is over. state is LEADING, FOLLOWING or OBSERVING.
struct Decided {
  wire::ServerState state;
  quorum::CastVote vote;
};
// A notification carried a newer configuration while LOOKING (ZOOKEEPER-2212): it becomes the
// committed one. restart: it differs from the old one, so Java tears the election and all its
// links down and begins anew; the caller does so too and steps Look again.
struct AdoptConfig {
  wire::QuorumConfig config;
  bool persist = false;  // false where reconfig is disabled: the election restarts all the same
  bool restart = false;
};
// What happened and why, for people and logs. `text` has no line end.
struct Report {
  enum class Kind { kRound, kProposal, kAnswer, kIgnored, kQuorum, kDecided, kDeclined, kBytes };
  Kind kind;
  Sid about;  // the sender concerned, or oneself
  std::string text;
};
using Effect = std::variant<Send, ConnectAll, Decided, AdoptConfig, Report>;
using Effects = std::vector<Effect>;

class Election {
 public:
  Election(Settings settings, wire::QuorumConfig committed,
           std::optional<wire::QuorumConfig> last_seen = std::nullopt);

  Effects step(Instant now, const Input& input);

  // When step(TimePassed) is due; nothing when not LOOKING.
  std::optional<Instant> deadline() const;

  wire::ServerState state() const;
  // LOOKING: the proposal; otherwise the vote that was decided on.
  quorum::CastVote current_vote() const;
  ElectionRound round() const;  // logicalclock
  const quorum::QuorumVerifier& verifier() const;
  // Everyone that notifications go to: voters of the committed and of the last-seen configuration.
  quorum::SidSet audience() const;
};

}  // namespace zkprobe::election
