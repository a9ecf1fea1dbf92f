#include "net/signal_loop.hpp"

#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <csignal>
#include <memory>
#include <thread>
#include <vector>

#include "net/loopback.hpp"

namespace zkprobe::net::test {
namespace {

using namespace std::chrono_literals;

// Descriptors that are always ready, whose handlers take their time.
class BusySockets {
 public:
  BusySockets(asio::io_context& io, int count, std::function<void()> on_turn)
      : on_turn_(std::move(on_turn)) {
    for (int i = 0; i < count; ++i) {
      all_.push_back(std::make_unique<asio::posix::stream_descriptor>(io, ::eventfd(1, 0)));
      wait(*all_.back());
    }
  }

 private:
  void wait(asio::posix::stream_descriptor& one) {
    one.async_wait(asio::posix::stream_descriptor::wait_read, [this, &one](error_code aborted) {
      if (aborted) return;
      on_turn_();
      wait(one);
    });
  }

  std::vector<std::unique_ptr<asio::posix::stream_descriptor>> all_;
  std::function<void()> on_turn_;
};

TEST(SignalLoop, AnIdleLoopIsToldOfASignal) {
  for (const int signal : {SIGINT, SIGTERM}) {
    asio::io_context io;
    int told = 0;
    SignalLoop loop(io, [&] {
      ++told;
      io.stop();
    });
    std::raise(signal);
    loop.run([] {});
    EXPECT_EQ(told, 1);
  }
}

TEST(SignalLoop, ABusyLoopIsToldBeforeEverySocketHadItsTurn) {
  asio::io_context io;
  int turns = 0;
  int turns_when_told = 0;
  SignalLoop loop(io, [&] {
    turns_when_told = turns;
    io.stop();
  });
  BusySockets sockets(io, 400, [&] {
    if (++turns == 10) std::raise(SIGTERM);
    std::this_thread::sleep_for(2ms);  // the work of a handler
  });
  loop.run([] {});
  EXPECT_GE(turns_when_told, 10);
  EXPECT_LE(turns_when_told, 10 + SignalLoop::kLookInterval / 2ms + 1);
}

TEST(SignalLoop, ABusyLoopLooksAtItsLimits) {
  asio::io_context io;
  int turns = 0;
  SignalLoop loop(io, [] {});
  BusySockets sockets(io, 400, [&] {
    ++turns;
    std::this_thread::sleep_for(2ms);
  });
  int looks = 0;
  loop.run([&] {
    if (++looks == 3) io.stop();
  });
  EXPECT_LE(turns, 3 * (SignalLoop::kLookInterval / 2ms + 1));
}

TEST(SignalLoop, ItsEndRestoresWhatSignalsDid) {
  sigset_t before;
  pthread_sigmask(SIG_SETMASK, nullptr, &before);
  ASSERT_FALSE(sigismember(&before, SIGINT));
  {
    asio::io_context io;
    SignalLoop loop(io, [] { FAIL() << "nothing runs the loop"; });
    sigset_t during;
    pthread_sigmask(SIG_SETMASK, nullptr, &during);
    EXPECT_TRUE(sigismember(&during, SIGINT));
    std::raise(SIGINT);  // would end the program when the mask is restored
  }
  sigset_t after;
  pthread_sigmask(SIG_SETMASK, nullptr, &after);
  EXPECT_FALSE(sigismember(&after, SIGINT));
}

}  // namespace
}  // namespace zkprobe::net::test
