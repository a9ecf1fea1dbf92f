#include "net/dial.hpp"

#include <algorithm>

namespace zkprobe::net {

using asio::ip::tcp;
using std::chrono::steady_clock;

Dial::Dial(asio::io_context& io, std::shared_ptr<Resolver> resolver, Settings settings)
    : io_(io), resolver_(std::move(resolver)), settings_(std::move(settings)), timer_(io) {
  const auto count = std::min(settings_.addresses.size(), kMaxDialAddresses);
  hosts_.assign(settings_.addresses.begin(),
                settings_.addresses.begin() + static_cast<std::ptrdiff_t>(count));
  std::reverse(hosts_.begin(), hosts_.end());
}

void Dial::start(std::function<void(Result)> done) {
  done_ = std::move(done);
  deadline_ = steady_clock::now() + settings_.timeout;
  asio::post(io_, [self = shared_from_this()] {
    if (!self->done_) return;
    const bool choice = self->hosts_.size() > 1 && self->settings_.reachability > Duration(0);
    choice ? self->look_who_is_there() : self->next();
  });
}

// The others stay behind the one that is there: it may be there and not listen.
void Dial::look_who_is_there() {
  std::vector<std::string> names;
  for (auto host = hosts_.rbegin(); host != hosts_.rend(); ++host) names.push_back(host->host);
  reachability_ = std::make_shared<Reachability>(io_, resolver_);
  const Duration patience = std::min(settings_.reachability, settings_.timeout / 2);
  reachability_->start(names, patience, [self = shared_from_this()](auto place) {
    if (!self->done_) return;
    if (place) {
      const auto there = self->hosts_.rbegin() + static_cast<std::ptrdiff_t>(*place);
      std::rotate(self->hosts_.rbegin(), there, there + 1);
    }
    self->next();
  });
}

void Dial::close() {
  done_ = nullptr;
  resolver_.reset();  // a look-up under way holds us, and must not hold the resolver through us
  timer_.cancel();
  if (reachability_) reachability_->close();
  error_code ignored;
  if (socket_) socket_->close(ignored);
  if (stream_) stream_->close();
}

void Dial::next() {
  ++try_;
  if (!endpoints_.empty()) return next_endpoint();
  if (!hosts_.empty()) return next_host();
  finish(tl::unexpected(failures_.empty() ? "no address" : failures_));
}

void Dial::next_host() {
  const wire::HostPort host = hosts_.back();
  hosts_.pop_back();
  trying_ = wire::to_string(host);
  start_timer(hosts_.size() + 1);
  const auto left = std::chrono::duration_cast<Duration>(timer_.expiry() - steady_clock::now());
  resolver_->resolve(
      host.host, left / 2,
      [self = shared_from_this(), tried = try_, host](const Resolver::Addresses& addresses) {
        if (!self->done_ || tried != self->try_) return;
        if (!addresses) return self->give_up(addresses.error());
        for (auto address = addresses->rbegin(); address != addresses->rend(); ++address) {
          // The wildcard address is this host itself (ZOOKEEPER-2164).
          if (!address->is_unspecified()) self->endpoints_.emplace_back(*address, host.port);
        }
        if (self->endpoints_.empty()) return self->give_up("the wildcard address is no one's");
        self->next();
      });
}

void Dial::next_endpoint() {
  const tcp::endpoint endpoint = endpoints_.back();
  endpoints_.pop_back();
  trying_ = endpoint_text(endpoint);
  start_timer(endpoints_.size() + hosts_.size() + 1);
  socket_.emplace(io_);
  socket_->async_connect(endpoint, [self = shared_from_this(), tried = try_](error_code error) {
    if (self->done_ && tried == self->try_) self->connected(error);
  });
}

void Dial::connected(error_code error) {
  if (error) return give_up(error.message());
  // A port without a listener, dialled from the same host, may be given to the dialling socket,
  // which is then connected to itself.
  error_code ignored;
  if (socket_->local_endpoint(ignored) == socket_->remote_endpoint(ignored)) {
    return give_up("connected to itself: nobody listens");
  }
  stream_ = make_tcp_stream(std::move(*socket_), settings_.keepalive);
  socket_.reset();
  stream_->write_all(asio::buffer(settings_.greeting),
                     [self = shared_from_this()](error_code failed, std::size_t) {
                       if (!self->done_) return;
                       if (failed) return self->give_up(failed.message());
                       self->finish(std::move(self->stream_));
                     });
}

void Dial::start_timer(std::size_t tries_left) {
  const auto left = std::max(deadline_ - steady_clock::now(), steady_clock::duration::zero());
  timer_.expires_after(left / static_cast<int>(tries_left));
  timer_.async_wait([self = shared_from_this(), tried = try_](error_code aborted) {
    if (!aborted && self->done_ && tried == self->try_) self->give_up("timed out");
  });
}

void Dial::give_up(const std::string& why) {
  timer_.cancel();
  error_code ignored;
  if (socket_) socket_->close(ignored);
  failures_ += (failures_.empty() ? "" : ", ") + trying_ + ": " + why;
  if (!stream_) return next();
  // The greeting is on its way: the stream has to stay until its handler has run.
  stream_->close();
  finish(tl::unexpected(failures_));
}

void Dial::finish(Result result) {
  resolver_.reset();
  timer_.cancel();
  const auto done = std::move(done_);
  done_ = nullptr;
  done(std::move(result));
}

}  // namespace zkprobe::net
