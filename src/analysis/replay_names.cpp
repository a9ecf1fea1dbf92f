#include "analysis/replay_names.hpp"

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "wire/quorum_config.hpp"

namespace zkprobe::analysis {

using capture::Protocol;
using capture::Side;

namespace {

constexpr std::size_t kDialler = static_cast<std::size_t>(Side::kDialler);
constexpr std::size_t kAcceptor = static_cast<std::size_t>(Side::kAcceptor);

// The listening addresses of one protocol, by their text, which gives them an order.
class Listeners {
 public:
  Listeners(Tape& tape, Protocol protocol, const capture::Directory& directory)
      : tape_(tape), protocol_(protocol) {
    for (const TapeLink& link : tape_.links) {
      if (link.protocol != protocol_) continue;
      Listener& listener = listeners_[to_string(link.acceptor)];
      if (link.sids[kDialler]) listener.diallers.insert(*link.sids[kDialler]);
      if (link.sids[kAcceptor]) listener.sid = link.sids[kAcceptor];
      if (!listener.sid) listener.sid = directory.find(link.acceptor, link.dialler.host);
    }
  }

  void settle(const std::set<Sid>& servers) {
    for (auto& [name, listener] : listeners_) {
      if (listener.sid) taken_.insert(*listener.sid);
    }
    for (auto& [name, listener] : listeners_) {
      for (const Sid sid : servers) {
        if (!listener.diallers.contains(sid)) listener.candidates.insert(sid);
      }
    }
    exclude();
    guess();
    for (TapeLink& link : tape_.links) {
      if (link.protocol != protocol_ || link.sids[kAcceptor]) continue;
      const auto& sid = listeners_[to_string(link.acceptor)].sid;
      if (sid != link.sids[kDialler]) link.sids[kAcceptor] = sid;
    }
  }

 private:
  struct Listener {
    std::set<Sid> diallers;
    std::set<Sid> candidates;
    std::optional<Sid> sid;
  };

  void give(Listener& listener, Sid sid) {
    listener.sid = sid;
    taken_.insert(sid);
  }

  // An address with one candidate has found its server, which is no candidate elsewhere then.
  void exclude() {
    for (bool changed = true; changed;) {
      changed = false;
      for (auto& [name, listener] : listeners_) {
        if (listener.sid) continue;
        std::set<Sid> left;
        for (const Sid sid : listener.candidates) {
          if (!taken_.contains(sid)) left.insert(sid);
        }
        if (left.size() != 1) continue;
        give(listener, *left.begin());
        changed = true;
      }
    }
  }

  // What the address said itself: votes for whom, in order; or, of learners, whom those who
  // dialled it voted for.
  void guess() {
    std::map<Sid, Sid> choice;  // the leader of each server's last vote
    for (const TapeEvent& event : tape_.events) {
      const TapeLink& link = tape_.links[event.link];
      if (event.kind == TapeEvent::Kind::kVote) {
        if (event.vote.state == wire::ServerState::kLeading) led_ = event.vote.leader;
        if (const auto src = tape_.src(event)) choice[*src] = event.vote.leader;
      }
      if (link.protocol != protocol_) continue;
      Listener& listener = listeners_[to_string(link.acceptor)];
      if (listener.sid) continue;
      std::optional<Sid> said;
      if (protocol_ == Protocol::kElection && event.kind == TapeEvent::Kind::kVote &&
          event.from == Side::kAcceptor) {
        said = event.vote.leader;
      } else if (protocol_ == Protocol::kLearner && event.from == Side::kDialler) {
        const auto dialler = link.sids[kDialler];
        said = led_;
        if (!said && dialler && choice.contains(*dialler)) said = choice[*dialler];
      }
      if (!said || !listener.candidates.contains(*said) || taken_.contains(*said)) continue;
      give(listener, *said);
      exclude();
    }
  }

  Tape& tape_;
  const Protocol protocol_;
  std::map<std::string, Listener> listeners_;
  std::set<Sid> taken_;
  std::optional<Sid> led_;
};

}  // namespace

std::set<Sid> askers_of(const Tape& tape) {
  std::map<Sid, bool> only_asks;
  std::set<std::string_view> configs;
  for (const TapeEvent& event : tape.events) {
    if (event.kind != TapeEvent::Kind::kVote) continue;
    if (event.vote.config) configs.insert(*event.vote.config);
    const auto src = tape.src(event);
    if (!src) continue;
    const bool asks = event.vote.state == wire::ServerState::kLooking &&
                      event.vote.election_epoch.value <= 0 && event.vote.zxid.value < 0;
    const auto found = only_asks.try_emplace(*src, true).first;
    found->second = found->second && asks;
  }
  std::set<Sid> askers;
  for (const auto& [sid, asks] : only_asks) {
    if (asks) askers.insert(sid);
  }
  for (const std::string_view text : configs) {
    if (askers.empty()) break;
    const auto config = wire::parse_quorum_config(text);
    if (!config) continue;
    std::erase_if(askers, [&config](Sid sid) { return config->find(sid) != nullptr; });
  }
  return askers;
}

void name_listeners(Tape& tape, const capture::Directory& directory) {
  std::set<Sid> servers;
  for (const TapeLink& link : tape.links) {
    for (const auto& sid : link.sids) {
      if (sid) servers.insert(*sid);
    }
  }
  for (const TapeEvent& event : tape.events) {
    if (event.kind == TapeEvent::Kind::kVote && event.vote.leader.value >= 0) {
      servers.insert(event.vote.leader);
    }
  }
  for (const Sid asker : askers_of(tape)) servers.erase(asker);
  Listeners(tape, Protocol::kElection, directory).settle(servers);
  Listeners(tape, Protocol::kLearner, directory).settle(servers);
}

}  // namespace zkprobe::analysis
