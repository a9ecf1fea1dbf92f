#include "net/live_link.hpp"

#include <array>
#include <utility>

namespace zkprobe::net {
namespace {

using analysis::LivePlayer;
using std::chrono::steady_clock;

Instant now() {
  return Instant{std::chrono::duration_cast<Duration>(steady_clock::now().time_since_epoch())};
}

}  // namespace

LiveLink::LiveLink(asio::io_context& io, std::shared_ptr<Resolver> resolver, Settings settings,
                   LivePlayer::Settings script)
    : io_(io),
      resolver_(std::move(resolver)),
      settings_(std::move(settings)),
      player_(std::move(script)),
      timer_(io) {}

void LiveLink::start(Done done) {
  done_ = std::move(done);
  Listener::Settings listen;
  listen.address = settings_.listen;
  listen.bind_retries = 1;
  listener_ = std::make_shared<Listener>(
      io_, resolver_, listen,
      Listener::Callbacks{[this](const tl::expected<std::uint16_t, std::string>& bound) {
                            if (!done_) return;
                            if (bound) {
                              port_ = *bound;
                              step(LivePlayer::Start{});
                            } else {
                              step(LivePlayer::LinkFailed{bound.error()});
                            }
                          },
                          [](const std::string&) {},
                          [this](asio::ip::tcp::socket socket) { accepted(std::move(socket)); },
                          [](const std::string&) {}});
  listener_->start();
}

void LiveLink::close() {
  done_ = nullptr;
  timer_.cancel();
  close_link();
  if (listener_) listener_->close();
}

void LiveLink::step(const LivePlayer::Event& event) {
  // A handler may drop the last owner.
  const auto self = shared_from_this();
  for (const LivePlayer::Effect& effect : player_.step(now(), event)) apply(effect);
  set_timer();
}

void LiveLink::apply(const LivePlayer::Effect& effect) {
  if (std::holds_alternative<LivePlayer::Link>(effect)) {
    greet();
  } else if (const auto* send = std::get_if<LivePlayer::Send>(&effect)) {
    waiting_.push_back(send->payload);
    send_next();
  } else if (std::holds_alternative<LivePlayer::CloseLink>(effect)) {
    close_link();
  } else {
    const Done done = std::exchange(done_, nullptr);
    close();
    if (done) done();
  }
}

void LiveLink::greet() {
  wire::InitialMessage greeting{settings_.greeting, settings_.as, {}};
  if (settings_.greeting != wire::GreetingForm::kBareSid) {
    greeting.addresses = {{settings_.listen.host, port_}};
  }
  Dial::Settings settings;
  settings.addresses = {settings_.target};
  settings.greeting = wire::encode(greeting);
  settings.timeout = settings_.timeout;
  dial_ = std::make_shared<Dial>(io_, resolver_, std::move(settings));
  dial_->start([self = shared_from_this()](Dial::Result result) {
    self->dial_.reset();
    if (!self->done_) return;
    if (!result) return self->step(LivePlayer::LinkFailed{result.error()});
    if (self->settings_.dialled_back) return self->await_close(*std::move(result));
    self->take(*std::move(result), {}, 0);
  });
}

// The server closes a connection of a smaller id; until then it must stay open, or the greeting may
// never be read.
void LiveLink::await_close(std::shared_ptr<Stream> stream) {
  greeting_ = std::move(stream);
  const auto buffer = std::make_shared<std::array<std::uint8_t, 256>>();
  greeting_->read_some(asio::buffer(*buffer), [self = shared_from_this(), buffer,
                                               stream = greeting_](error_code, std::size_t) {
    if (self->greeting_ == stream) self->greeting_.reset();
    stream->close();
  });
}

void LiveLink::accepted(asio::ip::tcp::socket socket) {
  if (!done_ || !settings_.dialled_back || connection_) return;
  wire::Dialect reader;
  greeted_ =
      std::make_shared<GreetingReader>(io_, make_tcp_stream(std::move(socket), false), reader);
  greeted_->start(settings_.timeout,
                  [self = shared_from_this()](const GreetingReader::Result& read) {
                    const auto greeted = std::exchange(self->greeted_, nullptr);
                    if (!self->done_ || !read || self->connection_) return;
                    self->take(greeted->release(), read->rest, read->size);
                  });
}

void LiveLink::take(std::unique_ptr<Stream> stream, Bytes rest, std::size_t greeting_size) {
  connection_ = std::make_shared<Connection>(std::move(stream), wire::kMaxFrameUntil345);
  const auto connection = connection_;
  step(LivePlayer::Linked{});
  if (connection_ != connection) return;
  const auto self = shared_from_this();
  const Connection* const raw = connection.get();  // it must not own itself
  connection->start(std::move(rest), greeting_size,
                    {[self, raw](const Bytes& payload) {
                       if (self->connection_.get() == raw)
                         self->step(LivePlayer::Received{payload});
                     },
                     [self] { self->send_next(); },
                     [self, raw](const std::string& why, bool) {
                       if (self->connection_.get() == raw) self->step(LivePlayer::Closed{why});
                     }});
}

void LiveLink::send_next() {
  if (!connection_ || connection_->sending() || waiting_.empty()) return;
  const Bytes payload = std::move(waiting_.front());
  waiting_.pop_front();
  connection_->send(payload);
}

void LiveLink::close_link() {
  if (dial_) dial_->close();
  dial_.reset();
  if (greeted_) greeted_->close();
  greeted_.reset();
  if (greeting_) greeting_->close();
  greeting_.reset();
  if (connection_) connection_->close();
  connection_.reset();
  waiting_.clear();
}

void LiveLink::set_timer() {
  const std::optional<Instant> at = player_.deadline();
  if (!at || !done_) {
    timer_.cancel();
    return;
  }
  timer_.expires_at(steady_clock::time_point(at->since_zero));
  timer_.async_wait([self = shared_from_this()](error_code aborted) {
    if (!aborted && self->done_) self->step(LivePlayer::TimePassed{});
  });
}

}  // namespace zkprobe::net
