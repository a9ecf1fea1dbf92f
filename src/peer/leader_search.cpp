#include "peer/leader_search.hpp"

#include <algorithm>

#include "quorum/quorum_verifier.hpp"

namespace zkprobe::peer {

using wire::HostPort;
using wire::ServerState;

LeaderSearch::LeaderSearch(std::vector<HostPort> seeds) : seeds_(std::move(seeds)) {}

std::vector<HostPort> LeaderSearch::begin_round() {
  asked_.clear();
  answers_.clear();
  failures_.clear();
  followed_.reset();
  std::vector<HostPort> ask;
  for (const std::vector<HostPort>& list : {seeds_, members_}) {
    for (const HostPort& address : list) {
      if (asked_.size() < kMaxAsked && asked_.insert(to_string(address)).second) {
        ask.push_back(address);
      }
    }
  }
  open_ = ask.size();
  return ask;
}

std::vector<HostPort> LeaderSearch::answered(const HostPort& address, const VoteAnswer& answer) {
  --open_;
  answers_.push_back({address, answer});
  std::vector<HostPort> ask;
  if (answer.config) {
    note_config(*answer.config);
  } else if (assumed_ && !answer.config_error) {
    answers_.back().answer.config = assumed_;
  } else {
    return ask;
  }
  if (!followed_ && quorum_follows(answers_.back())) followed_ = leader_of(answers_.back());
  for (const HostPort& member : members_) {
    if (asked_.size() < kMaxAsked && asked_.insert(to_string(member)).second) {
      ask.push_back(member);
    }
  }
  open_ += ask.size();
  return ask;
}

void LeaderSearch::failed(const HostPort& address, const QueryFailure& failure) {
  --open_;
  const std::string place = to_string(address) + ": ";
  failures_ += (failures_.empty() ? "" : ", ") +
               (failure.text.starts_with(place) ? failure.text : place + failure.text);
}

void LeaderSearch::assume(const wire::QuorumConfig& config) {
  note_config(config);
  assumed_ = config;
}

// The members of the newest configuration are asked from now on; ids of all of them stay taken.
void LeaderSearch::note_config(const wire::QuorumConfig& config) {
  const bool newest = config.version >= newest_;
  if (newest) {
    newest_ = config.version;
    members_.clear();
  }
  if (seats_.size() > kMaxSeats) seats_.clear();
  if (election_addresses_.size() > kMaxElectionAddresses) election_addresses_.clear();
  for (const wire::QuorumServer& server : config.servers) {
    seats_[server.sid.value] = "server." + to_string(server.sid) + "=" + to_text(server);
    for (const wire::ServerAddress& address : server.addresses) {
      const HostPort election{address.host, address.election_port};
      if (is_wildcard(election)) continue;
      if (newest) members_.push_back(election);
      election_addresses_[to_string(election)] = server.sid;
    }
  }
}

std::optional<FoundLeader> LeaderSearch::leader_of(const Answer& said) const {
  const wire::Notification& vote = said.answer.notification;
  if (vote.state == ServerState::kLooking || !said.answer.config) return std::nullopt;
  const wire::QuorumServer* server = said.answer.config->find(vote.leader);
  if (server == nullptr) return std::nullopt;
  FoundLeader found{vote.leader, {}, vote.election_epoch, vote.peer_epoch, to_string(said.from)};
  for (const wire::ServerAddress& address : server->addresses) {
    HostPort learner{address.host, address.quorum_port};
    if (is_wildcard(learner)) {
      // A server that listens everywhere says so of itself: it is where we asked it.
      if (vote.state != ServerState::kLeading) continue;
      learner.host = said.from.host;
    }
    found.learner_addresses.push_back(std::move(learner));
  }
  if (found.learner_addresses.empty()) return std::nullopt;
  return found;
}

bool LeaderSearch::quorum_follows(const Answer& said) const {
  const wire::Notification& vote = said.answer.notification;
  if (vote.state != ServerState::kFollowing) return false;
  quorum::SidSet followers;
  for (const Answer& other : answers_) {
    const wire::Notification& same = other.answer.notification;
    const auto sid = sid_at(other.from);
    if (sid && same.state == vote.state && same.leader == vote.leader &&
        same.peer_epoch == vote.peer_epoch) {
      followers.insert(*sid);
    }
  }
  return quorum::QuorumVerifier(*said.answer.config).contains_quorum(followers);
}

std::optional<FoundLeader> LeaderSearch::found() const {
  // Two may say LEADING for a moment after a partition: the newer epoch is the leader.
  std::optional<FoundLeader> leading;
  std::map<std::int64_t, std::pair<int, FoundLeader>> named;
  for (const Answer& answer : answers_) {
    const auto leader = leader_of(answer);
    if (!leader) continue;
    if (answer.answer.notification.state == ServerState::kLeading &&
        (!leading || leader->peer_epoch > leading->peer_epoch)) {
      leading = leader;
    }
    named.try_emplace(leader->sid.value, 0, *leader).first->second.first += 1;
  }
  if (leading) return leading;
  if (followed_ || !round_over() || named.empty()) return followed_;
  return std::max_element(
             named.begin(), named.end(),
             [](const auto& a, const auto& b) { return a.second.first < b.second.first; })
      ->second.second;
}

bool LeaderSearch::without_configuration() const {
  return anyone_answered() && seats_.empty() &&
         std::none_of(answers_.begin(), answers_.end(),
                      [](const Answer& a) { return a.answer.config || a.answer.config_error; });
}

std::string LeaderSearch::why_without_configuration() const {
  const bool sent = std::any_of(answers_.begin(), answers_.end(), [](const Answer& a) {
    return a.answer.form == wire::NotificationForm::kConfig;
  });
  return why_none() + (sent
                           ? ", read as by a release before 3.5, which reads no members (--emulate)"
                           : ", in a form of 3.4 or older, which names no members");
}

std::string LeaderSearch::why_none() const {
  if (answers_.empty()) return failures_.empty() ? "no address" : failures_;
  std::string text;
  for (const Answer& answer : answers_) {
    if (!text.empty()) text += ", ";
    text +=
        to_string(answer.from) + " is " + std::string(to_string(answer.answer.notification.state));
    if (answer.answer.config_error) text += " (" + *answer.answer.config_error + ")";
  }
  return failures_.empty() ? text : text + ", " + failures_;
}

std::optional<std::string> LeaderSearch::seat_of(Sid sid) const {
  const auto seat = seats_.find(sid.value);
  if (seat == seats_.end()) return std::nullopt;
  return seat->second;
}

std::optional<Sid> LeaderSearch::sid_at(const HostPort& address) const {
  const auto found = election_addresses_.find(to_string(address));
  if (found == election_addresses_.end()) return std::nullopt;
  return found->second;
}

}  // namespace zkprobe::peer
