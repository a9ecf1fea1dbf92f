#include "net/loopback.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <filesystem>
#include <stdexcept>

#include "wire/framer.hpp"

namespace zkprobe::net::test {

Loop::Loop() : work_(asio::make_work_guard(io)) { spdlog::set_level(spdlog::level::off); }

bool Loop::run_until(const std::function<bool()>& done, Duration limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (!done()) {
    if (std::chrono::steady_clock::now() >= deadline) return false;
    io.run_one_until(deadline);
  }
  return true;
}

void Loop::run_ready() { io.poll(); }

RawPeer::RawPeer(Loop& loop, std::uint16_t port)
    : state_(std::make_shared<State>(tcp::socket(loop.io))) {
  state_->socket.connect({asio::ip::address_v4::loopback(), port});
  state_->socket.set_option(tcp::no_delay(true));
  read(state_);
}

RawPeer::RawPeer(Loop&, tcp::socket socket) : state_(std::make_shared<State>(std::move(socket))) {
  read(state_);
}

RawPeer::~RawPeer() { close(); }

void RawPeer::write(BytesView bytes) {
  error_code ignored;  // the other side may have closed already
  asio::write(state_->socket, asio::buffer(bytes.data(), bytes.size()), ignored);
}

std::size_t RawPeer::write_what_fits(BytesView bytes) {
  error_code full;  // or closed by the other side
  state_->socket.non_blocking(true);
  const std::size_t taken =
      asio::write(state_->socket, asio::buffer(bytes.data(), bytes.size()), full);
  state_->socket.non_blocking(false);
  return taken;
}

void RawPeer::close() {
  error_code ignored;
  state_->socket.close(ignored);
}

void RawPeer::stop_reading() { state_->socket.cancel(); }

void RawPeer::read(const std::shared_ptr<State>& state) {
  state->socket.async_read_some(
      asio::buffer(state->buffer), [state](error_code error, std::size_t size) {
        if (error == asio::error::operation_aborted) return;
        if (error) {
          state->closed = true;
          return;
        }
        state->received.insert(state->received.end(), state->buffer.begin(),
                               state->buffer.begin() + static_cast<std::ptrdiff_t>(size));
        read(state);
      });
}

RawListener::RawListener(Loop& loop)
    : loop_(loop), acceptor_(loop.io, {asio::ip::address_v4::loopback(), 0}) {
  acceptor_.non_blocking(true);
}

std::uint16_t RawListener::port() const { return acceptor_.local_endpoint().port(); }

std::unique_ptr<RawPeer> RawListener::accept(Duration limit) {
  auto taken = std::make_shared<std::optional<tcp::socket>>();
  acceptor_.async_accept([taken](error_code error, tcp::socket socket) {
    if (!error) *taken = std::move(socket);
  });
  if (!loop_.run_until([&] { return taken->has_value(); }, limit)) {
    acceptor_.cancel();
    return nullptr;
  }
  return std::make_unique<RawPeer>(loop_, std::move(**taken));
}

bool RawListener::somebody_waits() {
  error_code error;
  tcp::socket socket(loop_.io);
  acceptor_.accept(socket, error);
  return !error;
}

FullListener::FullListener(Loop& loop) : acceptor_(loop.io) {
  acceptor_.open(tcp::v4());
  acceptor_.bind({asio::ip::address_v4::loopback(), 0});
  acceptor_.listen(0);
  for (int i = 0; i < 4; ++i) {
    clients_.emplace_back(loop.io);
    clients_.back().async_connect(acceptor_.local_endpoint(), [](error_code) {});
  }
  loop.run_ready();
}

Node::Node(Loop& loop, std::int64_t sid, const Adjust& adjust, std::shared_ptr<Resolver> resolver)
    : sid_(sid) {
  ConnectionManager::Settings settings;
  settings.self = sid_;
  settings.listen = {{"127.0.0.1", 0}};
  settings.bind_pause = std::chrono::milliseconds(20);
  if (adjust) adjust(settings);
  if (!resolver) resolver = std::make_shared<Resolver>(loop.io);
  ConnectionManager::Callbacks callbacks;
  callbacks.on_payload = [this](Sid from, Bytes payload) {
    payloads.emplace_back(from, payload);
    if (on_payload) on_payload(from, payload);
  };
  callbacks.on_link = [this](const LinkEvent& event) { events.push_back(event); };
  manager_ = std::make_unique<ConnectionManager>(loop.io, std::move(resolver), std::move(settings),
                                                 std::move(callbacks));
  std::optional<ConnectionManager::Listening> listening;
  manager_->start([&listening](ConnectionManager::Listening result) { listening = result; });
  if (!loop.run_until([&] { return listening.has_value(); })) {
    throw std::runtime_error("the manager did not start");
  }
  if (!*listening) throw std::runtime_error(listening->error());
  port_ = (*listening)->front().port;
}

bool Node::linked_to(std::int64_t sid) const {
  const std::vector<Sid> sids = manager_->linked();
  return std::find(sids.begin(), sids.end(), Sid(sid)) != sids.end();
}

std::size_t Node::count(LinkEvent::What what, std::optional<std::int64_t> peer) const {
  return static_cast<std::size_t>(
      std::count_if(events.begin(), events.end(), [&](const LinkEvent& event) {
        return event.what == what && (!peer || event.peer == Sid(*peer));
      }));
}

bool Node::has_payload(std::int64_t from, const std::string& text) const {
  return std::find(payloads.begin(), payloads.end(), std::pair(Sid(from), text_bytes(text))) !=
         payloads.end();
}

std::uint16_t dead_port(Loop& loop) { return RawListener(loop).port(); }

wire::QuorumConfig config_of(const std::vector<std::pair<std::int64_t, std::uint16_t>>& members) {
  std::vector<std::pair<std::int64_t, wire::HostPort>> hosts;
  for (const auto& [sid, port] : members) hosts.push_back({sid, {"127.0.0.1", port}});
  return config_of_hosts(hosts);
}

wire::QuorumConfig config_of_hosts(
    const std::vector<std::pair<std::int64_t, wire::HostPort>>& members) {
  wire::QuorumConfig config;
  for (const auto& [sid, address] : members) {
    wire::QuorumServer server;
    server.sid = Sid(sid);
    server.addresses.push_back({address.host, 1, address.port});
    config.servers.push_back(server);
  }
  return config;
}

Bytes bare_greeting(std::int64_t sid) {
  return wire::encode({wire::GreetingForm::kBareSid, Sid(sid), {}});
}

// Built here by hand, so that addresses that no encoder writes can be sent too.
Bytes v1_greeting(std::int64_t sid, const std::string& address) {
  Writer writer;
  writer.i64(wire::kGreetingV1);
  writer.i64(sid);
  writer.i32(static_cast<std::int32_t>(address.size()));
  writer.text(address);
  return writer.take();
}

Bytes text_bytes(const std::string& text) { return {text.begin(), text.end()}; }

Bytes framed(const std::string& text) { return wire::frame(text_bytes(text)); }

Bytes operator+(Bytes left, const Bytes& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

std::size_t open_descriptors() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(all), end(all))) - 1;  // without its own
}

}  // namespace zkprobe::net::test
