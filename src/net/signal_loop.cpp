#include "net/signal_loop.hpp"

#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <system_error>

namespace zkprobe::net {
namespace {

sigset_t watched() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

}  // namespace

SignalLoop::SignalLoop(asio::io_context& io, std::function<void()> on_signal)
    : io_(io), on_signal_(std::move(on_signal)), signals_(io) {
  const sigset_t set = watched();
  const int fd = ::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
  if (fd < 0) throw std::system_error(errno, std::generic_category(), "signalfd");
  signals_.assign(fd);
  pthread_sigmask(SIG_BLOCK, &set, &before_);
  wait();
}

SignalLoop::~SignalLoop() {
  while (take_signal()) {
  }
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

void SignalLoop::wait() {
  signals_.async_wait(asio::posix::stream_descriptor::wait_read, [this](error_code aborted) {
    if (aborted) return;
    if (take_signal()) on_signal_();
    wait();
  });
}

bool SignalLoop::take_signal() {
  signalfd_siginfo info{};
  return ::read(signals_.native_handle(), &info, sizeof info) == sizeof info;
}

void SignalLoop::run(const std::function<void()>& look) {
  using Clock = std::chrono::steady_clock;
  auto looked = Clock::now();
  while (io_.run_one() > 0) {
    const auto now = Clock::now();
    if (now - looked < kLookInterval) continue;
    looked = now;
    if (take_signal()) on_signal_();
    look();
  }
}

}  // namespace zkprobe::net
