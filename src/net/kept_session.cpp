#include "net/kept_session.hpp"

#include <utility>

namespace zkprobe::net {

using learner::Leave;

namespace {

// Transactions acknowledged at once that come from more than one writer.
constexpr std::size_t kSeveral = 4;

}  // namespace

KeptSession::KeptSession(asio::io_context& io, std::shared_ptr<Resolver> resolver,
                         learner::Settings settings, peer::Storage& storage, peer::Keeper& keeper,
                         Handlers handlers)
    : io_(io),
      resolver_(std::move(resolver)),
      settings_(std::move(settings)),
      storage_(storage),
      keeper_(keeper),
      handlers_(std::move(handlers)) {
  settings_.keeps_state = true;
}

KeptSession::~KeptSession() {
  if (link_) link_->close();
}

void KeptSession::follow(std::vector<wire::HostPort> addresses, Duration connect_timeout) {
  leave();
  wanted_ = Wanted{std::move(addresses), connect_timeout};
  go_on();
}

void KeptSession::begin(const Wanted& wanted) {
  settings_.last_zxid = keeper_.claimed_zxid();
  if (claims_epochs_) {
    settings_.accepted_epoch = keeper_.accepted_epoch();
    settings_.current_epoch = keeper_.current_epoch();
  }
  paused_ = false;
  LearnerLink::Settings settings;
  settings.addresses = wanted.addresses;
  settings.connect_timeout = wanted.connect_timeout;
  settings.learner = settings_;
  settings.holds_durable = true;
  link_ = std::make_shared<LearnerLink>(io_, resolver_, std::move(settings));
  link_->start([this](learner::Effect& effect) { took_effect(effect); }, [this] { turned(0); });
}

void KeptSession::leave() {
  wanted_.reset();
  leave_.reset();
  const auto link = std::exchange(link_, nullptr);
  if (!link) return;
  link->close();
  apply(keeper_.take(Leave{Leave::Why::kClosed, "left"}));
  storage_.begin();
}

bool KeptSession::synced() const {
  return link_ && link_->learner().phase() == learner::Phase::kBroadcast;
}

void KeptSession::took_effect(learner::Effect& effect) {
  if (const auto* leave = std::get_if<Leave>(&effect)) return close_link(*leave);
  handlers_.effect(effect);
  if (!link_) return;  // the handler has left
  // A learner that claims no epoch does not know that it accepted a newer one.
  const auto* persist = std::get_if<learner::PersistEpoch>(&effect);
  if (persist && persist->epoch < keeper_.accepted_epoch()) {
    return close_link(Leave{Leave::Why::kEpochTooLow, "the leader's epoch " +
                                                          to_string(persist->epoch) +
                                                          " is less than the accepted epoch " +
                                                          to_string(keeper_.accepted_epoch())});
  }
  apply(keeper_.take(std::move(effect)));
  pace();
}

// What came together goes to the disk together. What comes while the disk has work is left in the
// socket until then: it makes the next batch, and is read at once. Under a load of several writers
// the next batch may grow to the size of the last one: one fsync, one packet of acknowledgements
// and one switch of threads for all of them. A single writer never waits for that.
void KeptSession::turned(std::size_t acknowledged) {
  storage_.begin();
  if (!link_) return;
  link_->flush();
  if (keeper_.acknowledges_later()) {
    link_->hold();
  } else if (acknowledged >= kSeveral) {
    link_->gather();
  } else if (acknowledged > 0) {
    link_->let_go();
  }
}

void KeptSession::close_link(const Leave& leave) {
  if (const auto link = std::exchange(link_, nullptr)) link->close();
  leave_ = leave;
  apply(keeper_.take(leave));
  storage_.begin();
  go_on();
}

std::size_t KeptSession::apply(peer::Keeper::Outcome outcome) {
  if (failed_) return 0;
  for (const std::string& note : outcome.notes) handlers_.note(note);
  for (const replica::DigestDifference& difference : outcome.differences) {
    handlers_.differs(difference);
  }
  if (outcome.failed) {
    failed_ = true;
    if (const auto link = std::exchange(link_, nullptr)) link->close();
    wanted_.reset();
    leave_.reset();
    handlers_.failed(*outcome.failed);
    return 0;
  }
  for (const wire::QuorumPacket& packet : outcome.send) {
    if (link_) link_->send(packet);
  }
  if (outcome.leave && link_) close_link(Leave{Leave::Why::kCannotKeep, *outcome.leave});
  return outcome.send.size();
}

void KeptSession::storage_done(const std::vector<peer::StorageDone>& done) {
  std::size_t acknowledged = 0;
  for (const peer::StorageDone& one : done) acknowledged += apply(keeper_.done(one));
  pace();
  turned(acknowledged);
  go_on();
}

// Bytes that the disk does not take stay with the leader.
void KeptSession::pace() {
  if (!link_) return;
  const std::size_t queued = storage_.queued_bytes(peer::StorageLane::kLog);
  if (!paused_ && (keeper_.blocked() || queued > storage_.high_water())) {
    paused_ = true;
    link_->pause();
  } else if (paused_ && !keeper_.blocked() && queued < storage_.high_water() / 2) {
    paused_ = false;
    link_->resume();
  }
}

// The end of one link is told, and the next one begun, when the keeper is ready.
void KeptSession::go_on() {
  if (link_ || failed_ || !keeper_.ready()) return;
  if (const auto leave = std::exchange(leave_, std::nullopt)) handlers_.effect(*leave);
  if (link_ || failed_) return;
  if (const auto wanted = std::exchange(wanted_, std::nullopt)) begin(*wanted);
}

}  // namespace zkprobe::net
