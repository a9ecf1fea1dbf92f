// One dial: look the host up, connect, write the greeting. Several addresses are tried in turn.
// Java: QuorumCnxManager.initiateConnection and the first half of startConnection.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "net/asio.hpp"
#include "net/reachability.hpp"
#include "net/resolver.hpp"
#include "net/stream.hpp"
#include "wire/initial_message.hpp"

namespace zkprobe::net {

// Addresses that one dial tries. A greeting may name hundreds.
inline constexpr std::size_t kMaxDialAddresses = 8;

class Dial : public std::enable_shared_from_this<Dial> {
 public:
  struct Settings {
    std::vector<wire::HostPort> addresses;  // those beyond kMaxDialAddresses are not tried
    Bytes greeting;                         // goes out in one write
    // For everything together; each try gets its share of what is left.
    Duration timeout = std::chrono::seconds(5);
    bool keepalive = false;
    // With several hosts, so long is asked which one is there, and the first that answers is tried
    // first (reachability.hpp). Zero: they are tried in their order.
    Duration reachability = Duration(0);
  };
  // A stream on which the greeting was written, or what failed at each address.
  using Result = tl::expected<std::unique_ptr<Stream>, std::string>;

  Dial(asio::io_context& io, std::shared_ptr<Resolver> resolver, Settings settings);

  // `done` is called once, from the loop.
  void start(std::function<void(Result)> done);
  // `done` is not called afterwards.
  void close();

 private:
  void look_who_is_there();
  void next();
  void next_host();
  void next_endpoint();
  void connected(error_code error);
  void start_timer(std::size_t tries_left);
  void give_up(const std::string& why);  // of the try under way
  void finish(Result result);

  asio::io_context& io_;
  std::shared_ptr<Resolver> resolver_;  // none once the dial has ended
  const Settings settings_;
  std::vector<wire::HostPort> hosts_;               // untried, the next one last
  std::vector<asio::ip::tcp::endpoint> endpoints_;  // of the current host, the next one last
  std::shared_ptr<Reachability> reachability_;
  std::string trying_;
  std::string failures_;
  std::chrono::steady_clock::time_point deadline_;
  asio::steady_timer timer_;
  std::optional<asio::ip::tcp::socket> socket_;
  std::unique_ptr<Stream> stream_;
  std::function<void(Result)> done_;
  unsigned try_ = 0;  // tells late handlers of an earlier try
};

}  // namespace zkprobe::net
