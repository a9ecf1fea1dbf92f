// A server that listens on a TCP port: a Java server, or a zkprobe peer.
#pragma once

#include <array>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "conformance/endpoint.hpp"
#include "net/asio.hpp"
#include "net/resolver.hpp"
#include "wire/initial_message.hpp"

namespace zkprobe::conformance {

class TcpEndpoint final : public Endpoint {
 public:
  // The election port. The host is looked up at the first dial.
  explicit TcpEndpoint(wire::HostPort address);
  // Where else there is something to dial, or to listen on.
  void know(const Place& place, wire::HostPort address) { places_[place] = std::move(address); }
  ~TcpEndpoint() override;

  std::optional<Link> dial(const Place& place, Duration patience) override;
  void write(Link link, BytesView bytes) override;
  void close(Link link) override;
  Event wait(Link link, Duration patience) override;
  std::string listen(const std::string& peer) override;
  std::string listen_at(const std::string& peer, const Place& place) override;
  void stop_listening() override;
  std::optional<Link> accept(const std::string& peer, Duration patience) override;
  void pass(Duration duration) override;
  Instant now() const override;

  bool interrupted() const override { return interrupted_; }
  // From here on SIGINT and SIGTERM interrupt, rather than end the process.
  void interrupt_on_signals();

  // The address at which the election port was reached last; empty: never.
  const std::string& reached() const { return reached_; }
  // Whether this name or address leads there as well.
  bool leads_there(const std::string& host, Duration patience);
  // Why the last dial failed.
  const std::string& failure() const { return failure_; }

 private:
  using tcp = net::asio::ip::tcp;
  struct Open {
    explicit Open(net::asio::io_context& io) : socket(io) {}
    tcp::socket socket;
    std::array<std::uint8_t, 65536> buffer{};
    Bytes received;  // not taken yet
    bool closed = false;
    std::deque<Bytes> unsent;
    bool writing = false;
  };
  struct Waiting {
    explicit Waiting(net::asio::io_context& io) : acceptor(io) {}
    tcp::acceptor acceptor;
    std::deque<Link> calls;
  };

  std::optional<std::vector<net::asio::ip::address>> resolve(const std::string& host,
                                                             Duration patience);
  std::optional<Link> dial_address(const wire::HostPort& address, Duration patience);
  net::error_code open(const std::string& peer, const net::asio::ip::address& address,
                       std::uint16_t port);
  // Runs the loop until `done` holds or the time is over; what `done` says at the end.
  bool run_until(Duration patience, const std::function<bool()>& done);
  Link add(std::shared_ptr<Open> open);
  void read(const std::shared_ptr<Open>& open);
  void write_next(const std::shared_ptr<Open>& open);
  void accept_next(const std::shared_ptr<Waiting>& waiting);

  std::map<Place, wire::HostPort> places_;
  net::asio::io_context io_;
  std::shared_ptr<net::Resolver> resolver_;
  std::map<Link, std::shared_ptr<Open>> links_;
  std::map<std::string, std::shared_ptr<Waiting>> listeners_;
  std::string local_ = "127.0.0.1";  // from where the server was reached
  std::string reached_, last_reached_;
  std::string failure_;
  std::optional<net::asio::signal_set> signals_;
  bool interrupted_ = false;
  Link next_ = 1;
};

}  // namespace zkprobe::conformance
