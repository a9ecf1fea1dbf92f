// Asks a server to dial back: greets it with an id lower than every member's, and waits at the
// address that the greeting names. A server of 3.5.0 and later closes such a link and dials that
// address (QuorumCnxManager.handleConnection, connectOne); earlier ones dial configured addresses
// alone, and call nobody for an id that they do not know.
//
// What it leaves behind: as a question does (peer/vote_query.hpp), a few lines in the log and an
// empty queue for kDialBackId until the server restarts.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <tl/expected.hpp>

#include "base/ids.hpp"
#include "base/time.hpp"
#include "net/asio.hpp"
#include "net/dial.hpp"
#include "net/greeting_reader.hpp"
#include "net/listener.hpp"
#include "net/resolver.hpp"

namespace zkprobe::net {

// Below every id that people give. One for all: a server keeps a queue for each id it ever met.
inline constexpr Sid kDialBackId{-0x7fffffffffff7a6b};

// The address from which this host reaches `remote` ("10.0.0.1:3888"), by its routes; nothing is
// sent. Or why there is none.
tl::expected<asio::ip::address, std::string> local_address_towards(const std::string& remote);

// Why no server can call this host at `listen`, for a line of text: a wildcard, a name that stands
// for no address, a port that cannot be bound here. Nothing where all is well. Blocks as long as
// the system's resolver does.
std::optional<std::string> why_not_called_at(const wire::HostPort& listen);

class DialBackTest : public std::enable_shared_from_this<DialBackTest> {
 public:
  struct Settings {
    std::string remote;  // the election port, as it was reached: "10.0.0.1:3888"
    Duration timeout = std::chrono::seconds(5);
    // Where to wait, where the way to the server does not tell: a translated address. Port 0 is
    // any.
    std::optional<wire::HostPort> listen;
  };
  struct Result {
    enum class What { kCame, kNone, kNoGreeting, kUntestable };
    What what = What::kNone;
    std::optional<wire::InitialMessage> greeting;
    wire::HostPort listener;
    std::string text;  // why it did not come
    Duration took{0};
    // After so long the server closed the link that was greeted, as one does that read the
    // greeting.
    std::optional<Duration> closed;
  };
  using Done = std::function<void(const Result&)>;

  DialBackTest(asio::io_context& io, std::shared_ptr<Resolver> resolver, Settings settings);

  // `done` is called once, from the loop; nothing is left open then.
  void start(Done done);
  // `done` is not called afterwards.
  void close();

 private:
  void bound(tl::expected<std::uint16_t, std::string> port);
  void greet();
  void watch();
  void called(asio::ip::tcp::socket socket);
  void finish(Result::What what, std::string text);

  asio::io_context& io_;
  const std::shared_ptr<Resolver> resolver_;
  const Settings settings_;
  std::shared_ptr<Listener> listener_;
  std::shared_ptr<Dial> dial_;
  std::unique_ptr<Stream> link_;
  std::array<std::uint8_t, 64> ignored_{};  // nothing comes on that link
  std::shared_ptr<GreetingReader> caller_;
  asio::steady_timer timer_;
  std::chrono::steady_clock::time_point greeted_;
  Result result_;
  Done done_;
};

}  // namespace zkprobe::net
