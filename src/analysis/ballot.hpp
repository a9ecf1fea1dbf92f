// What one server knows of the others' votes: what reached it, in order.
#pragma once

#include <map>
#include <optional>
#include <tuple>
#include <vector>

#include "analysis/recording.hpp"
#include "quorum/quorum_verifier.hpp"

namespace zkprobe::analysis {

class Ballot {
 public:
  struct Known {
    quorum::Vote vote;
    ElectionRound round;
    wire::ServerState state = wire::ServerState::kLooking;
    RecordIndex record = 0;
  };

  // A vote arrived. `own`: the record with which the server took its present position.
  void add(Sid from, const Record& record, RecordIndex index, RecordIndex own);
  // The message that brought this vote: the first since the server's last position, else the last
  // one before it.
  std::optional<RecordIndex> who_brought(const quorum::Vote& vote) const;
  // Who agrees with this proposal in this round; the server itself is not among them.
  quorum::SidSet agreeing(const quorum::Vote& vote, ElectionRound round) const;
  // Who follows or leads under this leader, it among them, as said since clear().
  quorum::SidSet established(Sid leader) const;
  // Who says LEADING, as said since clear().
  std::optional<Sid> leader() const;
  // The server was started anew: what arrived before this record is gone.
  void forget_before(RecordIndex record);
  void clear() { known_.clear(), brought_.clear(); }

 private:
  static constexpr std::size_t kMaxVotes = 4'096;

  struct Brought {
    RecordIndex first = 0;  // since the server's last position
    RecordIndex last = 0;
  };

  std::map<Sid, Known> known_;
  std::map<quorum::Vote, Brought> brought_;
};

}  // namespace zkprobe::analysis
