// Finds the elections of a recording: when servers began to look, what each proposed and why, when
// it knew a quorum, and what it decided.
#pragma once

#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

#include "analysis/ballot.hpp"
#include "analysis/election.hpp"
#include "analysis/lives.hpp"
#include "analysis/roster.hpp"

namespace zkprobe::analysis {

class ElectionReader {
 public:
  ElectionReader(const Recording& recording, const Roster& roster);

  std::vector<Election> read();
  // Elections that were only counted.
  std::uint64_t untold() const { return untold_; }

 private:
  enum class State { kUnknown, kLooking, kDecided };
  struct Live {  // a server while the records pass by
    State state = State::kUnknown;
    bool seen = false;                                     // it told a round
    wire::ServerState role = wire::ServerState::kLooking;  // once decided
    std::size_t election = 0;                              // place in elections_
    Place since;                                           // of the state
    ElectionRound round;
    std::vector<Position> last;  // of its last election
    Ballot ballot;
  };

  void vote(RecordIndex index, const Record& record, Sid sender);
  void packet(RecordIndex index, const Record& record, Sid sender);
  void looks(RecordIndex index, const Record& record, Sid sender, Live& live);
  void begin(RecordIndex index, const Record& record, Sid sender, Live& live, bool restarted);
  void propose(RecordIndex index, const Record& record, Live& live, Tale& tale, bool restarted);
  void decide(RecordIndex index, Sid sid, Decision decision);
  void receive(RecordIndex index, const Record& record, Sid receiver, Sid sender);
  void look_for_quorum(RecordIndex index, Live& live, Tale& tale);
  // Since `live.since`, its process ended: the packet of its last connection's end.
  std::optional<std::uint64_t> restarted(const Live& live, Sid sid, const Record& record) const;
  // Its last message, which every new link brings first, from before the capture began: a server
  // that serves says so within moments.
  bool repeats_unseen_one(RecordIndex index, const Record& record, Sid sender) const;
  void forget_life_before(Live& live, std::uint64_t end);
  // It belongs to the election under way, in which it has not decided yet.
  bool joins_open_one(Sid sender) const;
  Election& open_election(RecordIndex index, const Record& record, Sid sender);
  void finish();

  const Recording& recording_;
  const Roster& roster_;
  Lives lives_;
  std::vector<RecordIndex> first_votes_[2];  // by Side of the sender, by stream
  std::vector<Election> elections_;
  std::unordered_map<Sid, Live> servers_;
  std::optional<std::size_t> open_;  // the election under way
  std::optional<Sid> leading_;       // who leads
  std::uint64_t untold_ = 0;
  bool full_ = false;
};

}  // namespace zkprobe::analysis
