#include "conformance/tcp_endpoint.hpp"

#include <algorithm>
#include <csignal>
#include <utility>

namespace zkprobe::conformance {

namespace asio = net::asio;
using net::error_code;
using std::chrono::steady_clock;

TcpEndpoint::TcpEndpoint(wire::HostPort address)
    : places_{{Place(), std::move(address)}}, resolver_(std::make_shared<net::Resolver>(io_)) {}

TcpEndpoint::~TcpEndpoint() {
  error_code ignored;
  for (auto& [link, open] : links_) open->socket.close(ignored);
  for (auto& [peer, waiting] : listeners_) waiting->acceptor.close(ignored);
}

void TcpEndpoint::interrupt_on_signals() {
  signals_.emplace(io_, SIGINT, SIGTERM);
  signals_->async_wait([this](error_code error, int) { interrupted_ = interrupted_ || !error; });
}

Instant TcpEndpoint::now() const {
  return Instant{std::chrono::duration_cast<Duration>(steady_clock::now().time_since_epoch())};
}

bool TcpEndpoint::run_until(Duration patience, const std::function<bool()>& done) {
  const auto until = steady_clock::now() + std::max(patience, Duration(0));
  io_.restart();
  io_.poll();
  while (!done()) {
    if (interrupted_) return false;
    const auto left = until - steady_clock::now();
    if (left <= steady_clock::duration::zero()) return false;
    io_.restart();
    // Without anything to do run_one_for returns at once: a timer keeps it.
    asio::steady_timer limit(io_, left);
    limit.async_wait([](error_code) {});
    io_.run_one_for(left);
  }
  return true;
}

std::optional<Endpoint::Link> TcpEndpoint::dial(const Place& place, Duration patience) {
  const auto known = places_.find(place);
  if (known != places_.end()) {
    const auto link = dial_address(known->second, patience);
    if (link && place == Place()) reached_ = last_reached_;
    return link;
  }
  failure_ = "its address is not known";
  return std::nullopt;
}

std::optional<std::vector<asio::ip::address>> TcpEndpoint::resolve(const std::string& host,
                                                                   Duration patience) {
  std::optional<net::Resolver::Addresses> addresses;
  resolver_->resolve(host, patience,
                     [&addresses](const net::Resolver::Addresses& found) { addresses = found; });
  if (!run_until(patience, [&] { return addresses.has_value(); })) {
    // The handler must not outlive `addresses`.
    resolver_ = std::make_shared<net::Resolver>(io_);
    failure_ = "the look-up of " + host + " timed out";
    return std::nullopt;
  }
  if (*addresses) return **addresses;
  failure_ = addresses->error();
  return std::nullopt;
}

bool TcpEndpoint::leads_there(const std::string& host, Duration patience) {
  const auto addresses = resolve(host, patience);
  return addresses && std::any_of(addresses->begin(), addresses->end(),
                                  [this](const auto& one) { return one.to_string() == reached_; });
}

std::optional<Endpoint::Link> TcpEndpoint::dial_address(const wire::HostPort& place,
                                                        Duration patience) {
  const Instant until = now() + patience;
  const auto addresses = resolve(place.host, patience);
  if (!addresses) return std::nullopt;
  for (const asio::ip::address& address : *addresses) {
    auto open = std::make_shared<Open>(io_);
    auto result = std::make_shared<std::optional<error_code>>();
    open->socket.async_connect({address, place.port},
                               [open, result](error_code error) { *result = error; });
    if (!run_until(until - now(), [&] { return result->has_value(); })) {
      error_code ignored;
      open->socket.close(ignored);
      failure_ = "timed out";
      continue;
    }
    if (**result) {
      failure_ = (**result).message();
      continue;
    }
    error_code ignored;
    open->socket.set_option(tcp::no_delay(true), ignored);
    const auto local = open->socket.local_endpoint(ignored);
    if (!ignored) local_ = local.address().to_string();
    last_reached_ = address.to_string();
    return add(std::move(open));
  }
  return std::nullopt;
}

Endpoint::Link TcpEndpoint::add(std::shared_ptr<Open> open) {
  const Link link = next_++;
  read(open);
  links_.emplace(link, std::move(open));
  return link;
}

void TcpEndpoint::read(const std::shared_ptr<Open>& open) {
  open->socket.async_read_some(
      asio::buffer(open->buffer), [this, open](error_code error, std::size_t size) {
        if (error) {
          open->closed = true;
          return;
        }
        open->received.insert(open->received.end(), open->buffer.begin(),
                              open->buffer.begin() + static_cast<std::ptrdiff_t>(size));
        read(open);
      });
}

void TcpEndpoint::write(Link link, BytesView bytes) {
  const auto found = links_.find(link);
  if (found == links_.end() || bytes.empty()) return;
  found->second->unsent.emplace_back(bytes.begin(), bytes.end());
  write_next(found->second);
  io_.restart();
  io_.poll();
}

void TcpEndpoint::write_next(const std::shared_ptr<Open>& open) {
  if (open->writing || open->unsent.empty()) return;
  open->writing = true;
  asio::async_write(open->socket, asio::buffer(open->unsent.front()),
                    [this, open](error_code error, std::size_t) {
                      open->writing = false;
                      open->unsent.pop_front();
                      if (!error) write_next(open);
                    });
}

void TcpEndpoint::close(Link link) {
  const auto found = links_.find(link);
  if (found == links_.end()) return;
  error_code ignored;
  found->second->socket.close(ignored);
  links_.erase(found);
  io_.restart();
  io_.poll();
}

Endpoint::Event TcpEndpoint::wait(Link link, Duration patience) {
  const auto found = links_.find(link);
  if (found == links_.end()) return {Event::What::kClosed, {}};
  const std::shared_ptr<Open> open = found->second;
  run_until(patience, [&open] { return open->closed || !open->received.empty(); });
  if (!open->received.empty()) return {Event::What::kBytes, std::exchange(open->received, {})};
  return {open->closed ? Event::What::kClosed : Event::What::kNothing, {}};
}

error_code TcpEndpoint::open(const std::string& peer, const asio::ip::address& address,
                             std::uint16_t port) {
  auto waiting = std::make_shared<Waiting>(io_);
  const tcp::endpoint here(address, port);
  error_code error;
  waiting->acceptor.open(here.protocol(), error);
  if (!error) waiting->acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) waiting->acceptor.bind(here, error);
  if (!error) waiting->acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) return error;
  listeners_[peer] = waiting;
  accept_next(waiting);
  return error;
}

std::string TcpEndpoint::listen(const std::string& peer) {
  error_code error;
  if (!listeners_.contains(peer)) error = open(peer, asio::ip::make_address(local_), 0);
  std::uint16_t port = 0;
  if (!error) port = listeners_[peer]->acceptor.local_endpoint(error).port();
  return wire::to_string(wire::HostPort{local_, port});
}

std::string TcpEndpoint::listen_at(const std::string& peer, const Place& place) {
  const auto known = places_.find(place);
  if (known == places_.end()) return "its address is not known";
  error_code error;
  const auto address = asio::ip::make_address(known->second.host, error);
  if (!error) error = open(peer, address, known->second.port);
  return error ? wire::to_string(known->second) + ": " + error.message() : "";
}

void TcpEndpoint::stop_listening() {
  error_code ignored;
  for (auto& [peer, waiting] : listeners_) {
    waiting->acceptor.close(ignored);
    for (const Link call : waiting->calls) close(call);
  }
  listeners_.clear();
  io_.restart();
  io_.poll();
}

void TcpEndpoint::accept_next(const std::shared_ptr<Waiting>& waiting) {
  auto open = std::make_shared<Open>(io_);
  waiting->acceptor.async_accept(open->socket, [this, waiting, open](error_code error) {
    if (error) return;
    waiting->calls.push_back(add(open));
    accept_next(waiting);
  });
}

std::optional<Endpoint::Link> TcpEndpoint::accept(const std::string& peer, Duration patience) {
  listen(peer);
  const auto waiting = listeners_[peer];
  if (!waiting) return std::nullopt;
  if (!run_until(patience, [&waiting] { return !waiting->calls.empty(); })) return std::nullopt;
  const Link link = waiting->calls.front();
  waiting->calls.pop_front();
  return link;
}

void TcpEndpoint::pass(Duration duration) {
  run_until(duration, [] { return false; });
}

}  // namespace zkprobe::conformance
