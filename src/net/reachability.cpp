#include "net/reachability.hpp"

namespace zkprobe::net {

using asio::ip::tcp;

Reachability::Reachability(asio::io_context& io, std::shared_ptr<Resolver> resolver,
                           std::uint16_t port)
    : io_(io), resolver_(std::move(resolver)), port_(port), timer_(io) {}

void Reachability::start(const std::vector<std::string>& hosts, Duration patience, Done done) {
  done_ = std::move(done);
  timer_.expires_after(patience);
  timer_.async_wait([self = shared_from_this()](error_code aborted) {
    if (!aborted) self->finish(std::nullopt);
  });
  open_ = hosts.size();
  for (std::size_t place = 0; place < hosts.size(); ++place) {
    resolver_->resolve(hosts[place], patience / 2,
                       [self = shared_from_this(), place](const Resolver::Addresses& addresses) {
                         self->looked_up(place, addresses);
                       });
  }
}

void Reachability::close() {
  done_ = nullptr;
  finish(std::nullopt);
}

void Reachability::looked_up(std::size_t place, const Resolver::Addresses& addresses) {
  if (!done_) return;
  if (addresses) {
    for (const asio::ip::address& address : *addresses) {
      if (!address.is_unspecified()) probe(place, address);
    }
  }
  one_less();
}

void Reachability::probe(std::size_t place, const asio::ip::address& address) {
  const auto socket = std::make_shared<tcp::socket>(io_);
  sockets_.push_back(socket);
  ++open_;
  socket->async_connect({address, port_}, [self = shared_from_this(), place](error_code error) {
    if (!self->done_) return;
    if (!error || error == asio::error::connection_refused) return self->finish(place);
    self->one_less();
  });
}

void Reachability::one_less() {
  if (--open_ == 0) finish(std::nullopt);
}

void Reachability::finish(std::optional<std::size_t> place) {
  timer_.cancel();
  resolver_.reset();  // a look-up under way holds us, and must not hold the resolver through us
  error_code ignored;
  for (const auto& socket : sockets_) socket->close(ignored);
  sockets_.clear();
  const auto done = std::move(done_);
  done_ = nullptr;
  if (done) done(place);
}

}  // namespace zkprobe::net
