#include "seat_filler.hpp"

#include <algorithm>
#include <random>

namespace zkprobe::tool {
namespace {

namespace asio = net::asio;

constexpr Duration kFirstPause = std::chrono::milliseconds(100);
constexpr Duration kLongestPause = std::chrono::seconds(2);
constexpr Duration kQuestion = std::chrono::seconds(1);

// "zk" and a random number, as join takes it.
Sid unlisted_id() { return Sid(0x7a6b'0000'0000'0000 + std::random_device{}()); }

std::vector<wire::HostPort> others(const peer::Config& config) {
  std::vector<wire::HostPort> addresses;
  for (const wire::QuorumServer& server : config.members.servers) {
    if (server.sid == *config.self) continue;
    for (const wire::ServerAddress& at : server.addresses) {
      addresses.push_back({at.host, at.election_port});
    }
  }
  return addresses;
}

// Epochs and configuration are not claimed: an observer that nobody named moves nothing.
learner::Settings observer_settings(const peer::Config& config) {
  learner::Settings settings;
  settings.sid = unlisted_id();
  settings.release = config.release;
  settings.tick = config.ticks(1);
  settings.init_limit = config.init_limit;
  settings.sync_limit = config.sync_limit;
  return settings;
}

}  // namespace

SeatFiller::SeatFiller(asio::io_context& io, std::shared_ptr<net::Resolver> resolver,
                       const peer::Config& config, peer::Storage& storage, peer::Keeper& keeper,
                       Handlers handlers)
    : io_(io),
      config_(config),
      keeper_(keeper),
      handlers_(std::move(handlers)),
      finder_(io, resolver, others(config), [](const wire::HostPort&, const peer::VoteAnswer&) {}),
      session_(io, resolver, observer_settings(config), storage, keeper,
               {[this](const learner::Effect& effect) { followed(effect); },
                handlers_.session.differs, handlers_.session.note, handlers_.session.failed}),
      pause_timer_(io),
      pause_(kFirstPause),
      linger_timer_(io) {
  session_.claims_epochs(false);
  finder_.search().assume(config.members);
}

void SeatFiller::start() { search(); }

void SeatFiller::close() {
  closed_ = true;
  pause_timer_.cancel();
  linger_timer_.cancel();
  finder_.close();
  session_.leave();
}

void SeatFiller::search() {
  finder_.start({kQuestion, std::nullopt}, std::random_device{}(), [this] { searched(); });
}

void SeatFiller::searched() {
  if (const auto found = finder_.search().found()) {
    told_.clear();
    return session_.follow(found->learner_addresses, config_.ticks(config_.init_limit));
  }
  const std::string why = finder_.search().why_none();
  if (std::exchange(told_, why) != why) handlers_.waits(why);
  search_later();
}

void SeatFiller::search_later() {
  if (closed_) return;
  pause_timer_.expires_after(pause_);
  pause_ = std::min(pause_ * 2, kLongestPause);
  pause_timer_.async_wait([this](net::error_code aborted) {
    if (!aborted && !closed_) search();
  });
}

void SeatFiller::followed(const learner::Effect& effect) {
  handlers_.session.effect(effect);
  if (closed_) return;
  if (std::holds_alternative<learner::SyncDone>(effect)) {
    pause_ = kFirstPause;
    linger();
  } else if (std::holds_alternative<learner::Leave>(effect)) {
    up_to_date_ = false;
    linger_timer_.cancel();
    search_later();
  }
}

void SeatFiller::linger() {
  linger_timer_.expires_after(config_.ticks(config_.sync_limit + 1));
  linger_timer_.async_wait([this](net::error_code aborted) {
    if (aborted || closed_ || !session_.synced()) return;
    up_to_date_ = true;
    finish_if_settled();
  });
}

void SeatFiller::storage_done(const std::vector<peer::StorageDone>& done) {
  session_.storage_done(done);
  finish_if_settled();
}

void SeatFiller::finish_if_settled() {
  if (closed_ || !up_to_date_ || !keeper_.settled() || keeper_.blocked()) return;
  close();
  asio::post(io_, handlers_.filled);
}

}  // namespace zkprobe::tool
