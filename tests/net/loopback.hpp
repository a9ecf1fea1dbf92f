// What the tests of src/net share: a loop that runs until something holds, a peer made of a bare
// socket, and a connection manager that records what it reports.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "net/asio.hpp"
#include "net/connection_manager.hpp"

namespace zkprobe::net::test {

using asio::ip::tcp;

// Runs handlers until `done` holds; false after `limit`.
class Loop {
 public:
  Loop();
  bool run_until(const std::function<bool()>& done, Duration limit = std::chrono::seconds(5));
  // Runs what is ready now, and what becomes ready by it.
  void run_ready();

  asio::io_context io;

 private:
  asio::executor_work_guard<asio::io_context::executor_type> work_;
};

// A socket without any rules; reads whatever comes.
class RawPeer {
 public:
  // Connects to 127.0.0.1.
  RawPeer(Loop& loop, std::uint16_t port);
  RawPeer(Loop& loop, tcp::socket socket);
  ~RawPeer();
  RawPeer(const RawPeer&) = delete;
  RawPeer& operator=(const RawPeer&) = delete;

  void write(BytesView bytes);
  // Without waiting; how many bytes the kernel took.
  std::size_t write_what_fits(BytesView bytes);
  void close();
  // Does not read on: what the other side writes stays in the kernel.
  void stop_reading();
  const Bytes& received() const { return state_->received; }
  bool closed_by_peer() const { return state_->closed; }

 private:
  struct State {
    explicit State(tcp::socket s) : socket(std::move(s)) {}
    tcp::socket socket;
    Bytes received;
    bool closed = false;
    std::array<std::uint8_t, 4096> buffer{};
  };
  static void read(const std::shared_ptr<State>& state);

  std::shared_ptr<State> state_;
};

// Accepts on a free port of 127.0.0.1, when told to.
class RawListener {
 public:
  explicit RawListener(Loop& loop);
  std::uint16_t port() const;
  std::unique_ptr<RawPeer> accept(Duration limit = std::chrono::seconds(5));
  bool somebody_waits();

 private:
  Loop& loop_;
  tcp::acceptor acceptor_;
};

// Its backlog is full: it answers nobody, the kernel drops what comes.
class FullListener {
 public:
  explicit FullListener(Loop& loop);
  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

 private:
  tcp::acceptor acceptor_;
  std::vector<tcp::socket> clients_;
};

// A manager on a free port of 127.0.0.1 that records payloads and events.
class Node {
 public:
  using Adjust = std::function<void(ConnectionManager::Settings&)>;
  Node(Loop& loop, std::int64_t sid, const Adjust& adjust = {},
       std::shared_ptr<Resolver> resolver = nullptr);

  ConnectionManager& manager() { return *manager_; }
  ConnectionManager* operator->() { return manager_.get(); }
  Sid sid() const { return sid_; }
  std::uint16_t port() const { return port_; }
  bool linked_to(std::int64_t sid) const;
  // How often `what` was reported, of `peer` if one is given.
  std::size_t count(LinkEvent::What what, std::optional<std::int64_t> peer = std::nullopt) const;
  bool has_payload(std::int64_t from, const std::string& text) const;

  std::vector<std::pair<Sid, Bytes>> payloads;
  std::vector<LinkEvent> events;
  std::function<void(Sid, const Bytes&)> on_payload;  // after recording

 private:
  Sid sid_;
  std::uint16_t port_ = 0;
  std::unique_ptr<ConnectionManager> manager_;
};

// A port of 127.0.0.1 where nobody listens.
std::uint16_t dead_port(Loop& loop);
wire::QuorumConfig config_of(const std::vector<std::pair<std::int64_t, std::uint16_t>>& members);
wire::QuorumConfig config_of_hosts(
    const std::vector<std::pair<std::int64_t, wire::HostPort>>& members);
Bytes bare_greeting(std::int64_t sid);
Bytes v1_greeting(std::int64_t sid, const std::string& address);
Bytes text_bytes(const std::string& text);
Bytes framed(const std::string& text);
Bytes operator+(Bytes left, const Bytes& right);
std::size_t open_descriptors();

}  // namespace zkprobe::net::test
