#include "net/peer_driver.hpp"

#include <chrono>
#include <utility>

namespace zkprobe::net {
namespace {

using SteadyClock = std::chrono::steady_clock;

Instant now() {
  return Instant{std::chrono::duration_cast<Duration>(SteadyClock::now().time_since_epoch())};
}

SteadyClock::time_point time_point(Instant at) {
  return SteadyClock::time_point(std::chrono::duration_cast<SteadyClock::duration>(at.since_zero));
}

}  // namespace

PeerDriver::PeerDriver(asio::io_context& io, std::shared_ptr<Resolver> resolver, Settings settings,
                       OnEvent on_event)
    : io_(io),
      resolver_(std::move(resolver)),
      settings_(std::move(settings)),
      on_event_(std::move(on_event)),
      peer_(settings_.peer, settings_.committed, settings_.last_seen),
      timer_(io) {
  settings_.links.self = settings_.peer.election.self;
  settings_.links.dialect = settings_.peer.election.dialect;
}

PeerDriver::~PeerDriver() { halt(); }

void PeerDriver::start(std::function<void(ConnectionManager::Listening)> done) {
  // The links keep this handler, and the driver the links: it holds the driver weakly.
  open_links([weak = weak_from_this(),
              done = std::move(done)](const ConnectionManager::Listening& listening) {
    const auto self = weak.lock();
    if (!self || self->halted_) return;
    done(listening);
    if (listening && !self->halted_) self->step(peer::Start{});
  });
}

void PeerDriver::halt() {
  halted_ = true;
  timer_.cancel();
  if (!links_ || put_off([](PeerDriver& driver) { driver.links_->halt(); })) return;
  links_->halt();
}

bool PeerDriver::put_off(std::function<void(PeerDriver&)> action) {
  if (!reports_link_) return false;
  asio::post(io_, [self = shared_from_this(), action = std::move(action)] { action(*self); });
  return true;
}

void PeerDriver::config_changed(wire::QuorumConfig committed,
                                std::optional<wire::QuorumConfig> last_seen) {
  if (halted_ || !links_) return;
  if (put_off([committed, last_seen](PeerDriver& driver) {
        driver.config_changed(committed, last_seen);
      })) {
    return;
  }
  links_->set_configs(committed, last_seen);
  step(peer::ConfigChanged{std::move(committed), std::move(last_seen)});
}

void PeerDriver::open_links(std::function<void(ConnectionManager::Listening)> done) {
  const wire::QuorumServer* self = settings_.committed.find(settings_.links.self);
  if (self != nullptr) {
    settings_.links.listen.clear();
    for (const wire::ServerAddress& address : self->addresses) {
      settings_.links.listen.push_back({address.host, address.election_port});
    }
  }
  // The handlers hold the driver weakly: it owns the links.
  const std::weak_ptr<PeerDriver> weak = weak_from_this();
  ConnectionManager::Callbacks callbacks;
  callbacks.on_payload = [weak](Sid from, Bytes payload) {
    if (auto driver = weak.lock()) driver->step(peer::Received{from, std::move(payload)});
  };
  callbacks.on_link = [weak](const LinkEvent& event) {
    const auto driver = weak.lock();
    if (!driver) return;
    driver->reports_link_ = true;
    driver->emit(event);
    driver->reports_link_ = false;
  };
  links_ =
      std::make_unique<ConnectionManager>(io_, resolver_, settings_.links, std::move(callbacks));
  links_->set_configs(settings_.committed, settings_.last_seen);
  links_->start(std::move(done));
}

// QuorumPeer.run with shuttingDownLE: a new connection manager, then a new election.
void PeerDriver::restart_links(const peer::RestartLinks& restart) {
  settings_.committed = restart.committed;
  settings_.last_seen = restart.last_seen;
  links_->halt();
  // One of its handlers is running: it is replaced in a turn of its own.
  asio::post(io_, [self = shared_from_this()] {
    if (self->halted_) return;
    self->open_links(
        [weak = self->weak_from_this()](const ConnectionManager::Listening& listening) {
          const auto driver = weak.lock();
          if (!driver || driver->halted_) return;
          if (listening) {
            driver->step(peer::Start{});
          } else {
            driver->emit(StoppedEvent{listening.error()});
          }
        });
  });
}

void PeerDriver::step(const peer::Input& input) {
  if (halted_ || put_off([input](PeerDriver& driver) { driver.step(input); })) return;
  for (peer::Effect& effect : peer_.step(now(), input)) {
    run(effect);
    if (halted_) return;
  }
  set_timer();
}

void PeerDriver::run(peer::Effect& effect) {
  if (auto* send = std::get_if<peer::Send>(&effect)) {
    links_->send(send->to, std::move(send->payload));
    if (send->to == settings_.links.self) return;
    emit(NotificationEvent{NotificationEvent::Direction::kOut, send->to,
                           std::move(send->notification)});
  } else if (std::holds_alternative<peer::ConnectAll>(effect)) {
    links_->connect_all();
  } else if (auto* heard = std::get_if<peer::Heard>(&effect)) {
    if (heard->from == settings_.links.self) return;
    emit(NotificationEvent{NotificationEvent::Direction::kIn, heard->from,
                           std::move(heard->notification)});
  } else if (const auto* changed = std::get_if<peer::StateChanged>(&effect)) {
    emit(*changed);
  } else if (const auto* established = std::get_if<peer::Established>(&effect)) {
    emit(*established);
  } else if (const auto* report = std::get_if<peer::Report>(&effect)) {
    emit(*report);
  } else if (const auto* taken = std::get_if<peer::ConfigTaken>(&effect)) {
    settings_.committed = taken->committed;
    links_->set_configs(settings_.committed, settings_.last_seen);
    emit(ConfigEvent{taken->committed, false});
  } else if (const auto* restart = std::get_if<peer::RestartLinks>(&effect)) {
    emit(ConfigEvent{restart->committed, true});
    if (!halted_) restart_links(*restart);
  }
}

void PeerDriver::set_timer() {
  const auto deadline = peer_.deadline();
  if (deadline == timer_set_to_) return;
  timer_set_to_ = deadline;
  if (!deadline) {
    timer_.cancel();
    return;
  }
  timer_.expires_at(time_point(*deadline));
  timer_.async_wait([weak = weak_from_this()](error_code aborted) {
    const auto driver = weak.lock();
    if (aborted || !driver || driver->halted_) return;
    driver->timer_set_to_.reset();
    driver->step(peer::TimePassed{driver->links_->have_delivered()});
  });
}

void PeerDriver::emit(const PeerEvent& event) {
  if (!halted_ && on_event_) on_event_(event);
}

}  // namespace zkprobe::net
