#include "net/output_sink.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>

namespace zkprobe::net {
namespace {

// A descriptor that blocks is given no more than a ready pipe is sure to take (PIPE_BUF).
constexpr std::size_t kReadyChunk = 4096;

bool not_ready(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

bool ready_to_write(int fd, int milliseconds) {
  pollfd ready{fd, POLLOUT, 0};
  return ::poll(&ready, 1, milliseconds) > 0;
}

bool reader_is_gone(int fd) {
  pollfd reader{fd, 0, 0};
  return ::poll(&reader, 1, 0) > 0 && (reader.revents & (POLLERR | POLLHUP)) != 0;
}

}  // namespace

OutputSink::OutputSink(asio::io_context& io, int fd, Handlers handlers,
                       std::size_t max_queued_bytes)
    : io_(io), handlers_(std::move(handlers)), max_queued_bytes_(max_queued_bytes) {
  open(fd);
}

OutputSink::~OutputSink() = default;

// O_NONBLOCK belongs to the open file, which the shell and other programs share: a pipe or a
// terminal is opened once more, for this program alone. A socket cannot be; send() takes a flag.
void OutputSink::open(int fd) {
  fd_ = fd;
  struct stat status {};
  if (::fstat(fd, &status) != 0) return;
  if (!S_ISFIFO(status.st_mode) && !S_ISSOCK(status.st_mode) && ::isatty(fd) == 0) return;
  kind_ = S_ISSOCK(status.st_mode) ? Kind::kSocket : Kind::kStream;
  int own = -1;
  if (kind_ == Kind::kStream) {
    const std::string path = "/proc/self/fd/" + std::to_string(fd);
    own = ::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  }
  shared_ = own < 0;
  if (shared_) own = ::fcntl(fd, F_DUPFD_CLOEXEC, 3);
  if (own < 0) {
    kind_ = Kind::kFile;
    return;
  }
  descriptor_.emplace(io_, own);
}

void OutputSink::write(std::string record) {
  if (closed_ || record.empty()) return;
  // Once it drops, it goes on dropping until half of the queue is read: one gap, one line.
  const std::size_t bound = dropped_and_not_said_ > 0 ? max_queued_bytes_ / 2 : max_queued_bytes_;
  if (!queue_.empty() && queued_bytes_ + record.size() > bound) {
    ++dropped_;
    ++dropped_and_not_said_;
    return;
  }
  report_gap();
  queued_bytes_ += record.size();
  queue_.push_back(std::move(record));
  if (!waiting_ && flush() == Outcome::kMustWait) wait_for_reader();
}

OutputSink::Outcome OutputSink::flush() {
  while (!queue_.empty()) {
    const std::string& front = queue_.front();
    const long written = put(front.data() + sent_of_front_, front.size() - sent_of_front_);
    if (written == 0) return Outcome::kMustWait;
    if (written < 0) {
      end_output(errno);
      return Outcome::kClosed;
    }
    sent_of_front_ += static_cast<std::size_t>(written);
    queued_bytes_ -= static_cast<std::size_t>(written);
    if (sent_of_front_ == front.size()) {
      queue_.pop_front();
      sent_of_front_ = 0;
    }
  }
  return Outcome::kAllWritten;
}

long OutputSink::put(const char* data, std::size_t size) {
  long written = -1;
  if (kind_ == Kind::kFile) {
    do {
      written = ::write(fd_, data, size);
    } while (written < 0 && errno == EINTR);
    if (written == 0) errno = EIO;
    return written > 0 ? written : -1;
  }
  const int own = descriptor_->native_handle();
  if (kind_ == Kind::kSocket) {
    written = ::send(own, data, size, MSG_DONTWAIT | MSG_NOSIGNAL);
  } else if (!shared_) {
    written = ::write(own, data, size);
  } else if (ready_to_write(own, 0)) {
    written = ::write(own, data, std::min(size, kReadyChunk));
  } else {
    return 0;
  }
  return written < 0 && not_ready(errno) ? 0 : written;
}

void OutputSink::wait_for_reader() {
  waiting_ = true;
  descriptor_->async_wait(asio::posix::stream_descriptor::wait_write, [this](error_code error) {
    if (error == asio::error::operation_aborted) return;
    waiting_ = false;
    if (flush() == Outcome::kMustWait) wait_for_reader();
  });
}

// A descriptor of our own alone: waiting makes it non-blocking.
void OutputSink::watch_reader() {
  if (closed_ || kind_ != Kind::kStream || shared_) return;
  descriptor_->async_wait(asio::posix::stream_descriptor::wait_error, [this](error_code error) {
    if (error || closed_) return;
    if (reader_is_gone(descriptor_->native_handle())) return end_output(EPIPE);
    watch_reader();
  });
}

void OutputSink::end_output(int error) {
  closed_ = true;
  queue_.clear();
  queued_bytes_ = 0;
  // A reader that is gone (head, a pager that was left) is no news for anyone.
  lost_ = error != EPIPE && error != ECONNRESET;
  if (lost_ && handlers_.report) {
    handlers_.report(std::string("cannot write to standard output: ") + std::strerror(error));
  }
  if (handlers_.closed) asio::post(io_, handlers_.closed);
}

void OutputSink::report_gap() {
  if (dropped_and_not_said_ == 0) return;
  if (handlers_.report) {
    handlers_.report(std::to_string(dropped_and_not_said_) +
                     " records dropped: the reader of standard output is too slow");
  }
  dropped_and_not_said_ = 0;
}

void OutputSink::finish(Duration patience) {
  const auto end = std::chrono::steady_clock::now() + patience;
  while (!closed_ && flush() == Outcome::kMustWait) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
    if (left.count() <= 0 ||
        !ready_to_write(descriptor_->native_handle(), static_cast<int>(left.count()))) {
      dropped_ += queue_.size();
      dropped_and_not_said_ += queue_.size();
      queue_.clear();
      queued_bytes_ = 0;
      break;
    }
  }
  if (dropped_ > 0 && handlers_.report) {
    handlers_.report(std::to_string(dropped_) +
                     " records dropped in all: the reader of standard output is too slow");
  }
  dropped_and_not_said_ = 0;
}

}  // namespace zkprobe::net
