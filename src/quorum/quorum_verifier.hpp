// Who may vote, with what weight, and which sets of servers are a quorum.
// Java: QuorumMaj, QuorumHierarchical, QuorumOracleMaj
// (org.apache.zookeeper.server.quorum.flexible).
#pragma once

#include <cstdint>
#include <map>
#include <set>

#include "base/ids.hpp"
#include "wire/quorum_config.hpp"

namespace zkprobe::quorum {

using SidSet = std::set<Sid>;

class QuorumVerifier {
 public:
  // Majority, hierarchical where groups or weights are given, oracle where the config says so.
  explicit QuorumVerifier(wire::QuorumConfig config);

  const wire::QuorumConfig& config() const { return config_; }
  ConfigVersion version() const { return config_.version; }
  const SidSet& voters() const { return voters_; }
  bool is_voter(Sid sid) const { return voters_.contains(sid); }
  bool is_member(Sid sid) const { return config_.find(sid) != nullptr; }
  // 1 for every id under majority; 0 for an id without a weight under hierarchical quorums.
  std::int64_t weight(Sid sid) const;
  // Ids that are no voters do not count.
  bool contains_quorum(const SidSet& acks) const;

  // The oracle (3.8.0 and later). What the file said when the driver read it last: its first
  // character is '1'. needed: QuorumOracleMaj.needOracle.
  void set_oracle(bool says_yes, bool needed);
  bool oracle_says_yes() const { return oracle_says_yes_; }
  bool oracle_needed() const { return oracle_needed_; }

 private:
  // QuorumOracleMaj knows no groups: an oracle makes any configuration a majority one.
  bool is_hierarchical() const { return config_.hierarchical() && !config_.oracle; }
  // The weights of a group together; with acks only of those in both. Wraps as Java's long does.
  std::int64_t weight_in(const SidSet& group, const SidSet* acks) const;
  // More than half of the groups (those of weight zero apart) by more than half of their weight.
  bool wins_groups(const SidSet& acks) const;

  wire::QuorumConfig config_;
  SidSet voters_;
  std::map<Sid, std::int64_t> weights_;
  std::map<std::int64_t, SidSet> groups_;
  bool oracle_says_yes_ = false;
  bool oracle_needed_ = true;
};

// QuorumVerifier.equals: the same version, or the same members with the same type and addresses
// and the same groups and weights.
bool same_config(const wire::QuorumConfig& a, const wire::QuorumConfig& b);

}  // namespace zkprobe::quorum
