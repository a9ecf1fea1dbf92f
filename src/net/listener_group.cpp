#include "net/listener_group.hpp"

#include <spdlog/spdlog.h>

#include <map>

namespace zkprobe::net {

ListenerGroup::ListenerGroup(asio::io_context& io, std::shared_ptr<Resolver> resolver,
                             Settings settings, Callbacks callbacks)
    : io_(io),
      resolver_(std::move(resolver)),
      settings_(std::move(settings)),
      callbacks_(std::move(callbacks)),
      places_(settings_.addresses.size()) {}

void ListenerGroup::start() {
  std::map<std::uint16_t, std::vector<std::size_t>> by_port;
  for (std::size_t i = 0; i < settings_.addresses.size(); ++i) {
    const std::uint16_t port = settings_.addresses[i].port;
    if (settings_.on_all_ips && port != 0) {
      by_port[port].push_back(i);
    } else {
      listen({i});
    }
  }
  for (const auto& [port, places] : by_port) listen(places);
  if (listeners_.empty()) {
    asio::post(io_, [self = shared_from_this()] { self->report(); });
  }
}

void ListenerGroup::close() {
  closed_ = true;
  for (const auto& listener : listeners_) listener->close();
  listeners_.clear();
}

// One listener for the addresses at `places`: a single one, or several that share a port.
void ListenerGroup::listen(const std::vector<std::size_t>& places) {
  Listener::Callbacks callbacks;
  callbacks.on_bound = [weak = weak_from_this(),
                        places](const tl::expected<std::uint16_t, std::string>& port) {
    const auto self = weak.lock();
    if (!self) return;
    for (const std::size_t i : places) {
      Place& place = self->places_[i];
      place.given_up = !port;
      if (port) place.bound = wire::HostPort{self->settings_.addresses[i].host, *port};
      if (!port) place.failure = port.error();
    }
    self->report();
  };
  callbacks.on_retry = [weak = weak_from_this(), places](const std::string& why) {
    const auto self = weak.lock();
    if (!self) return;
    spdlog::warn("{}", "cannot listen yet: " + why);
    for (const std::size_t i : places) self->places_[i].failure = why;
    self->report();
  };
  callbacks.on_accept = callbacks_.on_accept;
  callbacks.on_trouble = callbacks_.on_trouble;
  listeners_.push_back(std::make_shared<Listener>(
      io_, resolver_,
      Listener::Settings{settings_.addresses[places.front()], settings_.on_all_ips,
                         settings_.bind_retries, settings_.bind_pause},
      std::move(callbacks)));
  listeners_.back()->start();
}

void ListenerGroup::report() {
  if (reported_ || closed_) return;
  bool all_given_up = true;
  std::string failures;
  for (const Place& place : places_) {
    if (place.bound) continue;
    if (place.failure.empty()) return;
    all_given_up = all_given_up && place.given_up;
    failures += (failures.empty() ? "" : ", ") + place.failure;
  }
  std::vector<wire::HostPort> addresses = bound();
  if (addresses.empty() && !all_given_up) return;
  reported_ = true;
  if (!addresses.empty()) return callbacks_.on_started(std::move(addresses));
  callbacks_.on_started(tl::unexpected(failures.empty()
                                           ? "no election address to listen on"
                                           : "cannot listen for elections: " + failures));
}

std::optional<std::uint16_t> ListenerGroup::port(std::size_t place) const {
  if (place >= places_.size() || !places_[place].bound) return std::nullopt;
  return places_[place].bound->port;
}

std::vector<wire::HostPort> ListenerGroup::bound() const {
  std::vector<wire::HostPort> addresses;
  for (const Place& place : places_) {
    if (place.bound) addresses.push_back(*place.bound);
  }
  return addresses;
}

}  // namespace zkprobe::net
