#include "net/greeting_reader.hpp"

#include "base/excerpt.hpp"

namespace zkprobe::net {

GreetingReader::GreetingReader(asio::io_context& io, std::unique_ptr<Stream> stream,
                               wire::Dialect reader)
    : stream_(std::move(stream)), reader_(reader), remote_(stream_->remote()), timer_(io) {}

void GreetingReader::start(Duration timeout, std::function<void(Result)> done) {
  done_ = std::move(done);
  timer_.expires_after(timeout);
  timer_.async_wait([self = shared_from_this(), timeout](error_code aborted) {
    if (aborted || !self->done_) return;
    self->finish(
        tl::unexpected("no whole greeting in " + to_string(timeout) + "; " + self->so_far()));
  });
  read();
}

void GreetingReader::close() {
  done_ = nullptr;
  timer_.cancel();
  if (stream_) stream_->close();
}

void GreetingReader::read() {
  stream_->read_some(
      asio::buffer(buffer_), [self = shared_from_this()](error_code error, std::size_t size) {
        if (!self->done_) return;
        if (!error) return self->received(size);
        const std::string why =
            error == asio::error::eof ? "closed inside the greeting" : error.message();
        self->finish(tl::unexpected(why + "; " + self->so_far()));
      });
}

void GreetingReader::received(std::size_t size) {
  bytes_.insert(bytes_.end(), buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(size));
  const auto decoded = wire::decode_greeting(bytes_, reader_);
  if (!decoded) return finish(tl::unexpected(to_string(decoded.error()) + "; " + so_far()));
  if (!*decoded) return read();
  const wire::Greeting& greeting = **decoded;
  finish(Greeted{greeting.message, greeting.size,
                 Bytes(bytes_.begin() + static_cast<std::ptrdiff_t>(greeting.size), bytes_.end())});
}

void GreetingReader::finish(Result result) {
  timer_.cancel();
  if (!result) stream_->close();
  const auto done = std::move(done_);
  done_ = nullptr;
  done(std::move(result));
}

std::string GreetingReader::so_far() const {
  return std::to_string(bytes_.size()) + " bytes read: " + excerpt(bytes_);
}

}  // namespace zkprobe::net
