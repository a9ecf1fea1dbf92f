// What must hold in every run, by name. README.md says why each one must.
#pragma once

#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "election/election.hpp"
#include "environment.hpp"
#include "wire/notification.hpp"

namespace zkprobe::sim {

namespace invariant {
inline constexpr const char* kOneLeaderPerEpoch = "one-leader-per-epoch";
inline constexpr const char* kSettledServersAgree = "settled-servers-agree";
inline constexpr const char* kDecisionIsBacked = "decision-is-backed";
inline constexpr const char* kNoVoteBelowOwnLog = "no-vote-below-own-log";
inline constexpr const char* kVoteNamesARealLog = "vote-names-a-real-log";
inline constexpr const char* kNoLessAdvancedLeader = "no-less-advanced-leader";
inline constexpr const char* kDecliningNeverLeads = "declining-never-leads";
inline constexpr const char* kZeroWeightNeverLeads = "zero-weight-never-leads";
inline constexpr const char* kObserverNeverLeads = "observer-never-leads";
inline constexpr const char* kCalmElectionPicksBest = "calm-election-picks-best";
inline constexpr const char* kSettlesAfterHealing = "settles-after-healing";
inline constexpr const char* kLeaderStays = "leader-stays";
inline constexpr const char* kMachineContract = "machine-keeps-its-contract";
}  // namespace invariant

struct Violation : std::runtime_error {
  Violation(std::string invariant_name, const std::string& text)
      : std::runtime_error(invariant_name + ": " + text), name(std::move(invariant_name)) {}
  std::string name;
};

class Invariants {
 public:
  explicit Invariants(Environment& env) : env_(env), committed_(env.scenario.committed) {}

  // A machine begins to look, holding this.
  void looks(Sid self, const election::LogPosition& position, const Log& log);
  // A machine put a notification into a slot (its own included) while holding this. What somebody
  // without a vote is told is no vote: the last decision, while a new one is looked for.
  void sends(Sid self, Sid to, const wire::Notification& said,
             const election::LogPosition& position);
  // A machine was stepped with what `from` said.
  void hears(Sid self, Sid from, const wire::Notification& said);
  void decides(Sid self, const election::Decided& decided, bool oracle_says_yes);

  // A quorum follows `leader` in this epoch: all that its log holds is committed.
  void established(Sid leader, PeerEpoch epoch, const Log& log);
  // A quorum has the first `length` zxids of the leader's log on disk.
  void commits(Sid leader, const Log& log, std::size_t length);
  // A server serves in `epoch` under `leader`; its machine's vote says so.
  void settles(Sid self, Sid leader, PeerEpoch epoch, const quorum::CastVote& vote);

  [[noreturn]] void fail(const char* invariant_name, const std::string& text) const;
  const Log& committed() const { return committed_; }

 private:
  // What tells one vote of LOOKING servers from another. 3.3 knows no epoch: 0 there.
  struct Ballot {
    Sid leader;
    Zxid zxid;
    PeerEpoch peer_epoch;
    ElectionRound round;
    auto operator<=>(const Ballot&) const = default;
  };
  struct Heard {
    std::map<Ballot, SidSet> looking;    // who voted so, LOOKING
    std::map<Ballot, SidSet> stands_by;  // who leads or follows by just this vote
    std::map<Sid, SidSet> settled;       // leader -> who follows or leads, by what they say
    SidSet leading;                      // who says of itself that it leads
    std::set<std::pair<Sid, ElectionRound>> leading_in;  // and in which round
  };

  bool epochless(Sid self) const;
  Ballot ballot_of(Sid self, const wire::Notification& said) const;
  void check_backing(Sid self, const Ballot& ballot, bool oracle_says_yes);
  bool everybody_voted(Sid self, const Ballot& ballot) const;
  void check_ballot_log(Sid self, const Ballot& ballot, const SidSet& supporters);

  Environment& env_;
  Log committed_;
  std::map<Sid, Heard> heard_;
  std::map<std::pair<Sid, Ballot>, std::size_t> committed_when_cast_;
  std::map<std::pair<Sid, std::pair<PeerEpoch, Zxid>>, Log> logs_;  // what a position stood for
  std::map<PeerEpoch, Sid> leader_of_;
};

}  // namespace zkprobe::sim
