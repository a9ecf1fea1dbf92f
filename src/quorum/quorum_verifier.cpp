#include "quorum/quorum_verifier.hpp"

#include <algorithm>
#include <utility>

namespace zkprobe::quorum {

namespace {

// Weights come from a peer: sums wrap as Java's do.
std::int64_t add(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

std::map<Sid, std::int64_t> weights_of(const wire::QuorumConfig& config) {
  std::map<Sid, std::int64_t> weights;
  for (const Sid sid : config.voters()) weights[sid] = 1;
  for (const auto& [sid, weight] : config.weights) weights[sid] = weight;
  return weights;
}

std::map<std::int64_t, SidSet> groups_of(const wire::QuorumConfig& config) {
  std::map<std::int64_t, SidSet> groups;
  for (const auto& [group, members] : config.groups) {
    groups[group].insert(members.begin(), members.end());
  }
  return groups;
}

bool same_addresses(const wire::QuorumServer& a, const wire::QuorumServer& b) {
  return a.addresses.size() == b.addresses.size() &&
         std::is_permutation(a.addresses.begin(), a.addresses.end(), b.addresses.begin());
}

bool same_members(const wire::QuorumConfig& a, const wire::QuorumConfig& b) {
  if (a.servers.size() != b.servers.size()) return false;
  return std::all_of(a.servers.begin(), a.servers.end(), [&b](const wire::QuorumServer& server) {
    const wire::QuorumServer* other = b.find(server.sid);
    return other != nullptr && server.type == other->type && same_addresses(server, *other) &&
           server.client == other->client;
  });
}

}  // namespace

QuorumVerifier::QuorumVerifier(wire::QuorumConfig config) : config_(std::move(config)) {
  const std::vector<Sid> voters = config_.voters();
  voters_.insert(voters.begin(), voters.end());
  if (!is_hierarchical()) return;
  weights_ = weights_of(config_);
  groups_ = groups_of(config_);
}

std::int64_t QuorumVerifier::weight(Sid sid) const {
  if (!is_hierarchical()) return 1;
  const auto found = weights_.find(sid);
  return found == weights_.end() ? 0 : found->second;
}

bool QuorumVerifier::contains_quorum(const SidSet& acks) const {
  if (is_hierarchical()) return wins_groups(acks);
  const auto won =
      std::count_if(acks.begin(), acks.end(), [this](Sid sid) { return voters_.contains(sid); });
  if (static_cast<std::size_t>(won) > voters_.size() / 2) return true;
  return config_.oracle && voters_.size() <= 2 && oracle_needed_ && oracle_says_yes_;
}

void QuorumVerifier::set_oracle(bool says_yes, bool needed) {
  oracle_says_yes_ = says_yes;
  oracle_needed_ = needed;
}

std::int64_t QuorumVerifier::weight_in(const SidSet& group, const SidSet* acks) const {
  std::int64_t sum = 0;
  for (const Sid sid : group) {
    if (acks == nullptr || (acks->contains(sid) && is_voter(sid))) sum = add(sum, weight(sid));
  }
  return sum;
}

bool QuorumVerifier::wins_groups(const SidSet& acks) const {
  std::size_t counted = 0;
  std::size_t won = 0;
  for (const auto& [group, members] : groups_) {
    const std::int64_t all = weight_in(members, nullptr);
    if (all == 0) continue;
    ++counted;
    if (weight_in(members, &acks) > all / 2) ++won;
  }
  return won > counted / 2;
}

bool same_config(const wire::QuorumConfig& a, const wire::QuorumConfig& b) {
  // A verifier of another class never equals this one in Java.
  if (a.oracle != b.oracle) return false;
  if (!a.oracle && a.hierarchical() != b.hierarchical()) return false;
  if (a.version == b.version) return true;
  if (!same_members(a, b)) return false;
  return a.oracle || (weights_of(a) == weights_of(b) && groups_of(a) == groups_of(b));
}

}  // namespace zkprobe::quorum
