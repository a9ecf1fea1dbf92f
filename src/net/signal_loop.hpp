// The loop of a program that answers SIGINT, SIGTERM and its limits of time however busy it is.
//
// A reactor hands over what is ready in the order in which it became so. With thousands of busy
// sockets a signal's own descriptor, and a timer, wait until every socket before them had its turn:
// seconds. So both are also looked at between handlers.
#pragma once

#include <csignal>
#include <functional>

#include "base/time.hpp"
#include "net/asio.hpp"

namespace zkprobe::net {

class SignalLoop {
 public:
  // How often a busy loop looks, at the most.
  static constexpr Duration kLookInterval = std::chrono::milliseconds(20);

  // From here on to the end of this object SIGINT and SIGTERM of this thread, and of threads that
  // it starts, come to `on_signal`, from the loop. `io` must outlive this.
  SignalLoop(asio::io_context& io, std::function<void()> on_signal);
  // Signals that came meanwhile and were not told are forgotten.
  ~SignalLoop();
  SignalLoop(const SignalLoop&) = delete;
  SignalLoop& operator=(const SignalLoop&) = delete;

  // io_context::run. `look` is called between handlers, kLookInterval apart, and not while the loop
  // has nothing to do: what has to come at its time needs a timer as well.
  void run(const std::function<void()>& look);

 private:
  void wait();
  bool take_signal();

  asio::io_context& io_;
  const std::function<void()> on_signal_;
  sigset_t before_{};
  asio::posix::stream_descriptor signals_;
};

}  // namespace zkprobe::net
