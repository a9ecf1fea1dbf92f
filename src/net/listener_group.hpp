// The listeners of one manager: one per address, or one per port on all addresses.
// Java: QuorumCnxManager.Listener, which is content with one address that it could bind.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "net/listener.hpp"

namespace zkprobe::net {

class ListenerGroup : public std::enable_shared_from_this<ListenerGroup> {
 public:
  struct Settings {
    std::vector<wire::HostPort> addresses;
    bool on_all_ips = false;  // the wildcard address, once for each port
    int bind_retries = 3;     // tries; 0 means for ever
    Duration bind_pause = std::chrono::seconds(1);
  };
  // What is bound, in the order of Settings::addresses, or an error that names every address once
  // all were given up.
  using Started = tl::expected<std::vector<wire::HostPort>, std::string>;
  struct Callbacks {
    // Once, when every address is bound or has failed, be it that some are tried again.
    std::function<void(Started)> on_started;
    std::function<void(asio::ip::tcp::socket)> on_accept;
    std::function<void(const std::string& why)> on_trouble;  // as Listener's
  };

  ListenerGroup(asio::io_context& io, std::shared_ptr<Resolver> resolver, Settings settings,
                Callbacks callbacks);

  // Callbacks come from the loop.
  void start();
  // No callback comes afterwards.
  void close();
  // The port bound for the address at `place`; nothing while it is not bound.
  std::optional<std::uint16_t> port(std::size_t place) const;
  std::vector<wire::HostPort> bound() const;

 private:
  struct Place {
    std::optional<wire::HostPort> bound;
    std::string failure;  // the latest
    bool given_up = false;
  };

  void listen(const std::vector<std::size_t>& places);
  void report();

  asio::io_context& io_;
  const std::shared_ptr<Resolver> resolver_;
  const Settings settings_;
  Callbacks callbacks_;
  std::vector<std::shared_ptr<Listener>> listeners_;
  std::vector<Place> places_;
  bool reported_ = false;
  bool closed_ = false;
};

}  // namespace zkprobe::net
