// One life of a server, once through our Election: what it received goes in, in the order and at
// the times of the capture, and what comes out is compared with what the server sent.
//
// Pure and without randomness: the same script gives the same result. A server is several threads,
// so the order in which it took what came within moments of each other is not on the wire.
// Adjustments say what another order would have done.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "analysis/replay_script.hpp"
#include "wire/quorum_config.hpp"

namespace zkprobe::analysis {

// An answer or a new proposal must show on an open link within so long, unless a newer one takes
// its place. A Java server on a busy machine was seen to need 60 ms.
inline constexpr Duration kPatience = std::chrono::milliseconds(400);

// How the order of events in the server differed from that on the wire.
struct Adjustment {
  enum class Kind : std::uint8_t {
    kLater,           // `step` was taken only after `after`
    kBeforeDeadline,  // `step` was still taken before the wait that ended shortly before it
    kNever,           // `step` was not read: its link was closed
    kLookAt,          // `step` came right before step `after`: it began to look, or took that vote
  };
  Kind kind = Kind::kLater;
  std::size_t step = 0;
  std::size_t after = 0;

  bool operator==(const Adjustment&) const = default;
};

enum class ItemKind : std::uint8_t { kProposal, kAnswer, kDecision };
std::string_view to_string(ItemKind kind);  // "proposal"

// Something that our election and the server did differently.
struct Difference {
  ItemKind kind = ItemKind::kProposal;
  std::size_t step = 0;  // of the life's script
  Sid to;                // whom the vote went to; of a decision: oneself
  std::string server;    // what it did
  std::string ours;      // what our election did
  // Our election sent something that never came.
  bool silence = false;
  // Not every order that might explain it was tried: the life has too many differences.
  bool untried = false;
  // The server had set its state already and not yet its vote: QuorumPeer.setPeerState comes
  // before setCurrentVote, and the receiver's thread answers in between.
  bool old_vote = false;
};

struct RunResult {
  std::vector<Difference> differences;  // in the order of their steps
  std::size_t compared[3] = {};         // by ItemKind
};

// When a run ends early, because nothing that follows can make it a good one.
struct RunLimits {
  std::size_t past = 0;  // a difference at this step, or before it
  std::size_t most = 0;  // so many differences
};

struct RunSettings {
  election::Settings election;
  wire::QuorumConfig config;  // until the server's own votes say another
  Duration capture_end{0};
};

class ReplayRun {
 public:
  using Trace = std::function<void(Duration at, const std::string& line)>;

  ReplayRun(const Tape& tape, const Script& script, const Life& life, RunSettings settings);

  // `accepted`: steps at which a difference is known. There the election is set to what the server
  // said, so that one difference is counted once.
  RunResult run(const std::vector<Adjustment>& adjustments, const std::set<std::size_t>& accepted,
                const Trace& trace = {});
  // The same, but nothing where the limits ended it.
  std::optional<RunResult> attempt(const std::vector<Adjustment>& adjustments,
                                   const std::set<std::size_t>& accepted, const RunLimits& limits);
  // Steps that all runs together played: what they cost.
  std::uint64_t work() const { return work_; }

 private:
  struct Emission {
    Duration at{0};
    std::size_t step = 0;
    wire::Notification word;
    bool answer = false;
    bool repeat = false;  // the same as before, after a wait
  };
  struct Turn {  // a step in the order in which it is played
    std::size_t step = 0;
    Duration at{0};
    bool before_deadline = false;
  };

  // What does not change from run to run: who was told when, and which link was first used when.
  void index_sends();
  // False where the limits ended it.
  bool play_all(const std::vector<Adjustment>& adjustments, const std::set<std::size_t>& accepted);
  std::vector<Turn> order(const std::vector<Adjustment>& adjustments) const;
  void play(const Turn& turn);
  void pass_time(Duration until);
  void step(Duration at, const election::Input& input);
  void look(const ScriptStep& step, Duration at);
  void take(Duration at, const election::Effects& effects, bool timed);
  void receive(const ScriptStep& step, Duration at);
  void compare_sent(const ScriptStep& step);
  void compare_decision(const ScriptStep& step);
  void learn_config(const wire::Notification& word, Duration at);
  void set_to(const ScriptStep& step);
  void stand(Duration at, const Standing& standing);
  void hear(Duration at, Sid from, const Standing& standing, wire::ServerState state);
  bool restarted_clock(const ScriptStep& step) const;
  bool is_old_vote(const wire::Notification& word) const;
  bool heard(const Emission& emission, Sid to) const;
  bool link_stays_up(Sid peer, Duration from) const;
  void find_silences();
  void differ(ItemKind kind, Sid to, std::string server, std::string ours, bool silence,
              std::size_t at);
  const TapeEvent& event(const ScriptStep& step) const { return tape_.events[step.event]; }
  std::string standing_text() const;

  const Tape& tape_;
  const Script& script_;
  const Life& life_;
  const RunSettings settings_;
  std::map<Sid, std::vector<std::size_t>> sends_;  // steps, by whom they told
  std::map<std::size_t, Duration> spoke_on_;       // when the server first spoke on a link
  std::uint64_t work_ = 0;

  std::optional<election::Election> election_;
  std::map<Sid, std::vector<Emission>> sent_;
  std::map<Sid, std::size_t> matched_;  // emissions before it were seen on the wire, or replaced
  std::vector<Bytes> to_self_;
  struct Waiting {
    Sid from;
    Bytes payload;
  };
  std::vector<Waiting> waiting_;  // votes that came before the first look
  bool before_look_ = false;
  std::string config_text_;
  election::LogPosition own_;
  quorum::Vote previous_;  // the vote before this election: the last one, or its own
  std::size_t now_step_ = 0;
  const std::set<std::size_t>* accepted_ = nullptr;
  const Trace* trace_ = nullptr;
  const RunLimits* limits_ = nullptr;
  bool limited_ = false;
  RunResult result_;
};

}  // namespace zkprobe::analysis
