#include "net/listener.hpp"

#include <limits>

namespace zkprobe::net {

using asio::ip::tcp;

Listener::Listener(asio::io_context& io, std::shared_ptr<Resolver> resolver, Settings settings,
                   Callbacks callbacks)
    : io_(io),
      resolver_(std::move(resolver)),
      settings_(std::move(settings)),
      callbacks_(std::move(callbacks)),
      acceptor_(io),
      timer_(io) {}

void Listener::start() { look_up(); }

void Listener::close() {
  closed_ = true;
  error_code ignored;
  acceptor_.close(ignored);
  timer_.cancel();
}

void Listener::look_up() {
  if (tries_ < std::numeric_limits<int>::max()) ++tries_;
  if (settings_.on_all_ips) {
    // IPv6 first: it takes IPv4 as well, as Java's wildcard does.
    asio::post(io_, [self = shared_from_this()] {
      self->bind(
          std::vector<asio::ip::address>{asio::ip::address_v6::any(), asio::ip::address_v4::any()});
    });
    return;
  }
  resolver_->resolve(
      settings_.address.host, settings_.bind_pause,
      [self = shared_from_this()](const Resolver::Addresses& addresses) { self->bind(addresses); });
}

void Listener::bind(const Resolver::Addresses& addresses) {
  if (closed_) return;
  if (!addresses) return not_bound(addresses.error());
  error_code error;
  for (const asio::ip::address& address : *addresses) {
    error = open({address, settings_.address.port});
    if (error) continue;
    callbacks_.on_bound(acceptor_.local_endpoint(error).port());
    if (!closed_) accept();
    return;
  }
  not_bound(error.message());
}

error_code Listener::open(const tcp::endpoint& endpoint) {
  error_code error;
  error_code ignored;
  acceptor_.close(ignored);
  acceptor_.open(endpoint.protocol(), error);
  if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error && endpoint.address().is_v6() && endpoint.address().is_unspecified()) {
    acceptor_.set_option(asio::ip::v6_only(false), error);
  }
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
  if (error) acceptor_.close(ignored);
  return error;
}

void Listener::not_bound(const std::string& why) {
  const std::string line = wire::to_string(settings_.address) + ": " + why;
  if (settings_.bind_retries != 0 && tries_ >= settings_.bind_retries) {
    return callbacks_.on_bound(tl::unexpected(line));
  }
  callbacks_.on_retry(line);
  if (!closed_) pause(settings_.bind_pause, &Listener::look_up);
}

void Listener::accept() {
  acceptor_.async_accept([self = shared_from_this()](error_code error, tcp::socket socket) {
    if (self->closed_) return;
    if (!error) {
      self->callbacks_.on_accept(std::move(socket));
      if (!self->closed_) self->accept();
      return;
    }
    self->callbacks_.on_trouble(error.message());
    if (!self->closed_) self->pause(kAcceptPause, &Listener::accept);
  });
}

void Listener::pause(Duration duration, void (Listener::*then)()) {
  timer_.expires_after(duration);
  timer_.async_wait([self = shared_from_this(), then](error_code aborted) {
    if (!aborted && !self->closed_) (self.get()->*then)();
  });
}

}  // namespace zkprobe::net
