// Fast Leader Election as a pure machine: events in, effects out. It is both threads of Java at
// once, the loop of FastLeaderElection.lookForLeader and the answers of WorkerReceiver.run.
//
// The caller tells the time with every step, calls step(TimePassed) when deadline() has come, and
// does what the effects say, in order. Before the first Look, and after an AdoptConfig with
// `restart` until the next one, what is received is dropped.
//
// How it works and what differs between releases: README.md beside this file.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "base/release.hpp"
#include "base/time.hpp"
#include "election/rules.hpp"
#include "quorum/quorum_verifier.hpp"
#include "quorum/tally.hpp"
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
  // Until a configuration that names `self` says otherwise (ConfigChanged, AdoptConfig).
  wire::LearnerType learner_type = wire::LearnerType::kParticipant;
  // 3.5.3 and later: whether a newer configuration in a notification is adopted.
  bool reconfig_enabled = false;
  Duration min_interval = kMinNotificationInterval;
  Duration max_interval = kMaxNotificationInterval;
  // Never offers itself, supports only candidates that hold what it holds: for a voter that could
  // not serve as leader (src/election/README.md, rules a to d). An observer proposes and supports
  // as ever, until a configuration makes it a participant.
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
// The configurations that the server holds changed (a reconfig, NEWLEADER). last_seen counts while
// its version is higher than committed's, and from 3.5.9 and 3.6.2 on only where reconfig is
// enabled (ZOOKEEPER-3829).
struct ConfigChanged {
  wire::QuorumConfig committed;
  std::optional<wire::QuorumConfig> last_seen;
};
// The oracle file was read again.
struct OracleRead {
  bool says_yes = false;
  bool needed = true;
};
// Asks the server that we follow whether it still leads: one Send to it, with state LOOKING, that
// can change nothing there: round 0 is below every clock and the vote below every other. A server
// of any release that leads or follows answers with its vote, one that looks with its proposal;
// the answer comes back as Heard. Does nothing unless FOLLOWING or OBSERVING.
struct AskLeader {};
using Input =
    std::variant<Look, Received, TimePassed, EpochSettled, ConfigChanged, OracleRead, AskLeader>;

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
// A well-formed notification came in; for records, and for the answer to AskLeader. Comes before
// the effects that follow from it.
struct Heard {
  Sid from;
  wire::Notification notification;
};
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
  enum class Kind {
    kRound,     // a round begins, or a higher one was taken over
    kProposal,  // the proposal changed
    kAnswer,    // the sender is answered
    kIgnored,   // a message has no effect, and why
    kQuorum,    // a quorum agrees with the proposal; or no longer waits
    kDecided,
    kDeclined,  // a declining voter abstains
    kConfig,    // a configuration was taken, or was not, and why
    kBytes,     // a payload that is no notification
  };
  Kind kind;
  Sid about;  // the sender concerned, or oneself
  std::string text;
};
using Effect = std::variant<Send, ConnectAll, Heard, Decided, AdoptConfig, Report>;
using Effects = std::vector<Effect>;

class Election {
 public:
  Election(Settings settings, wire::QuorumConfig committed,
           std::optional<wire::QuorumConfig> last_seen = std::nullopt);

  Effects step(Instant now, const Input& input);

  // When step(TimePassed) is due; nothing when not LOOKING.
  std::optional<Instant> deadline() const;

  wire::ServerState state() const { return state_; }
  // LOOKING: the proposal; otherwise the vote that was decided on.
  quorum::CastVote current_vote() const;
  ElectionRound round() const { return round_; }  // logicalclock
  const quorum::QuorumVerifier& verifier() const { return committed_; }
  // Everyone that notifications go to: voters of the committed and of the last-seen configuration.
  quorum::SidSet audience() const;

 private:
  using Votes = std::map<Sid, quorum::CastVote>;

  // Where lookForLeader stands.
  enum class Phase {
    kIdle,      // not in it: nothing was looked for yet, or the election is over
    kPolling,   // waiting for notifications
    kSettling,  // a quorum agrees; waiting whether a better vote comes
  };

  // One call of step: what time it is, and what is to be done.
  struct Step {
    Instant now;
    Effects effects;
  };

  // election.cpp: the events
  void on(Step& step, const Look& look);
  void on(Step& step, const Received& received);
  void on(Step& step, const TimePassed& passed);
  void on(Step& step, const EpochSettled& settled);
  void on(Step& step, const ConfigChanged& changed);
  void on(Step& step, const OracleRead& read);
  void on(Step& step, const AskLeader& ask);

  // receiver.cpp: WorkerReceiver.run
  void receive(Step& step, Sid from, const wire::Notification& notification);
  void answer_stranger(Step& step, Sid to);
  void answer_lagging(Step& step, Sid to, ElectionRound their_round);
  void answer_looking(Step& step, Sid to, std::int32_t version);
  // configuration.cpp. True if the election restarts.
  bool consider_config(Step& step, Sid from, const std::string& text);
  bool take_config(Step& step, Sid from, wire::QuorumConfig config);
  void hold_config(wire::QuorumConfig committed, std::optional<wire::QuorumConfig> last_seen);
  void update_learner_type();

  // looking.cpp: lookForLeader
  void consider(Step& step, Sid from, const wire::Notification& notification);
  bool settles_on(Step& step, Sid from, const quorum::Vote& vote);
  void consider_looking(Step& step, Sid from, const quorum::CastVote& cast);
  bool follow_round(Step& step, Sid from, const quorum::CastVote& cast);
  void check_quorum(Step& step);
  void recheck_with_oracle(Step& step);
  void restart_poll(Instant now) { deadline_ = now + interval_; }
  // established.cpp: the branches for FOLLOWING and LEADING
  void consider_established(Step& step, Sid from, const quorum::CastVote& cast);
  bool accept_in_round(Step& step, Sid from, const quorum::CastVote& cast);
  bool accept_in_any_round(Step& step, Sid from, const quorum::CastVote& cast);
  bool accept_by_oracle(Step& step, Sid from, const quorum::CastVote& cast);
  bool leader_confirmed(const Votes& votes, const quorum::CastVote& cast) const;
  void conclude(Step& step, const quorum::CastVote& cast);

  // Votes and who may have them
  bool declines() const;
  quorum::Vote initial_proposal() const;
  quorum::Vote first_vote() const;
  bool may_lead(const quorum::Vote& candidate) const;
  bool supports(const quorum::Vote& candidate) const;
  bool wins(const quorum::Vote& challenger, const quorum::Vote& current) const;
  void abstain_from(Step& step, Sid from, const quorum::Vote& candidate);
  quorum::Tally tally(const Votes& votes, const quorum::CastVote& vote) const;
  quorum::SidSet agreeing(const Votes& votes, const quorum::CastVote& vote) const;
  bool is_voter(Sid sid) const;
  bool is_member(Sid sid) const;

  // Sending
  wire::Notification notification(wire::ServerState state, const quorum::Vote& vote,
                                  ElectionRound round) const;
  void send(Step& step, Sid to, wire::Notification notification) const;
  void notify_all(Step& step) const;
  void report(Step& step, Report::Kind kind, Sid about, std::string text) const;

  Settings settings_;
  Rules rules_;
  quorum::QuorumVerifier committed_;
  std::string committed_text_;  // as notifications carry it; who sends the same is not parsed
  std::optional<quorum::QuorumVerifier> last_seen_;  // only with a higher version

  wire::ServerState state_ = wire::ServerState::kLooking;
  ElectionRound round_;
  // QuorumPeer.currentVote: what the last election decided; nothing before the first Look.
  std::optional<quorum::CastVote> current_;
  // QuorumPeer.bcVote: the current vote before its epoch was settled (3.4.6 to 3.4.14).
  std::optional<quorum::Vote> before_epoch_;

  // One lookForLeader.
  Phase phase_ = Phase::kIdle;
  LogPosition own_;
  quorum::Vote proposal_;
  Votes received_;              // recvset
  Votes established_;           // outofelection
  quorum::SidSet last_agreed_;  // voteSet: who agreed when the quorum was last looked at
  std::map<Sid, quorum::Vote> abstained_from_;
  Duration interval_{0};
  Instant deadline_;
};

}  // namespace zkprobe::election
