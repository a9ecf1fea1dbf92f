#include "net/observer_session.hpp"

namespace zkprobe::net {

ObserverSession::ObserverSession(asio::io_context& io, std::shared_ptr<Resolver> resolver,
                                 learner::Settings settings, LearnerLink::Handler handler)
    : io_(io),
      resolver_(std::move(resolver)),
      settings_(std::move(settings)),
      handler_(std::move(handler)) {}

ObserverSession::~ObserverSession() { leave(); }

void ObserverSession::follow(std::vector<wire::HostPort> addresses, Duration connect_timeout) {
  leave();
  LearnerLink::Settings settings;
  settings.addresses = std::move(addresses);
  settings.connect_timeout = connect_timeout;
  settings.learner = settings_;
  link_ = std::make_shared<LearnerLink>(io_, resolver_, std::move(settings));
  link_->start([this](learner::Effect& effect) {
    if (std::holds_alternative<learner::Leave>(effect)) {
      keep_position();
      link_.reset();
    }
    handler_(effect);
  });
}

void ObserverSession::leave() {
  if (!link_) return;
  keep_position();
  link_->close();
  link_.reset();
}

bool ObserverSession::synced() const {
  return link_ && link_->learner().phase() == learner::Phase::kBroadcast;
}

Zxid ObserverSession::last_zxid() const {
  return link_ ? link_->learner().last_zxid() : settings_.last_zxid;
}

void ObserverSession::keep_position() { settings_.last_zxid = link_->learner().last_zxid(); }

}  // namespace zkprobe::net
