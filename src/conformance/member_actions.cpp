#include "conformance/member_actions.hpp"

#include <algorithm>

#include "conformance/question.hpp"

namespace zkprobe::conformance {
namespace {

constexpr Duration kAgain = std::chrono::milliseconds(100);
constexpr Duration kOneAnswer = std::chrono::seconds(2);
// A connection that takes longer than this is one that nobody accepts any more.
constexpr Duration kAccepted = std::chrono::milliseconds(300);
constexpr int kLongestQueue = 300;  // Java's servers ask for 50

}  // namespace

Members& MemberActions::members() const {
  if (members_ == nullptr) mistake("the members of this ensemble may not be touched");
  return *members_;
}

void MemberActions::done(tl::expected<void, std::string> result) const {
  if (!result) mistake(result.error());
}

std::string MemberActions::begin(Beginning beginning) {
  if (members_ == nullptr || beginning == Beginning::kAsIs) return "";
  if (beginning == Beginning::kTogether) {
    const auto result = members_->run_all();
    return result ? "" : result.error();
  }
  if (!own_) return "the server's own id is not known";
  const auto result = members_->run_alone(*own_);
  return result ? "" : result.error();
}

Sid MemberActions::who(const std::string& word) const {
  const auto named = named_.find(word);
  if (named != named_.end()) return named->second;
  if (word == "own") {
    if (!own_) mistake("the server's own id is not known");
    return *own_;
  }
  if (word != "leader" && word != "follower") return Sid(number(word));
  if (!leader_) mistake("who leads is not known: 'expect leader' before it");
  if (word == "leader") return *leader_;
  for (const Sid voter : members().voters()) {
    if (voter != *leader_ && !ended_.contains(voter) && !silent_.contains(voter)) return voter;
  }
  mistake("no follower is left");
}

void MemberActions::act(const Directive& directive) {
  if (directive.words.size() != 1) mistake("expected whom to " + directive.verb);
  const Sid member = who(directive.words[0]);
  if (directive.options.contains("as")) named_[directive.options.at("as")] = member;
  if (directive.verb == "kill") {
    done(members().act(member, Deed::kKill));
    ended_.insert(member);
  } else if (directive.verb == "start") {
    done(members().act(member, Deed::kStart));
    ended_.erase(member);
  } else if (directive.verb == "wake") {
    for (const Endpoint::Link link : held_) endpoint_.close(link);
    held_.clear();
    done(members().act(member, Deed::kWake));
    silent_.erase(member);
  } else {
    done(members().act(member, Deed::kSilence));
    silent_.insert(member);
    if (directive.verb == "blackhole") swallow(member);
  }
}

// Fills the queue of a silent member's election port, so that whoever dials it now gets no answer
// at all: what a host that is gone looks like.
void MemberActions::swallow(Sid member) {
  for (int i = 0; i < kLongestQueue; ++i) {
    const auto link = endpoint_.dial({Place::Port::kElection, member}, kAccepted);
    if (!link) return;
    held_.push_back(*link);
  }
  mistake("the election port of member " + to_string(member) + " accepts without end");
}

Seen MemberActions::look_for_leader(Duration patience) {
  const Instant until = endpoint_.now() + patience;
  const std::vector<Sid> voters = members().voters();
  Seen seen{false, "no leader within " + zkprobe::to_string(patience)};
  while (endpoint_.now() < until && !endpoint_.interrupted()) {
    std::map<Sid, wire::Notification> votes;
    for (const Sid voter : voters) {
      if (ended_.contains(voter) || silent_.contains(voter)) continue;
      const Duration left = until - endpoint_.now();
      const auto answer =
          ask_once(endpoint_, {Place::Port::kElection, voter}, std::min(left, kOneAnswer));
      if (answer) votes[voter] = answer->vote;
    }
    for (const auto& [voter, vote] : votes) {
      if (vote.state != wire::ServerState::kLeading) continue;
      const auto with =
          std::count_if(votes.begin(), votes.end(), [leader = voter](const auto& one) {
            return one.second.leader == leader && one.second.state != wire::ServerState::kLooking;
          });
      if (static_cast<std::size_t>(with) * 2 <= voters.size()) continue;
      leader_ = voter;
      return {true, "server " + to_string(voter) + " leads, " + std::to_string(with) + " of " +
                        std::to_string(voters.size()) + " with it"};
    }
    endpoint_.pass(kAgain);
  }
  return seen;
}

void MemberActions::end() {
  for (const Endpoint::Link link : held_) endpoint_.close(link);
  held_.clear();
  if (members_ == nullptr) return;
  // Whoever cannot be brought back is missed by what comes next, and told there.
  for (const Sid member : silent_) (void)members_->act(member, Deed::kWake);
  for (const Sid member : ended_) (void)members_->act(member, Deed::kStart);
  silent_.clear();
  ended_.clear();
  named_.clear();
  leader_.reset();
}

}  // namespace zkprobe::conformance
