// Accepts on one address. Java: QuorumCnxManager.Listener.ListenerHandler.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include <tl/expected.hpp>

#include "base/time.hpp"
#include "net/asio.hpp"
#include "net/resolver.hpp"
#include "wire/initial_message.hpp"

namespace zkprobe::net {

class Listener : public std::enable_shared_from_this<Listener> {
 public:
  struct Settings {
    wire::HostPort address;
    bool on_all_ips = false;  // the wildcard address instead of address.host
    int bind_retries = 3;     // tries; 0 means for ever
    Duration bind_pause = std::chrono::seconds(1);
  };
  struct Callbacks {
    // Once: the port that is bound, or "127.0.0.1:3888: Address already in use".
    std::function<void(tl::expected<std::uint16_t, std::string>)> on_bound;
    // Binding failed and is tried again after a pause.
    std::function<void(const std::string& why)> on_retry;
    std::function<void(asio::ip::tcp::socket)> on_accept;
    // Accepting failed, for want of descriptors as a rule; it goes on after a pause.
    std::function<void(const std::string& why)> on_trouble;
  };
  // Between two tries to accept after a failure.
  static constexpr Duration kAcceptPause = std::chrono::milliseconds(100);

  Listener(asio::io_context& io, std::shared_ptr<Resolver> resolver, Settings settings,
           Callbacks callbacks);

  // The host is looked up before each try to bind (ZOOKEEPER-3991).
  void start();
  // No callback comes afterwards.
  void close();

 private:
  void look_up();
  void bind(const Resolver::Addresses& addresses);
  error_code open(const asio::ip::tcp::endpoint& endpoint);
  void not_bound(const std::string& why);
  void accept();
  void pause(Duration duration, void (Listener::*then)());

  asio::io_context& io_;
  const std::shared_ptr<Resolver> resolver_;
  const Settings settings_;
  Callbacks callbacks_;
  asio::ip::tcp::acceptor acceptor_;
  asio::steady_timer timer_;
  int tries_ = 0;
  bool closed_ = false;
};

}  // namespace zkprobe::net
