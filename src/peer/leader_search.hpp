// Finds out from servers' votes who leads, from a few addresses on: whom to ask, what the answers
// say, and which ids are seats. Pure; net/leader_finder.hpp asks.
//
// A round asks every address given, then every member that an answer's configuration names. An
// answer of LEADING ends it, and so does a quorum of followers that name one leader of one epoch:
// a member that is silent holds nobody up. Otherwise, when all have answered or failed, the leader
// that most followers name counts. Each answer is a fresh vote (vote_query.hpp), but its sender may
// not have noticed yet that its leader is gone: whoever attaches must be ready to search again.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "peer/vote_query.hpp"
#include "wire/quorum_config.hpp"

namespace zkprobe::peer {

struct FoundLeader {
  Sid sid;
  // Of its learner port, at least one.
  std::vector<wire::HostPort> learner_addresses;
  ElectionRound round;
  PeerEpoch peer_epoch;
  std::string said_by;  // the election address that said so

  bool operator==(const FoundLeader&) const = default;
};

class LeaderSearch {
 public:
  // Addresses asked in one round; members of a configuration beyond them are not.
  static constexpr std::size_t kMaxAsked = 64;
  // Ids and election addresses that are remembered over all configurations. Once there are more,
  // the next configuration makes those of earlier ones be forgotten.
  static constexpr std::size_t kMaxSeats = 8'192;
  static constexpr std::size_t kMaxElectionAddresses = 16'384;

  explicit LeaderSearch(std::vector<wire::HostPort> seeds);

  // A new round: whom to ask. Members that earlier rounds learnt are asked too.
  std::vector<wire::HostPort> begin_round();
  // What came of one question; whom to ask besides.
  std::vector<wire::HostPort> answered(const wire::HostPort& address, const VoteAnswer& answer);
  void failed(const wire::HostPort& address, const QueryFailure& failure);

  // A server that says itself that it leads, else the one that a quorum follows; at the end of the
  // round the one most named.
  std::optional<FoundLeader> found() const;
  bool round_over() const { return open_ == 0; }

  // Of this round.
  bool anyone_answered() const { return !answers_.empty(); }
  // One line: why found() is empty.
  std::string why_none() const;
  // Answers came, none had a configuration (3.4 and older name no members, nor does anybody whose
  // answers are read as those releases read them), and no earlier one did either: a server that
  // answers so in a mixed ensemble is one that does not help for now.
  bool without_configuration() const;
  std::string why_without_configuration() const;

  // "server.3=zk3:2888:3888:participant", as the last configuration that names the id has it;
  // nothing where none of any round does.
  std::optional<std::string> seat_of(Sid sid) const;
  void note_config(const wire::QuorumConfig& config);
  // What zoo.cfg says, for answers without a configuration (3.4 and older).
  void assume(const wire::QuorumConfig& config);
  // The server whose election address this is; nothing where no configuration says so.
  std::optional<Sid> sid_at(const wire::HostPort& address) const;

 private:
  struct Answer {
    wire::HostPort from;
    VoteAnswer answer;
  };

  std::optional<FoundLeader> leader_of(const Answer& said) const;
  // Whether the servers that answered FOLLOWING as `said` did are a quorum of its configuration.
  bool quorum_follows(const Answer& said) const;

  const std::vector<wire::HostPort> seeds_;
  std::optional<wire::QuorumConfig> assumed_;
  ConfigVersion newest_;                 // of the configurations of all rounds
  std::vector<wire::HostPort> members_;  // its election addresses
  std::map<std::int64_t, std::string> seats_;
  std::map<std::string, Sid> election_addresses_;

  std::set<std::string> asked_;
  std::size_t open_ = 0;
  std::vector<Answer> answers_;
  std::optional<FoundLeader> followed_;  // by a quorum
  std::string failures_;
};

}  // namespace zkprobe::peer
