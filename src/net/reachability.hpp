// Which of several hosts is there at all: what a server of 3.6.0 and later asks before it dials a
// peer that has several addresses. Java: MultipleAddresses.getReachableAddress, which asks
// InetAddress.isReachable.
//
// As a JVM that is not root does it: a TCP connection to port 7 (echo). A host that accepts or
// refuses it is there; one from which nothing comes, or a router's word, is not. Nothing is sent.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "net/asio.hpp"
#include "net/resolver.hpp"

namespace zkprobe::net {

class Reachability : public std::enable_shared_from_this<Reachability> {
 public:
  static constexpr std::uint16_t kEchoPort = 7;
  // The place in `hosts` of the first that answers; nothing if none does in time.
  using Done = std::function<void(std::optional<std::size_t>)>;

  Reachability(asio::io_context& io, std::shared_ptr<Resolver> resolver,
               std::uint16_t port = kEchoPort);

  // Asks all of them at once, names and literals. `done` is called once, from the loop, never from
  // inside.
  void start(const std::vector<std::string>& hosts, Duration patience, Done done);
  // `done` is not called afterwards.
  void close();

 private:
  void looked_up(std::size_t place, const Resolver::Addresses& addresses);
  void probe(std::size_t place, const asio::ip::address& address);
  void one_less();
  void finish(std::optional<std::size_t> place);

  asio::io_context& io_;
  std::shared_ptr<Resolver> resolver_;  // none once it has ended
  const std::uint16_t port_;
  asio::steady_timer timer_;
  std::vector<std::shared_ptr<asio::ip::tcp::socket>> sockets_;
  std::size_t open_ = 0;  // look-ups and connections under way
  Done done_;
};

}  // namespace zkprobe::net
