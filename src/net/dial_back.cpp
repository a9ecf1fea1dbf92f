#include "net/dial_back.hpp"

#include <utility>

namespace zkprobe::net {

using asio::ip::udp;
using std::chrono::steady_clock;

tl::expected<asio::ip::address, std::string> local_address_towards(const std::string& remote) {
  const std::optional<wire::HostPort> parsed = wire::parse_host_port(remote);
  if (!parsed) return tl::unexpected("no address: " + remote);
  error_code error;
  const auto address = asio::ip::make_address(parsed->host, error);
  if (error) return tl::unexpected(remote + ": " + error.message());
  asio::io_context io;
  udp::socket socket(io);
  const udp::endpoint endpoint(address, parsed->port);
  socket.open(endpoint.protocol(), error);
  if (!error) socket.connect(endpoint, error);
  const udp::endpoint local = error ? udp::endpoint() : socket.local_endpoint(error);
  if (error) return tl::unexpected(remote + ": " + error.message());
  return local.address();
}

std::optional<std::string> why_not_called_at(const wire::HostPort& listen) {
  if (wire::is_wildcard(listen)) return to_string(listen) + ": a server that calls it calls itself";
  asio::io_context io;
  error_code error;
  asio::ip::tcp::resolver(io).resolve(listen.host, "", error);
  if (error) return to_string(listen) + ": " + error.message();
  std::optional<std::string> trouble;
  Listener::Settings settings{listen, true, 1};
  Listener::Callbacks callbacks;
  std::shared_ptr<Listener> listener;
  callbacks.on_bound = [&](const tl::expected<std::uint16_t, std::string>& port) {
    if (!port) trouble = port.error();
    listener->close();
  };
  listener = std::make_shared<Listener>(io, std::make_shared<Resolver>(io), settings,
                                        std::move(callbacks));
  listener->start();
  io.run();
  return trouble;
}

DialBackTest::DialBackTest(asio::io_context& io, std::shared_ptr<Resolver> resolver,
                           Settings settings)
    : io_(io), resolver_(std::move(resolver)), settings_(std::move(settings)), timer_(io) {}

void DialBackTest::start(Done done) {
  done_ = std::move(done);
  asio::post(io_, [self = shared_from_this()] {
    if (!self->done_) return;
    if (self->settings_.listen) {
      self->result_.listener = *self->settings_.listen;
    } else {
      const auto local = local_address_towards(self->settings_.remote);
      if (!local) return self->finish(Result::What::kUntestable, local.error());
      self->result_.listener = {local->to_string(), 0};
    }
    Listener::Settings settings;
    settings.address = self->result_.listener;
    // Behind a translated address there is no such interface here.
    settings.on_all_ips = self->settings_.listen.has_value();
    settings.bind_retries = 1;
    self->listener_ = std::make_shared<Listener>(
        self->io_, self->resolver_, settings,
        Listener::Callbacks{
            [self](tl::expected<std::uint16_t, std::string> port) { self->bound(std::move(port)); },
            [](const std::string&) {},
            [self](asio::ip::tcp::socket socket) { self->called(std::move(socket)); },
            [](const std::string&) {}});
    self->listener_->start();
  });
}

void DialBackTest::bound(tl::expected<std::uint16_t, std::string> port) {
  if (!done_) return;
  if (!port) return finish(Result::What::kUntestable, "no port to wait at: " + port.error());
  result_.listener.port = *port;
  timer_.expires_after(settings_.timeout);
  timer_.async_wait([self = shared_from_this()](error_code aborted) {
    if (aborted || !self->done_) return;
    self->finish(
        Result::What::kNone,
        "no call within " + to_string(self->settings_.timeout) +
            (self->result_.closed ? ", and our link was closed at the greeting"
                                  : ", and our link stayed open: nobody read the greeting"));
  });
  greet();
}

void DialBackTest::greet() {
  Dial::Settings settings;
  if (const auto remote = wire::parse_host_port(settings_.remote)) settings.addresses = {*remote};
  settings.greeting =
      wire::encode(wire::InitialMessage{wire::GreetingForm::kV1, kDialBackId, {result_.listener}});
  settings.timeout = settings_.timeout;
  dial_ = std::make_shared<Dial>(io_, resolver_, std::move(settings));
  greeted_ = steady_clock::now();
  dial_->start([self = shared_from_this()](Dial::Result link) {
    if (!self->done_) return;
    self->dial_.reset();
    if (!link) return self->finish(Result::What::kUntestable, link.error());
    self->link_ = *std::move(link);  // stays until the end: the server closes it
    self->watch();
  });
}

void DialBackTest::watch() {
  link_->read_some(asio::buffer(ignored_),
                   [self = shared_from_this()](error_code error, std::size_t) {
                     if (!self->done_) return;
                     if (!error) return self->watch();
                     self->result_.closed =
                         std::chrono::duration_cast<Duration>(steady_clock::now() - self->greeted_);
                   });
}

// The first who calls: the port is known to this server alone.
void DialBackTest::called(asio::ip::tcp::socket socket) {
  if (!done_ || caller_) return;
  result_.took = std::chrono::duration_cast<Duration>(steady_clock::now() - greeted_);
  wire::Dialect reader;
  reader.lenient = true;
  caller_ =
      std::make_shared<GreetingReader>(io_, make_tcp_stream(std::move(socket), false), reader);
  caller_->start(settings_.timeout, [self = shared_from_this()](GreetingReader::Result greeted) {
    if (!self->done_) return;
    if (!greeted) return self->finish(Result::What::kNoGreeting, greeted.error());
    self->result_.greeting = greeted->message;
    self->finish(Result::What::kCame, "");
  });
}

void DialBackTest::finish(Result::What what, std::string text) {
  result_.what = what;
  result_.text = std::move(text);
  const Done done = std::move(done_);
  close();
  if (done) done(result_);
}

void DialBackTest::close() {
  done_ = nullptr;
  timer_.cancel();
  if (listener_) listener_->close();  // it holds us through its callbacks
  listener_.reset();
  if (dial_) dial_->close();
  if (caller_) caller_->close();
  if (link_) link_->close();
}

}  // namespace zkprobe::net
