// Plays a captured peer against a live server: analysis::LivePlayer over sockets.
//
// Who has the larger id dials the link that stays. As the larger one we dial, and that is the link.
// As the smaller one we greet; the server closes that connection and dials back, to the address
// that the greeting announces (3.5.0 and later) or to the one in its configuration.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "analysis/live_player.hpp"
#include "net/asio.hpp"
#include "net/connection.hpp"
#include "net/dial.hpp"
#include "net/greeting_reader.hpp"
#include "net/listener.hpp"
#include "net/resolver.hpp"
#include "wire/initial_message.hpp"

namespace zkprobe::net {

class LiveLink : public std::enable_shared_from_this<LiveLink> {
 public:
  struct Settings {
    wire::HostPort target;  // its election address
    Sid as;
    wire::GreetingForm greeting = wire::GreetingForm::kBareSid;
    bool dialled_back = false;  // `as` is smaller than the target's id
    // Where the dial back is awaited, and what the greeting announces; port 0: a free one.
    wire::HostPort listen{"127.0.0.1", 0};
    Duration timeout = std::chrono::seconds(5);  // for each link
  };
  using Done = std::function<void()>;

  LiveLink(asio::io_context& io, std::shared_ptr<Resolver> resolver, Settings settings,
           analysis::LivePlayer::Settings script);

  // `done` is called once, from the loop; nothing is left open then.
  void start(Done done);
  // `done` is not called afterwards.
  void close();
  const analysis::LivePlayer& player() const { return player_; }

 private:
  void step(const analysis::LivePlayer::Event& event);
  void apply(const analysis::LivePlayer::Effect& effect);
  void greet();
  void await_close(std::shared_ptr<Stream> stream);
  void accepted(asio::ip::tcp::socket socket);
  void take(std::unique_ptr<Stream> stream, Bytes rest, std::size_t greeting_size);
  void send_next();
  void close_link();
  void set_timer();

  asio::io_context& io_;
  const std::shared_ptr<Resolver> resolver_;
  const Settings settings_;
  analysis::LivePlayer player_;
  asio::steady_timer timer_;
  std::shared_ptr<Listener> listener_;
  std::shared_ptr<GreetingReader> greeted_;
  std::shared_ptr<Dial> dial_;
  std::shared_ptr<Stream> greeting_;  // of a connection that only greets
  std::shared_ptr<Connection> connection_;
  std::deque<Bytes> waiting_;  // behind the payload that is being written
  std::uint16_t port_ = 0;
  Done done_;
};

}  // namespace zkprobe::net
