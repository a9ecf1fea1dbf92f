// An observer over time: follows one leader after another and remembers what it holds in between,
// so that the next leader sends only what is missing.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "net/learner_link.hpp"

namespace zkprobe::net {

class ObserverSession {
 public:
  // `settings` are those of the first link; last_zxid moves on by itself.
  ObserverSession(asio::io_context& io, std::shared_ptr<Resolver> resolver,
                  learner::Settings settings, LearnerLink::Handler handler);
  ~ObserverSession();
  ObserverSession(const ObserverSession&) = delete;
  ObserverSession& operator=(const ObserverSession&) = delete;

  // Attaches to the leader at these learner addresses; a link that is there is closed first. The
  // end is a Leave to the handler, from which follow() may be called again.
  void follow(std::vector<wire::HostPort> addresses, Duration connect_timeout);
  // Closes the link without a Leave.
  void leave();

  bool following() const { return link_ != nullptr; }
  // PhaseChanged to kBroadcast has been, and no Leave.
  bool synced() const;
  // What the next link says that we hold.
  Zxid last_zxid() const;
  // For the next link: epochs and configuration of a member that keeps them.
  learner::Settings& settings() { return settings_; }
  // Where the link goes to, "" before there is one.
  std::string remote() const { return link_ ? link_->remote() : ""; }

 private:
  void keep_position();

  asio::io_context& io_;
  const std::shared_ptr<Resolver> resolver_;
  learner::Settings settings_;
  const LearnerLink::Handler handler_;
  std::shared_ptr<LearnerLink> link_;
};

}  // namespace zkprobe::net
