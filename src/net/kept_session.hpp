// A learner that keeps what it gets, over time: follows one leader after another with a Keeper
// between the link and the disk. Acknowledgements go out when the disk has what they say.
// Java: Follower, Observer and SendAckRequestProcessor.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/learner_link.hpp"
#include "peer/keeper.hpp"

namespace zkprobe::net {

class KeptSession {
 public:
  // All from the loop. A Leave comes when the link has ended and the keeper is ready for the next
  // one, which may be some time later: a tree is read from the disk again.
  struct Handlers {
    std::function<void(const learner::Effect&)> effect;
    std::function<void(const replica::DigestDifference&)> differs;
    std::function<void(const std::string&)> note;
    // The disk: nothing is kept or acknowledged any more. Once, and nothing comes after it.
    std::function<void(const std::string&)> failed;
  };

  // `settings` are those of every link; position, epochs and keeps_state are the keeper's.
  KeptSession(asio::io_context& io, std::shared_ptr<Resolver> resolver, learner::Settings settings,
              peer::Storage& storage, peer::Keeper& keeper, Handlers handlers);
  ~KeptSession();
  KeptSession(const KeptSession&) = delete;
  KeptSession& operator=(const KeptSession&) = delete;

  // As ObserverSession. Where the keeper is not ready yet it begins when that is so.
  void follow(std::vector<wire::HostPort> addresses, Duration connect_timeout);
  // Closes the link without a Leave.
  void leave();
  // What the storage has completed.
  void storage_done(const std::vector<peer::StorageDone>& done);

  // False: acceptedEpoch 0 is said to every leader, so that no leader's epoch moves by it. True at
  // first, as for a member.
  void claims_epochs(bool claims) { claims_epochs_ = claims; }

  bool following() const { return link_ != nullptr; }
  bool synced() const;
  learner::Settings& settings() { return settings_; }
  std::string remote() const { return link_ ? link_->remote() : ""; }

 private:
  struct Wanted {
    std::vector<wire::HostPort> addresses;
    Duration connect_timeout{0};
  };

  void begin(const Wanted& wanted);
  void took_effect(learner::Effect& effect);
  // How many packets it sent.
  std::size_t apply(peer::Keeper::Outcome outcome);
  void close_link(const learner::Leave& leave);
  void turned(std::size_t acknowledged);
  void pace();
  void go_on();

  asio::io_context& io_;
  const std::shared_ptr<Resolver> resolver_;
  learner::Settings settings_;
  peer::Storage& storage_;
  peer::Keeper& keeper_;
  const Handlers handlers_;
  std::shared_ptr<LearnerLink> link_;
  bool claims_epochs_ = true;
  bool paused_ = false;
  std::optional<learner::Leave> leave_;  // to be told when the keeper is ready
  std::optional<Wanted> wanted_;         // to be followed then
  bool failed_ = false;
};

}  // namespace zkprobe::net
